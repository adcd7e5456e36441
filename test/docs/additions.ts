// One new thing of each kind that docs/adding.md tells of: its first change, and the others that make it compile.

import type { Edit } from '../support/variant.ts';

export type Addition = {
  /** What one begins with; the compiler then names the rest. */
  readonly first: readonly Edit[];
  /** What makes it compile again; null for what would be a feature. */
  readonly rest: readonly Edit[] | null;
};

/** Puts `more` before or after what stands in the file once. */
const before = (path: string, at: string, more: string): Edit => ({ path, from: at, to: more + at });
const after = (path: string, at: string, more: string): Edit => ({ path, from: at, to: at + more });

const REQUEST = 'src/domain/request/request.ts';
const USE_CASES = 'src/service/use-cases.ts';
const NEEDY = (name: string, input: string) =>
  `/** Does nothing. */\nexport async function ${name}(deps: { readonly ring: () => void }, ${input}): Promise<void> {\n  deps.ring();\n}\n\n`;

export const ADDITIONS: Readonly<Record<string, Addition>> = {
  'A request field': {
    first: [after(REQUEST, '  readonly on_behalf_of: string | null;\n', '  readonly order: string | null;\n')],
    rest: [
      after('src/db/tables.ts', "  on_behalf_of: 'text',\n", "  order: 'text',\n"),
      before(
        'src/http/api/wire.ts',
        '    timeout_seconds: z.int()',
        '    order: z.string().nullable().default(null),\n',
      ),
      after(
        'src/http/api/wire.ts',
        '    on_behalf_of: z.string().nullable(),\n',
        '    order: z.string().nullable(),\n',
      ),
      after(
        'src/service/agent/request-view.ts',
        '    on_behalf_of: request.on_behalf_of,\n',
        '    order: request.order,\n',
      ),
      after('src/domain/audit/fold.ts', '      needs_review,\n', '      order: null,\n'),
    ],
  },
  'A rule option': {
    first: [
      after('src/domain/policy/policy.ts', '  readonly timeout_seconds: number;\n', '  readonly is_urgent: boolean;\n'),
    ],
    rest: [
      before(
        'src/policy/schema.ts',
        '  credential: credential.nullable()',
        '  is_urgent: z.boolean().default(false),\n',
      ),
    ],
  },
  'An API operation': {
    first: [
      before('src/service/agent/cancel.ts', '/** Cancels;', NEEDY('prolong', '_caller: AgentPrincipal, _id: string')),
      { path: USE_CASES, from: 'import { cancel }', to: 'import { cancel, prolong }' },
      after(USE_CASES, '  awaitDecision,\n  cancel,\n', '  prolong,\n'),
    ],
    rest: [after('src/process/use-cases.ts', '    known_policies: new Map(),\n', '    ring: () => undefined,\n')],
  },
  'A Slack button': {
    first: [{ path: 'src/slack/draw/buttons.ts', from: "deny: 'deny' }", to: "deny: 'deny', later: 'later' }" }],
    rest: [after('src/slack/listeners/listen.ts', '  deny: denyClick,\n', '  later: denyClick,\n')],
  },
  'A message kind': {
    first: [{ path: 'src/domain/work/message.ts', from: "'undeliverable' |", to: "'undeliverable' | 'escalation' |" }],
    rest: [
      after('src/domain/work/pending-work.ts', '    const isWanted = {\n', '      escalation: false,\n'),
      after('src/slack/send/deliver.ts', "    case 'reminder':\n", "    case 'escalation':\n"),
    ],
  },
  'A credential kind': {
    first: [
      {
        path: REQUEST,
        from: 'export type CredentialSpec = JwtCredential;',
        to: `export type CredentialSpec = JwtCredential | Role;
          type Role = { readonly type: 'role'; readonly role: string; readonly lifetime_seconds: number };`,
      },
    ],
    rest: null,
  },
  'A source of members': {
    first: [
      {
        path: 'src/domain/people/membership.ts',
        from: "{ readonly kind: 'slack_user_group'; readonly id: string };",
        to: "{ readonly kind: 'slack_user_group'; readonly id: string } | { readonly kind: 'channel'; readonly id: string };",
      },
    ],
    rest: null,
  },
  'A CLI command': {
    first: [
      before(
        'src/service/admin/read.ts',
        '/** Request records, newest',
        NEEDY('purge', '_input: { readonly tenant_id: string }'),
      ),
      { path: USE_CASES, from: 'listAuditEvents, showRequest }', to: 'listAuditEvents, purge, showRequest }' },
      after(USE_CASES, '  showRequest,\n  listAuditEvents,\n', '  purge,\n'),
    ],
    rest: [
      after('src/process/admin.ts', 'export type AdminDeps = ServiceDeps &', ' { readonly ring: () => void } &'),
      {
        path: 'src/process/admin.ts',
        from: 'freshKey, findAccount };',
        to: 'freshKey, findAccount, ring: () => undefined };',
      },
    ],
  },
};
