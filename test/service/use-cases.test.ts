// Use cases that are bound together have all that each of them needs: the compiler says so, or this file does not compile.

import { expect, test } from '@jest/globals';
import { bind, bindInTenant } from '../../src/service/use-cases.ts';

const first = (deps: { readonly clock: () => number }, plus: number) => deps.clock() + plus;
const second = (deps: { readonly name: string }, input: { readonly tenant_id: string }) =>
  `${deps.name}/${input.tenant_id}`;

test('each use case gets what it needs, and one that would lack something is an error of the compiler', () => {
  const bound = bind({ clock: () => 1, name: 'a' }, { first, second });
  expect([bound.first(2), bound.second({ tenant_id: 't' })]).toEqual([3, 'a/t']);
  // @ts-expect-error `second` needs a name.
  bind({ clock: () => 1 }, { first, second });
  // @ts-expect-error `first` needs a clock.
  bindInTenant((work) => Promise.resolve(work({ name: 'a' }, 't')), { first, second });
});
