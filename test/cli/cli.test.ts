// The commands against plain-object operations: what they ask for, what they print, how they end.

import { describe, expect, test } from '@jest/globals';
import { runCli } from '../../src/cli/main.ts';
import type { Io, Operations } from '../../src/cli/operations.ts';
import type { Dossier } from '../../src/domain/dossier.ts';
import { PlacetError } from '../../src/domain/errors.ts';

const POLICY = `version: 1
approver_groups: { payments: { members: [a@example.com], channel: C0PAYMENTS } }
rules:
  - { name: r, match: { action: "*", resource: "*" }, effect: require, approvers: [payments], quorum: 1 }
`;

const unexpected = (name: string) => () => Promise.reject(new Error(`${name} was not expected`));

const idle: Operations = {
  applyPolicy: unexpected('applyPolicy'),
  createAgent: unexpected('createAgent'),
  rotateAgent: unexpected('rotateAgent'),
  revokeAgent: unexpected('revokeAgent'),
  listAgents: unexpected('listAgents'),
  listGroups: unexpected('listGroups'),
  showGroup: unexpected('showGroup'),
  listRequests: unexpected('listRequests'),
  showRequest: unexpected('showRequest'),
  listAuditEvents: unexpected('listAuditEvents'),
  migrate: unexpected('migrate'),
  serve: unexpected('serve'),
  dev: unexpected('dev'),
  doctorChecks: unexpected('doctorChecks'),
  openDemo: unexpected('openDemo'),
};

async function run(
  command: string[],
  operations: Partial<Operations> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    readFile: (path) => {
      const text = files[path];
      if (text !== undefined) return Promise.resolve(new TextEncoder().encode(text));
      return Promise.reject(Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' }));
    },
    operator: 'ops',
  };
  const code = await runCli(command, { ...idle, ...operations }, io);
  return { code, out, err };
}

const APPLIED = { kind: 'applied', id: 'pol_1', number: 3, digest: 'sha256:00' } as const;

describe('policy', () => {
  test('lint of a clean file ends with 0 and counts what it saw', async () => {
    expect(await run(['policy', 'lint', 'p.yaml'], {}, { 'p.yaml': POLICY })).toEqual({
      code: 0,
      out: 'p.yaml: no problems (rules: 1, approver groups: 1, people: 0)\n',
      err: '',
    });
  });

  test('lint of a file with problems ends with 3 and names file, line and column', async () => {
    const files = { 'p.yaml': POLICY.replace('quorum: 1', 'quorum: 2') };
    expect(await run(['policy', 'lint', 'p.yaml'], {}, files)).toEqual({
      code: 3,
      out: '',
      err: 'p.yaml:4:103: rules.0.quorum: quorum 2, but the approvers are 1 in all\n',
    });
    const json = await run(['policy', 'lint', 'p.yaml', '--json'], {}, files);
    expect(json.code).toBe(3);
    expect(JSON.parse(json.out)).toEqual({
      file: 'p.yaml',
      problems: [
        {
          line: 4,
          column: 103,
          path: ['rules', 0, 'quorum'],
          message: 'quorum 2, but the approvers are 1 in all',
        },
      ],
    });
  });

  test('apply of a file with problems applies nothing', async () => {
    const files = { 'p.yaml': POLICY.replace('quorum: 1', 'quorum: 2') };
    expect((await run(['policy', 'apply', 'p.yaml'], {}, files)).code).toBe(3);
  });

  test('apply hands over the document, the text of the file and who applied it', async () => {
    const asked: unknown[] = [];
    const applyPolicy: Operations['applyPolicy'] = async (policy) => {
      asked.push(policy);
      return APPLIED;
    };
    const { code, out } = await run(['policy', 'apply', 'p.yaml'], { applyPolicy }, { 'p.yaml': POLICY });
    expect({ code, out }).toEqual({ code: 0, out: 'Applied as version 3 (pol_1, sha256:00).\n' });
    expect(asked).toMatchObject([{ source: POLICY, applied_by: 'ops', document: { version: 1 } }]);
  });

  test('apply says when nothing changed', async () => {
    const applyPolicy = () => Promise.resolve({ ...APPLIED, kind: 'unchanged' } as const);
    const { out } = await run(['policy', 'apply', 'p.yaml'], { applyPolicy }, { 'p.yaml': POLICY });
    expect(out).toBe('Nothing changed: equal to version 3 (pol_1, sha256:00).\n');
  });

  test('a policy that the server refuses ends with 3 too', async () => {
    const applyPolicy = () => Promise.reject(new PlacetError('policy_invalid', { problems: [] }));
    expect((await run(['policy', 'apply', 'p.yaml'], { applyPolicy }, { 'p.yaml': POLICY })).code).toBe(3);
  });

  test('a file that is not there is one clear line and ends with 1', async () => {
    expect(await run(['policy', 'lint', 'gone.yaml'])).toEqual({
      code: 1,
      out: '',
      err: 'no such file: gone.yaml (ENOENT)\n',
    });
  });
});

const ISSUED = {
  agent_id: 'agt_1',
  name: 'demo',
  environment: 'production',
  key: 'plk_secret',
  expires_at: new Date('2030-01-02T03:04:05.678Z'),
};

describe('agent', () => {
  test('create asks for owner and environment, lower-cases the e-mail, and prints the key once', async () => {
    const asked: unknown[] = [];
    const createAgent: Operations['createAgent'] = async (agent) => {
      asked.push(agent);
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
    expect(asked).toEqual([
      { name: 'demo', owner_email: 'ann@example.com', environment: 'production', days: 90, operator: 'ops' },
    ]);
    expect(JSON.parse((await run([...command, '--json'], { createAgent })).out)).toMatchObject({ key: 'plk_secret' });
  });

  test.each([
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
    [['--overlap', '30m'], 1_800],
    [['--overlap', '0'], 0],
    [[], 86_400],
  ])('rotate %j keeps the old keys for %i seconds', async (options, seconds) => {
    const asked: unknown[] = [];
    const rotateAgent: Operations['rotateAgent'] = async (agent) => {
      asked.push(agent);
      return { ...ISSUED, old_keys_end_at: new Date('2029-01-01T00:00:00Z') };
    };
    const { out } = await run(['agent', 'rotate', 'demo', ...options], { rotateAgent });
    expect(asked).toEqual([{ name: 'demo', overlap_seconds: seconds, days: 90, operator: 'ops' }]);
    expect(out).toContain('Its old keys end at 2029-01-01T00:00:00Z.\n');
  });

  test('list is a table', async () => {
    const listAgents: Operations['listAgents'] = async () => [
      {
        id: 'agt_1',
        name: 'demo',
        owner_email: 'ann@example.com',
        environment: 'production',
        created_at: new Date(0),
        revoked_at: null,
        keys: [{ id: 'agk_1', hint: 'plk_ab12', expires_at: '2030-01-01T00:00:00+00:00' }],
      },
      {
        id: 'agt_2',
        name: 'old-one',
        owner_email: 'bob@example.com',
        environment: 'staging',
        created_at: new Date(0),
        revoked_at: new Date('2029-05-06T07:08:09Z'),
        keys: [],
      },
    ];
    expect((await run(['agent', 'list'], { listAgents })).out).toBe(
      `NAME     ENVIRONMENT  OWNER            KEYS                                  STATE
demo     production   ann@example.com  plk_ab12… until 2030-01-01T00:00:00Z  active
old-one  staging      bob@example.com  -                                     revoked 2029-05-06T07:08:09Z
`,
    );
  });
});

const DOSSIER: Dossier = {
  request: {
    id: 'apr_1',
    tenant_id: 'default',
    agent_id: 'agt_1',
    environment: 'production',
    action: 'orders.refund',
    resource: 'order/A-1\u001b[31m',
    parameters: { amount: 120 },
    digest: 'sha256:aa',
    justification: 'the customer\nasked',
    on_behalf_of: null,
    excluded_people: [],
    effect: 'require',
    state: 'approved',
    policy_id: 'pol_1',
    policy_number: 3,
    rule: 'refunds',
    requirement: { stages: [{ approvers: [{ group_id: 'grp_1', name: 'payments' }], quorum: 1 }] },
    credential: null,
    needs_review: false,
    revision: 2,
    created_at: new Date('2029-01-01T00:00:00Z'),
    expires_at: new Date('2029-01-01T00:10:00Z'),
    closed_at: new Date('2029-01-01T00:01:00Z'),
  },
  agent: { id: 'agt_1', name: 'demo', owner: { id: 'prs_1', email: 'ann@example.com', name: 'Ann' } },
  groups: [],
  decisions: [
    {
      id: 'dec_1',
      request_id: 'apr_1',
      stage: 0,
      person_id: 'prs_2',
      decision: 'approve',
      reason: null,
      digest: 'sha256:aa',
      decided_at: new Date('2029-01-01T00:01:00Z'),
      person: { id: 'prs_2', email: 'bob@example.com', name: 'Bob' },
      slack_team_id: 'T0ACME',
      slack_user_id: 'U0BOB',
    },
  ],
  grant: null,
  lease: null,
  result: null,
};

describe('reading the record', () => {
  test('request show tells the whole story, and no character of an agent reaches the terminal raw', async () => {
    const { out } = await run(['request', 'show', 'apr_1'], { showRequest: async () => DOSSIER });
    expect(out).toBe(`id             apr_1
state          approved
agent          demo (owner ann@example.com)
on behalf of   -
action         orders.refund
resource       order/A-1\\u{1b}[31m
parameters     {
                 "amount": 120
               }
justification  the customer
               asked
digest         sha256:aa
policy         version 3, rule refunds
effect         require
requires       1 of payments
created        2029-01-01T00:00:00Z
expires        2029-01-01T00:10:00Z
closed         2029-01-01T00:01:00Z
decisions      approve by bob@example.com at 2029-01-01T00:01:00Z
lease          -
result         -
`);
  });

  test('request list passes state and limit on', async () => {
    const asked: unknown[] = [];
    const listRequests: Operations['listRequests'] = async (filter) => {
      asked.push(filter);
      return [DOSSIER];
    };
    const { out } = await run(['request', 'list', '--state', 'approved', '--limit', '5'], { listRequests });
    expect(asked).toEqual([{ state: 'approved', limit: 5 }]);
    expect(out.split('\n')[1]).toBe(
      'apr_1  approved  demo   orders.refund  order/A-1\\u{1b}[31m  2029-01-01T00:00:00Z',
    );
  });

  test('audit list with --json is one object with typed facts', async () => {
    const event = {
      id: 'evt_1',
      type: 'decision.refused',
      outcome: 'failure',
      actor_kind: 'person',
      actor_id: 'prs_1',
      request_id: 'apr_1',
      lease_id: null,
      digest: null,
      facts: { why: 'not_in_group', decision: 'approve' },
      occurred_at: new Date('2029-01-01T00:00:00Z'),
    } as const;
    const { out } = await run(['audit', 'list', '--request', 'apr_1', '--json'], {
      listAuditEvents: async (filter) => (filter.request_id === 'apr_1' ? [event] : []),
    });
    expect(JSON.parse(out)).toEqual({ items: [{ ...event, occurred_at: '2029-01-01T00:00:00.000Z' }] });
  });

  test('group show says that Slack keeps the members of its user groups', async () => {
    const { out } = await run(['group', 'show', 'dba'], {
      showGroup: async () => ({
        id: 'grp_1',
        name: 'dba',
        channel: 'C0DBA',
        slack_user_group: 'S0DBA',
        is_retired: false,
        member_count: 0,
        members: [],
      }),
    });
    expect(out).toContain('members           as Slack says, at each click\n');
  });
});

describe('errors', () => {
  const showRequest = () => Promise.reject(new PlacetError('not_found', { request: 'apr_9' }));

  test('are one message with its code, and exit 1', async () => {
    expect(await run(['request', 'show', 'apr_9'], { showRequest })).toEqual({
      code: 1,
      out: '',
      err: 'There is no such thing here. (not_found)\n  request: "apr_9"\n',
    });
  });

  test('are one JSON object with --json', async () => {
    const { err } = await run(['request', 'show', 'apr_9', '--json'], { showRequest });
    expect(JSON.parse(err)).toEqual({
      error: { code: 'not_found', title: 'There is no such thing here.', request: 'apr_9' },
    });
  });
});

describe('doctor', () => {
  const well = { name: 'Node', mend: 'install Node', run: async () => ({ kind: 'well', detail: '20.20.2' }) as const };
  const ill = { name: 'PostgreSQL', mend: 'start it', run: () => Promise.reject(new Error('connection refused')) };

  test('ends with 0 when all is well', async () => {
    expect(await run(['doctor'], { doctorChecks: async () => [well] })).toEqual({
      code: 0,
      out: '✓ Node  20.20.2\n\nAll is well.\n',
      err: '',
    });
  });

  test('ends with 1, goes on after a check that fails, and says how to mend it', async () => {
    const doctorChecks = async () => [ill, well];
    expect(await run(['doctor'], { doctorChecks })).toEqual({
      code: 1,
      out: '✗ PostgreSQL  connection refused\n              mend: start it\n' + '✓ Node        20.20.2\n\n1 to mend.\n',
      err: '',
    });
    expect(JSON.parse((await run(['doctor', '--json'], { doctorChecks })).out)).toEqual({
      ok: false,
      checks: [
        { name: 'PostgreSQL', ok: false, detail: 'connection refused', mend: 'start it' },
        { name: 'Node', ok: true, detail: '20.20.2', mend: null },
      ],
    });
  });
});

test('serve runs the role that was asked for', async () => {
  const roles: string[] = [];
  const serve = async (role: string) => void roles.push(role);
  await run(['serve', '--role', 'worker'], { serve });
  await run(['serve'], { serve });
  expect(roles).toEqual(['worker', 'all']);
});

test('help ends with 0 and documents the exit codes', async () => {
  const { code, out } = await run(['--help']);
  expect(code).toBe(0);
  expect(out).toContain('Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the policy has problems.');
});
