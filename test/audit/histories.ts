// What may happen to a request, in whichever order: steps, histories of them, and how they are played.

import fc from 'fast-check';
import { PlacetError } from '../../src/domain/errors.ts';
import { cancel } from '../../src/service/agent/cancel.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { advance } from '../../src/service/clock/advance.ts';
import { makeClick, makeSubmission, type World } from '../support/builders.ts';
import { TENANT } from '../support/database.ts';
import type { TestUseCases } from '../support/use-cases.ts';

const STEPS_MAX = 9;

export type Step =
  | {
      readonly kind: 'decide';
      readonly name: string;
      readonly decision: 'approve' | 'deny';
      readonly reason: string | null;
    }
  | { readonly kind: 'use' | 'cancel' | 'advance' | 'revoke' }
  | { readonly kind: 'claim'; readonly key: string | null }
  | { readonly kind: 'start'; readonly key: string }
  | { readonly kind: 'report'; readonly status: 'succeeded' | 'failed'; readonly detail: string | null }
  | { readonly kind: 'pass'; readonly seconds: number };

const approve = fc.record({
  kind: fc.constant('decide' as const),
  name: fc.constantFrom('ann', 'ben', 'cat', 'olga', 'eve'),
  decision: fc.constantFrom('approve' as const, 'approve' as const, 'approve' as const, 'deny' as const),
  reason: fc.constantFrom('It is what they asked for.', null, 'half \ud83d of it'),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: approve },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('use' as const, 'use', 'cancel', 'advance', 'revoke') }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('claim' as const), key: fc.constantFrom('one', 'two', null) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('start' as const), key: fc.constantFrom('one', 'two') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('report' as const),
      status: fc.constantFrom('succeeded' as const, 'failed' as const),
      detail: fc.constantFrom('all done', null),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.constantFrom(1, 200, 400, 1_000) }),
  },
);
/** What chance alone would seldom begin with. */
const APPROVED: Step = { kind: 'decide', name: 'ann', decision: 'approve', reason: null };
export const CLAIM: Step = { kind: 'claim', key: 'one' };
export const CLAIM_AGAIN: Step = { kind: 'claim', key: 'two' };
export const DONE: Step = { kind: 'report', status: 'succeeded', detail: 'all done' };
const begun = fc.constantFrom<Step[]>(
  [],
  [APPROVED],
  [APPROVED, CLAIM],
  [APPROVED, CLAIM, { kind: 'use' }],
  [APPROVED, CLAIM, { kind: 'claim', key: 'one' }],
  [APPROVED, CLAIM, { kind: 'use' }, DONE, CLAIM_AGAIN, { kind: 'use' }, DONE],
  [APPROVED, CLAIM, { kind: 'pass', seconds: 400 }, CLAIM_AGAIN],
  [{ kind: 'pass', seconds: 1_000 }, { kind: 'advance' }],
);
export type Start = {
  readonly resource: string;
  readonly justification: string | null;
  readonly on_behalf_of: string | null;
};
type History = [start: Start, before: Step[], steps: Step[]];
const BARE = { justification: null, on_behalf_of: null };
/** Histories that are played each time, so that none misses what matters. */
export const ALWAYS: readonly History[] = [
  [{ ...BARE, resource: 'batch/1' }, [], [APPROVED, CLAIM, { kind: 'use' }, DONE, CLAIM_AGAIN, { kind: 'use' }, DONE]],
  [{ ...BARE, resource: 'batch/1' }, [], [APPROVED, CLAIM, { kind: 'pass', seconds: 400 }, CLAIM_AGAIN]],
  [{ ...BARE, resource: 'order/1' }, [], [APPROVED, CLAIM, CLAIM]],
  [{ ...BARE, resource: 'order/1' }, [], [APPROVED, CLAIM, { kind: 'revoke' }, { kind: 'use' }, CLAIM_AGAIN]],
  [{ ...BARE, resource: 'batch/1' }, [], [APPROVED, CLAIM, { kind: 'pass', seconds: 400 }, { kind: 'revoke' }]],
  [{ ...BARE, resource: 'order/1' }, [], [{ kind: 'decide', name: 'ann', decision: 'deny', reason: 'Not this one.' }]],
  [{ ...BARE, resource: 'order/1' }, [], [{ kind: 'pass', seconds: 1_000 }, { kind: 'advance' }]],
  [{ ...BARE, resource: 'order/1' }, [], [{ kind: 'cancel' }]],
  [{ ...BARE, resource: 'two/1' }, [], [{ ...APPROVED, name: 'eve' }, { ...APPROVED, name: 'cat' }, APPROVED, CLAIM]],
  [{ ...BARE, resource: 'gone/1' }, [], [{ ...APPROVED, name: 'eve' }, APPROVED, CLAIM]],
];
const start: fc.Arbitrary<Start> = fc.record({
  resource: fc.constantFrom('order/1', 'batch/1', 'batch/1', 'two/1', 'free/1', 'bare/1', 'gone/1', 'unknown/1'),
  justification: fc.constantFrom('They asked for it.', null),
  on_behalf_of: fc.constantFrom('zoe@example.com', null, 'olga@example.com'),
});
export const histories: fc.Arbitrary<History> = fc.tuple(start, begun, fc.array(step, { maxLength: STEPS_MAX }));

type Playing = {
  readonly world: World;
  readonly api: TestUseCases;
  /** Lets time pass. */
  readonly pass: (seconds: number) => void;
};

/** Plays the history and answers the request's id. What a step is refused is not the question here. */
export async function playSteps(
  { world, api, pass }: Playing,
  first: Partial<Start>,
  steps: readonly Step[],
): Promise<string> {
  const request = await api.submit(world.caller, makeSubmission(first));
  let claimed: { readonly token: string; readonly lease: { readonly id: string } } | null = null;
  const take = async (one: Step): Promise<unknown> => {
    const { id, digest } = request;
    switch (one.kind) {
      case 'decide': {
        const { decision, reason } = one;
        return decide(world.deps, makeClick(request, one.name, { decision, reason }));
      }
      case 'claim':
        claimed = await api.claim(world.caller, id, { idempotency_key: one.key });
        return;
      case 'use':
        return claimed === null ? null : api.use({ lease_id: claimed.lease.id, token: claimed.token, digest });
      case 'cancel':
        return cancel(world.service, world.caller, id);
      case 'revoke': {
        const by = { kind: 'operator', id: 'ops', via: 'cli' } as const;
        return api.revokeLease({ tenant_id: TENANT, of: { request_id: id }, by });
      }
      case 'start':
        return api.start(world.caller, { id, idempotency_key: one.key, digest });
      case 'report': {
        const result = { status: one.status, detail: one.detail, result_digest: null };
        return api.report({ caller: world.caller }, id, result);
      }
      case 'pass':
        return pass(one.seconds);
      case 'advance': {
        const undeliverable = { after_seconds: 3_600, admin_channel: null };
        return advance({ ...world.service, undeliverable }, { tenant_id: TENANT, request_id: id });
      }
    }
  };
  for (const one of steps) {
    await take(one).catch((error: unknown) => {
      if (!(error instanceof PlacetError) || error.code === 'internal') throw error;
    });
  }
  return request.id;
}
