// Everything of the adapter of LangChain, on one product.
import './attacks.ts';
import './middleware.ts';
import './agent-inbox.ts';
import { expect, test } from '@jest/globals';
import { usePlacet, violations } from '../../test/placet.ts';

test('no approval was run without its people or twice, whatever was tried (INV-10)', async () => {
  expect(await violations(usePlacet().product)).toEqual([]);
});
