// Everything of the adapter of MCP, on one product; the server for agents that have nothing else comes last, with a policy of
// its own.
import './holds.ts';
import './approval-server.ts';
import { expect, test } from '@jest/globals';
import { usePlacet, violations } from '../../test/placet.ts';

test('no approval was run without its people or twice, whatever was tried (INV-10)', async () => {
  expect(await violations(usePlacet().product)).toEqual([]);
});
