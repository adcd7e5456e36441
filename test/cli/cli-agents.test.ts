// The agent commands: what they ask for and print; and that wrong usage of any command does nothing.

import { describe, expect, test } from '@jest/globals';
import type { Operations } from '../../src/cli/operations.ts';
import { operatorPrincipal } from '../../src/domain/people/principal.ts';
import { run } from './support.ts';

const ISSUED = {
  agent_id: 'agt_1',
  name: 'demo',
  environment: 'production',
  key: 'plk_secret',
  expires_at: new Date('2030-01-02T03:04:05.678Z'),
};

describe('agent', () => {
  test('create asks for owner and environment, lower-cases the e-mail, and prints the key once', async () => {
    const input: unknown[] = [];
    const createAgent: Operations['createAgent'] = async (agent) => {
      input.push(agent);
      return ISSUED;
    };
    const command = ['agent', 'create', 'demo', '--owner', 'Ann@Example.com', '--environment', 'production'];
    const { code, out } = await run(command, { createAgent });
    expect({ code, out }).toEqual({
      code: 0,
      out:
        'Agent demo (production), key valid until 2030-01-02T03:04:05Z.\n' +
        'Keep the key now, it is not shown again:\n  plk_secret\n',
    });
    expect(input).toEqual([
      {
        name: 'demo',
        owner_email: 'ann@example.com',
        is_new_owner: false,
        environment: 'production',
        labels: {},
        days: 90,
        by: operatorPrincipal('ops'),
      },
    ]);
    expect(JSON.parse((await run([...command, '--json'], { createAgent })).out)).toMatchObject({ key: 'plk_secret' });
  });

  test('create and label pass labels on, and the list shows them', async () => {
    const input: unknown[] = [];
    const createAgent: Operations['createAgent'] = async ({ labels }) => {
      input.push(labels);
      return ISSUED;
    };
    const labelAgent: Operations['labelAgent'] = async ({ name, labels }) => {
      input.push(labels);
      return { agent_id: 'agt_1', name, kind: 'labelled' };
    };
    const command = ['agent', 'create', 'demo', '--owner', 'ann@example.com', '--environment', 'production'];
    await run([...command, '--label', 'team=payments', '--label', 'tier=gold'], { createAgent });
    const { out } = await run(['agent', 'label', 'demo', 'tier=gold', 'team=orders'], { labelAgent });
    const none = await run(['agent', 'label', 'demo'], { labelAgent });
    expect(input).toEqual([{ team: 'payments', tier: 'gold' }, { tier: 'gold', team: 'orders' }, {}]);
    expect([out, none.out]).toEqual(['Agent demo has team=orders tier=gold now.\n', 'Agent demo has no labels now.\n']);
  });

  test.each([
    [['agent', 'create', 'demo', '--owner', 'a@example.com', '--environment', 'p', '--label', 'team']],
    [['agent', 'label', 'demo', 'team=payments', 'team=orders']],
    [['agent', 'label', 'demo', 'te am=payments']],
    [['agent', 'label', 'demo', 'team=']],
    [['agent', 'create', 'demo', '--environment', 'production']],
    [['agent', 'create', 'demo', '--owner', 'ann@example.com']],
    [['agent', 'create', 'Demo', '--owner', 'ann@example.com', '--environment', 'production']],
    [['agent', 'create', 'demo', '--owner', 'ann', '--environment', 'production']],
    [['agent', 'create', 'demo', '--owner', 'ann@example.com', '--environment', 'a b']],
    [['agent', 'create', 'demo', '--owner', 'a@example.com', '--environment', 'p', '--expires-in-days', '366']],
    [['agent', 'rotate', 'demo', '--overlap', '8d']],
    [['agent', 'rotate', 'demo', '--overlap', 'soon']],
    [['request', 'list', '--limit', '0']],
    [['request', 'list', '--state', 'open']],
    [['serve', '--role', 'all-of-it']],
    [['policy', 'lint']],
    [['vote']],
    [['policy']],
    [[]],
  ])('%j is wrong usage: exit 2 and nothing done', async (command) => {
    const { code, err, out } = await run(command);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).not.toBe('');
  });

  test.each([
    ['Demo', 'production', 'It has "D", and an agent must', 'did you mean "demo"?'],
    ['my agent', 'production', 'It has a space, and an agent must', 'did you mean "my-agent"?'],
    ['dеmo', 'production', 'the Cyrillic letter "е" (U+0435, which looks like "e")', 'did you mean "demo"?'],
    ['demo*', 'production', 'It has "*", and an agent must', ''],
    ['a'.repeat(64), 'production', 'An agent has at most 63 characters, and these are 64', ''],
    ['demo', 'prod_eu', 'It has "_", and an environment must', 'did you mean "prod-eu"?'],
    ['demo', '-prod', 'It begins with "-", and an environment must', 'did you mean "prod"?'],
  ])('a name that no agent can have is refused with its character: %s in %s', async (name, environment, has, meant) => {
    const { code, err } = await run([
      'agent',
      'create',
      name,
      '--owner',
      'a@example.com',
      `--environment=${environment}`,
    ]);
    expect(code).toBe(2);
    expect(err).toContain(has);
    expect(err).toContain(meant);
  });

  test.each([
    ['Ann@BÜCHER.example', 'ann@xn--bcher-kva.example'],
    ["o'brien+tag@example.com", "o'brien+tag@example.com"],
  ])('the owner %s is handed over as %s', async (owner, owner_email) => {
    const input: unknown[] = [];
    const createAgent: Operations['createAgent'] = async (agent) => {
      input.push(agent);
      return ISSUED;
    };
    await run(['agent', 'create', 'demo', '--owner', owner, '--environment', 'production'], { createAgent });
    expect(input).toMatchObject([{ owner_email }]);
  });

  test('an owner whose address confuses is refused, with what to write', async () => {
    const { code, err } = await run([
      'agent',
      'create',
      'demo',
      '--owner',
      'ann@ex\u0430mple.com',
      '--environment',
      'p',
    ]);
    expect([code, err]).toEqual([2, expect.stringContaining('if it is meant, write xn--exmple-4nf.com')]);
  });

  test('a duration in other words is answered with ours', async () => {
    const { code, err } = await run(['agent', 'rotate', 'demo', '--overlap', '24 hours']);
    expect([code, err]).toEqual([2, expect.stringContaining('Did you mean 1d?')]);
  });

  test.each([
    [['--overlap', '30m'], 1_800],
    [['--overlap', '0'], 0],
    [[], 86_400],
  ])('rotate %j keeps the old keys for %i seconds', async (options, seconds) => {
    const input: unknown[] = [];
    const rotateAgent: Operations['rotateAgent'] = async (agent) => {
      input.push(agent);
      return { ...ISSUED, old_keys_end_at: new Date('2029-01-01T00:00:00Z') };
    };
    const { out } = await run(['agent', 'rotate', 'demo', ...options], { rotateAgent });
    expect(input).toEqual([{ name: 'demo', overlap_seconds: seconds, days: 90, by: operatorPrincipal('ops') }]);
    expect(out).toContain('Its old keys end at 2029-01-01T00:00:00Z.\n');
  });

  test('list is a table', async () => {
    const listAgents: Operations['listAgents'] = async () => [
      {
        id: 'agt_1',
        name: 'demo',
        owner_email: 'ann@example.com',
        environment: 'production',
        labels: { tier: 'gold', team: 'payments' },
        created_at: new Date(0),
        revoked_at: null,
        keys: [{ id: 'agk_1', hint: 'plk_ab12', expires_at: '2030-01-01T00:00:00+00:00' }],
      },
      {
        id: 'agt_2',
        name: 'old-one',
        owner_email: 'bob@example.com',
        environment: 'staging',
        labels: {},
        created_at: new Date(0),
        revoked_at: new Date('2029-05-06T07:08:09Z'),
        keys: [],
      },
    ];
    expect((await run(['agent', 'list'], { listAgents })).out).toBe(
      `NAME     ENVIRONMENT  LABELS                   OWNER            KEYS                                  STATE
demo     production   team=payments tier=gold  ann@example.com  plk_ab12… until 2030-01-01T00:00:00Z  active
old-one  staging      -                        bob@example.com  -                                     revoked 2029-05-06T07:08:09Z
`,
    );
  });
});
