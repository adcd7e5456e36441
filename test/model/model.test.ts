// Random programs in four lanes at once on the real product. A short run; for a long one set PLACET_TEST_MODEL_SECONDS,
// for the same programs again PLACET_TEST_MODEL_SEED and PLACET_TEST_MODEL_PATH (scripts/model.mjs does so).

import { randomBytes, randomInt } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Product, startProduct } from '../support/product.ts';
import { isClickError } from './history.ts';
import { perform } from './perform.ts';
import { openPlay } from './play.ts';
import { programs } from './program.ts';

/** What CI plays: a few seconds each on a busy machine of two cores. */
const RUNS = 4;
const CI_SEED = 20_261_121;
/** A playground is slower the more was said in it: so many programs, then a fresh product. */
const RUNS_PER_PRODUCT = 20;
/** Programs that are tried in search of a smaller one that fails too. */
const SHRINKS_MAX = 5;
/** Of so many calls one may be answered with "try again", on a machine that is far too busy. */
const CLICK_ERRORS_PART_MAX = 4;
/** Beyond the time that was asked for: the last product's programs and the shrinking. */
const BEYOND_MS = 600_000;

/** So many programs reach everything below; fewer may miss one of them. */
const RUNS_TO_REACH_ALL = 200;
/** What would prove little if it never happened: each way that a request can go, and what stops it. */
const TO_REACH = [
  ...['pending', 'denied', 'idempotency_conflict', 'credential_exceeds_policy'].map((answer) => `create: ${answer}`),
  ...['Your approval counts', 'Your approval was already counted', 'this is already over', 'this expired'].map(
    (answer) => `approve: ${answer}`,
  ),
  'approve: this was asked for you or by your agent, so somebody else must decide',
  ...['Your approval counts', 'Your denial counts', 'what you were shown is not what would run'].map(
    (answer) => `submit: ${answer}`,
  ),
  ...['claimed', 'already_claimed', 'not_approved', 'no_credential', 'quorum_lost', 'claim_expired', 'not_found'].map(
    (answer) => `claim: ${answer}`,
  ),
  ...['used', 'already_used', 'digest_mismatch', 'lease_expired', 'result_already_reported'].map(
    (answer) => `use: ${answer}`,
  ),
  ...['give_back: revoked', 'give_back: nothing_to_revoke', 'claim: approval_revoked', 'use: lease_revoked'],
  ...['cancel: cancelled', 'cancel: not_pending', 'get: agent_key_invalid', 'report: lease_not_used'],
  ...['list: absent', 'apply: applied 3', 'members: done', 'account: done', 'rotate: rotated', 'revoke: revoked'],
  ...['merge: changed', 'merge: same_person', 'second_address: changed', 'rename: done'],
  ...['move: changed', 'move: unchanged', 'move: not_found'],
  'approve: the address that Slack shows for your account is another person’s here',
  'approve: your account or its address is that of somebody behind this request, or was since it was made, so somebody else must decide',
  'approve: your address in Slack is another one than we know you by',
  ...['approved', 'cancelled', 'denied', 'expired', 'pending'].map((state) => `rows: ${state}`),
];

const { PLACET_TEST_MODEL_SECONDS: seconds, PLACET_TEST_MODEL_SEED: given_seed } = process.env;
const { PLACET_TEST_MODEL_PATH: path } = process.env;
const play_ms = Number(seconds ?? 0) * 1_000;
// CI plays the same programs each time, so that a red run speaks of the change; the long run draws new ones.
const seed = Number(given_seed ?? (play_ms > 0 ? randomInt(2 ** 31) : CI_SEED));

type Played = { programs: number; calls: number; click_errors: number; readonly kinds: Map<string, number> };

test(
  'every answer and the final rows fit an order that the model allows (INV-1 to INV-6)',
  async () => {
    const played: Played = { programs: 0, calls: 0, click_errors: 0, kinds: new Map() };
    const end = Date.now() + play_ms;
    console.log(`Model: seed ${seed}${path === undefined ? '' : `, path ${path}`}`);
    // Each product plays programs of a seed of its own, so that a failure can be played again without those before it.
    for (let product_seed = seed; ; product_seed += 1) {
      await playOn(product_seed, played);
      if (Date.now() >= end) break;
    }
    const kinds = [...played.kinds].sort().map(([kind, count]) => `  ${count} × ${kind}`);
    console.log(`Model: ${played.programs} programs, ${played.calls} calls:\n${kinds.join('\n')}`);
    // Programs that do nothing would fit too.
    expect(played.calls).toBeGreaterThan(played.programs * 10);
    // Nor does it prove much when most of what was asked was never done.
    expect(played.click_errors).toBeLessThan(played.calls / CLICK_ERRORS_PART_MAX);
    expect(played.kinds.get('approve: Your approval counts')).toBeGreaterThan(0);
    if (played.programs < RUNS_TO_REACH_ALL) return;
    expect(TO_REACH.filter((kind) => !played.kinds.has(kind))).toEqual([]);
  },
  play_ms + BEYOND_MS,
);

async function playOn(product_seed: number, played: Played): Promise<void> {
  const product = await startProduct();
  const some = fc.limitShrink(programs, SHRINKS_MAX);
  const property = fc.asyncProperty(some, (program) => playOnce(product, program, played));
  const again = path === undefined ? {} : { path };
  try {
    await fc.assert(property, { seed: product_seed, numRuns: play_ms > 0 ? RUNS_PER_PRODUCT : RUNS, ...again });
  } finally {
    await product.close();
  }
}

async function playOnce(product: Product, program: Parameters<typeof perform>[1], played: Played): Promise<void> {
  const play = await openPlay(product, randomBytes(3).toString('hex'));
  const fault = await perform(play, program).catch((error: Error) => `${error.stack}\n${String(error.cause ?? '')}`);
  played.programs += 1;
  played.calls += play.events.length;
  played.click_errors += play.events.filter(({ answer }) => isClickError(answer)).length;
  for (const { call, answer } of play.events) {
    const kind = `${call.kind}: ${shortOf(answer)}`;
    played.kinds.set(kind, (played.kinds.get(kind) ?? 0) + 1);
  }
  if (fault === null) return;
  // Told at once: the smaller program that is looked for next may fail in another way, or not at all.
  console.log(`Program ${played.programs} of this run:\n${fault}`);
  throw new Error(fault);
}

/** What kind of answer it was: the state that a request is in, the sentence without its details, or the code itself. */
function shortOf(answer: string): string {
  const { state } = /"state":"(?<state>[a-z]+)"/.exec(answer)?.groups ?? {};
  return state ?? answer.replace('Nothing was recorded: ', '').split(/[.:;](?: |$)| at T/)[0] ?? answer;
}
