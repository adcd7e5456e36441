// The servers that every other test relies on.
import { expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import pg from 'pg';
import { superuserUrl, temporalAddress } from '../support/stack.ts';

test('the tests run on a real PostgreSQL 18', async () => {
  const client = new pg.Client({ connectionString: superuserUrl() });
  await client.connect();
  const { rows } = await client.query<{ version: string }>('select version()');
  await client.end();
  expect(rows[0]?.version).toMatch(/^PostgreSQL 18/);
});

test('the tests run on a real Temporal server', async () => {
  const connection = await Connection.connect({ address: temporalAddress() });
  const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: 'default' });
  await connection.close();
  expect(namespaceInfo?.name).toBe('default');
});
