// Everything of the adapter of the Claude Agent SDK, on one product.
import './approvals.ts';
import './attacks.ts';
import { expect, test } from '@jest/globals';
import { usePlacet, violations } from '../../test/placet.ts';

test('no approval was run without its people or twice, whatever was tried (INV-10)', async () => {
  expect(await violations(usePlacet().product)).toEqual([]);
});
