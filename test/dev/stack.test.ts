// The servers that every other test relies on.
import { expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { superuserUrl, temporalAddress } from '../support/stack.ts';
import { query } from './support.ts';

test('the tests run on a real PostgreSQL 18', async () => {
  const [row] = await query<{ version: string }>(superuserUrl(), 'select version()');
  expect(row?.version).toMatch(/^PostgreSQL 18/);
});

test('the tests run on a real Temporal server', async () => {
  const connection = await Connection.connect({ address: temporalAddress() });
  const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: 'default' });
  await connection.close();
  expect(namespaceInfo?.name).toBe('default');
});
