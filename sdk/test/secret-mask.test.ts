// Guards what leaves the process: no secret does, and yet what was approved is exactly what runs.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createPlacet, type GateOptions, SECRET_RULES, type ToolCall } from '../src/index.ts';
import { createMask, maskKey } from '../src/secret-mask.ts';
import { startWireServer, type WireServer } from './wire-server.ts';

let server: WireServer;
beforeEach(async () => {
  server = await startWireServer();
});
afterEach(() => server.close());

const b64 = (length: number) => 'Zm9vYmFyYmF6cXV4'.repeat(20).slice(0, length);
/** Secrets that nobody has: each in the form of its issuer. */
const CANARIES: readonly [string, string][] = [
  ['AWS', `AKIA${'Q'.repeat(16)}`],
  ['GitHub', `ghp_${b64(36)}`],
  ['GitHub, fine-grained', `github_pat_${b64(30)}`],
  ['GitLab', `glpat-${b64(20)}`],
  ['Google', `AIza${b64(35)}`],
  ['Slack', `xoxb-${b64(24)}`],
  ['Stripe', `sk_live_${b64(24)}`],
  ['a model', `sk-proj-${b64(40)}`],
  ['LangSmith', `lsv2_pt_${b64(32)}`],
  ['npm', `npm_${b64(36)}`],
  ['Placet', `plk_${b64(43)}`],
  ['a JWT', `eyJ${b64(20)}.eyJ${b64(30)}.${b64(43)}`],
  ['a key file', `-----BEGIN EC PRIVATE KEY-----\n${b64(64)}\n-----END EC PRIVATE KEY-----`],
  ['a key file without its end', `-----BEGIN PRIVATE KEY-----\n${b64(64)}`],
  ['a URL', `postgres://app:${b64(12)}@db.example/orders`],
];
const secretIn = (canary: string) => canary.replace(/^postgres:\/\/app:|@db\.example\/orders$/g, '');

const gate = (options: GateOptions = {}) => createPlacet({ url: server.url, apiKey: 'plk_x' }).gate(options);
const call = (parameters: ToolCall['arguments']): ToolCall => {
  return { run: 'thread-1', id: 'call_1', tool: 'deploy', arguments: parameters };
};
const sent = () => JSON.stringify(server.seen);

test.each(CANARIES)(
  'a secret of %s never leaves, wherever it stands, and the tool still gets it',
  async (_name, canary) => {
    const parameters = { text: `use ${canary} now`, deep: [{ list: [canary] }], [canary]: 1 };
    const actions = {
      deploy: (masked: object) => ({
        resource: `site/${Object.keys(masked)[2]?.slice(0, 60)}`,
        justification: `with ${canary}`,
      }),
    };
    let got: unknown;
    const outcome = await gate({ actions }).pass(call(parameters), { tool: (all) => (got = all) });
    expect(outcome.state).toBe('ran');
    expect(got).toEqual(parameters);
    expect(sent()).not.toContain(JSON.stringify(secretIn(canary)).slice(1, -1));
    expect(sent()).toContain('[masked ');
  },
);

test.each(['password', 'api_key', 'apiKey', 'client_secret', 'Authorization', 'access_token', 'private-key'])(
  'all that stands under %s never leaves',
  async (name) => {
    await gate().pass(call({ [name]: ['hunter2', { pin: 4711 }], note: 'x' }), { tool: () => null });
    expect(sent()).not.toMatch(/hunter2|4711/);
    expect(server.seen[0]?.body).toMatchObject({ parameters: { note: 'x' } });
  },
);

test('a rule of the caller masks what only it knows', async () => {
  const mask = [...SECRET_RULES, { name: 'customer', pattern: /\bC-\d+/g }, { name: 'note', field: /^note$/g }];
  await gate({ mask }).pass(call({ who: ['C-17', 'C-18'], note: 'private', other: { note: 'unseen' } }), {
    tool: () => null,
  });
  expect(sent()).not.toMatch(/C-17|C-18|private|unseen/);
});

test('another secret is another action: an approval of one does not run the other', async () => {
  const reference = await gate().ask(call({ password: 'one' }));
  const tool = () => {
    throw new Error('ran');
  };
  await expect(gate().run(call({ password: 'two' }), { reference, tool })).rejects.toMatchObject({
    code: 'action_changed',
  });
  const { id, digest } = reference;
  expect(await gate().ask(call({ password: 'one' }))).toMatchObject({ id, digest });
});

describe('a mask', () => {
  const mask = createMask(maskKey('plk_x'), SECRET_RULES);

  test('cannot be written by hand: text that reads like one is masked, too', () => {
    const made = mask.text(`AKIA${'Q'.repeat(16)}`);
    expect(made).toMatch(/^\[masked aws_key [\w-]{22}\]$/);
    expect(mask.text(made)).not.toBe(made);
  });

  test('under the key of another agent is another one, so that nobody who reads the record can try values', () => {
    const other = createMask(maskKey('plk_y'), SECRET_RULES);
    expect(other.parameters({ password: 'one' })).not.toEqual(mask.parameters({ password: 'one' }));
  });

  test('leaves all else as it is, and different values different', () => {
    const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<never>;
    const names = fc.constantFrom('a', 'password', 'note', '__proto__');
    fc.assert(
      fc.property(fc.dictionary(names, value, { noNullPrototype: true }), fc.dictionary(names, value), (one, other) => {
        const [first, second] = [mask.parameters(one), mask.parameters(other)];
        expect(JSON.stringify(first) === JSON.stringify(second)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
    expect(mask.parameters({ a: 'text', b: [1, true, null] })).toEqual({ a: 'text', b: [1, true, null] });
  });
});
