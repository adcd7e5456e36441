// The policy commands that go by versions: what is handed over, what a newer version says, and what export prints.

import { describe, expect, test } from '@jest/globals';
import type { Operations } from '../../src/cli/operations.ts';
import { PlacetError } from '../../src/domain/errors.ts';
import { run } from './support.ts';

const POLICY = 'version: 1\nrules: [] # none yet\n';
const FILES = { 'p.yaml': POLICY };
const APPLIED = { kind: 'applied', id: 'pol_1', number: 3, digest: 'sha256:00' } as const;
const VERSION = {
  ...({ id: 'pol_1', number: 3, digest: 'sha256:00', applied_by: 'ops', via: 'api', request_id: null } as const),
  applied_at: new Date('2026-01-15T14:03:00.000Z'),
};

describe('apply says which version its author has seen', () => {
  test.each<[string[], unknown]>([
    [[], 'own'],
    [['--base', '7'], 7],
    [['--force'], 'any'],
  ])('%j', async (options, base) => {
    const bases: unknown[] = [];
    const applyPolicy: Operations['applyPolicy'] = async (input) => {
      bases.push(input.base);
      return APPLIED;
    };
    expect((await run(['policy', 'apply', 'p.yaml', ...options], { applyPolicy }, FILES)).code).toBe(0);
    expect(bases).toEqual([base]);
  });

  test('over a newer version it tells what came in between, applies nothing and ends with 1', async () => {
    const details = { base: 3, newest: 5, changes: ['changes quorum of the rule "refunds": 1 → 2'] };
    const applyPolicy = () => Promise.reject(new PlacetError('policy_changed', details));
    const { code, out, err } = await run(['policy', 'apply', 'p.yaml'], { applyPolicy }, FILES);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('Since version 3, version 5:\n    changes quorum of the rule "refunds": 1 → 2\n');
    expect(err).toContain('--base 5, or --force');
    const json = await run(['policy', 'apply', 'p.yaml', '--json'], { applyPolicy }, FILES);
    expect(JSON.parse(json.err)).toMatchObject({ error: { code: 'policy_changed', ...details } });
  });
});

test('plan says each difference and whether a second person is needed', async () => {
  const planPolicy = async () => ({ base: 3, plan: ['adds the rule "x": {}'], is_widening: true });
  const { code, out } = await run(['policy', 'plan', 'p.yaml'], { planPolicy }, FILES);
  expect([code, out]).toEqual([
    0,
    'Over version 3:\n  adds the rule "x": {}\nThis widens: by the API a second person must agree.\n',
  ]);
});

test('export prints the text as it was applied, comments and all', async () => {
  const document = { version: 1, people: [], approver_groups: {}, rules: [] } as const;
  const readPolicy = async () => ({ ...VERSION, document, source: POLICY });
  expect(await run(['policy', 'export', '3'], { readPolicy })).toEqual({ code: 0, out: POLICY, err: '' });
});

test('history lists who made which version by which door', async () => {
  const listPolicyVersions = async () => ({ items: [VERSION], next_before: null });
  const { out } = await run(['policy', 'history'], { listPolicyVersions });
  expect(out).toMatch(
    /^VERSION +APPLIED +BY +DOOR +REQUEST +DIGEST\n3 +2026-01-15T14:03:00Z +ops +api +- +sha256:00\n$/,
  );
});

test('rollback names the version and what changes with it', async () => {
  const inputs: unknown[] = [];
  const rollbackPolicy: Operations['rollbackPolicy'] = async (input) => {
    inputs.push(input);
    return { ...APPLIED, plan: ['removes the rule "x": {}'] };
  };
  const { code, out } = await run(['policy', 'rollback', '2', '--base', '4'], { rollbackPolicy });
  expect([code, out]).toEqual([0, '  removes the rule "x": {}\nApplied as version 3 (pol_1, sha256:00).\n']);
  expect(inputs).toMatchObject([{ number: 2, base: 4, by: { kind: 'operator' } }]);
});
