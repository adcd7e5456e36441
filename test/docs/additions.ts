// One new thing of each kind that docs/adding.md tells of: its first change, and the others that make it compile.

import type { Edit } from '../support/variant.ts';

export type Addition = {
  /** What one begins with; the compiler then names the rest. */
  readonly first: readonly Edit[];
  /** The least that makes it compile again. */
  readonly rest: readonly Edit[];
};

/** Puts `more` before or after what stands in the file once. */
const before = (path: string, at: string, more: string): Edit => ({ path, from: at, to: more + at });
const after = (path: string, at: string, more: string): Edit => ({ path, from: at, to: at + more });

const REQUEST = 'src/domain/request/request.ts';
const POLICY = 'src/domain/policy/policy.ts';
const SCHEMA = 'src/policy/schema.ts';
const CREDENTIAL_SCHEMA = 'src/policy/credential-schema.ts';
const MEMBERSHIP = 'src/domain/people/membership.ts';
const USER_GROUP = '  readonly slack_user_group: string | null;\n';
const APPLY_GROUPS = 'src/service/admin/apply-groups.ts';
const DIRECTORY = "    case 'directory':\n";
const USE_CASES = 'src/service/use-cases.ts';
const NEEDY = (name: string, input: string) =>
  `/** Does nothing. */\nexport async function ${name}(deps: { readonly ring: () => void }, ${input}): Promise<void> {\n  deps.ring();\n}\n\n`;

/** A member of an approver group, in the policy file and as requests find it. */
const groupMember = (name: string, type: string): readonly Edit[] =>
  [POLICY, 'src/domain/request/record.ts'].map((path) => after(path, USER_GROUP, `  readonly ${name}: ${type};\n`));

/** Its form, its column, and how it comes from the one to the other. */
const groupValue = (name: string, form: string, column: 'boolean' | 'text'): readonly Edit[] => [
  after(
    'src/service/admin/propose.ts',
    '    slack_user_group: null,\n',
    `    ${name}: ${column === 'boolean' ? 'false' : 'null'},\n`,
  ),
  after('src/policy/group-schema.ts', 'export const group = z.strictObject({\n', `  ${name}: ${form},\n`),
  after('src/db/tables.ts', "  slack_user_group: 'text',\n", `  ${name}: '${column}',\n`),
  {
    path: APPLY_GROUPS,
    from: '{ slack_user_group, channel } = group',
    to: `{ slack_user_group, ${name}, channel } = group`,
  },
  { path: APPLY_GROUPS, from: 'name, slack_user_group, channel }', to: `name, slack_user_group, ${name}, channel }` },
];

const CREDENTIALS = 'src/http/api/credentials.ts';
const ROLE = `  role: z.object({ type: z.literal('role'), role: z.string(), lifetime_seconds: z.int() }),\n`;
const anyOf = (kinds: string): Edit => ({
  path: 'src/http/api/wire.ts',
  from: ` ${kinds}.jwt.nullable()`,
  to: ` z.union(Object.values(${kinds})).nullable()`,
});

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
      after(REQUEST, '    on_behalf_of: null,\n', '    order: null,\n'),
    ],
  },
  'A rule option': {
    first: [after(POLICY, '  readonly when?: string;\n', '  readonly is_urgent: boolean;\n')],
    rest: [before(SCHEMA, '  credential: credential.nullable()', '  is_urgent: z.boolean().default(false),\n')],
  },
  'A rule option that reaches the click': {
    first: [
      after(POLICY, '  readonly when?: string;\n', '  readonly is_reason_free: boolean;\n'),
      after(REQUEST, 'export type Requirement = {', ' readonly is_reason_free: boolean;'),
    ],
    rest: [
      before(SCHEMA, '  credential: credential.nullable()', '  is_reason_free: z.boolean().default(false),\n'),
      {
        path: 'src/service/admin/propose.ts',
        from: 'return { stages: [{ approvers: deciding',
        to: 'return { is_reason_free: false, stages: [{ approvers: deciding',
      },
      {
        path: 'src/service/agent/requirement.ts',
        from: 'const requirement = {\n    stages',
        to: 'const requirement = {\n    is_reason_free: rule.is_reason_free,\n    stages',
      },
    ],
  },
  'A group option': {
    first: groupMember('is_quiet', 'boolean'),
    rest: groupValue('is_quiet', 'z.boolean().default(false)', 'boolean'),
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
    first: [{ path: 'src/slack/draw/buttons.ts', from: "'revoke' }", to: "'revoke', later: 'later' }" }],
    rest: [
      after('src/slack/listeners/listen.ts', '  deny: denyClick,\n', '  later: denyClick,\n'),
      after('src/slack/listeners/doors.ts', 'keyof typeof ACTIONS, Gate>> = {\n', "  later: 'by_policy',\n"),
    ],
  },
  'A message kind': {
    first: [{ path: 'src/domain/work/message.ts', from: "'undeliverable' |", to: "'undeliverable' | 'escalation' |" }],
    rest: [
      after('src/domain/work/pending-work.ts', '    const isWanted = {\n', '      escalation: false,\n'),
      after('src/slack/send/refused.ts', "    case 'reminder':\n", "    case 'escalation':\n"),
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
    rest: [
      after(
        'src/domain/credential/scope.ts',
        '  switch (allowed.type) {\n',
        "    case 'role':\n      return isShortEnough && input.type === allowed.type && input.role === allowed.role;\n",
      ),
      after(
        'src/domain/credential/scope.ts',
        '  switch (a.type) {\n',
        "    case 'role':\n      return b.type === a.type && b.role === a.role ? a : null;\n",
      ),
      after(
        CREDENTIAL_SCHEMA,
        'export const credentialForms = {\n',
        "  role: z.strictObject({ type: z.literal('role'), role: z.string(), ...terms }),\n",
      ),
      {
        path: CREDENTIAL_SCHEMA,
        from: 'export const credential = credentialForms.jwt\n',
        to: 'export const credential = z.union([credentialForms.jwt, credentialForms.role])\n',
      },
      after(CREDENTIALS, 'export const askedCredentials = {\n', ROLE),
      after(CREDENTIALS, 'export const credentials = {\n', ROLE),
      after(CREDENTIALS, 'export const claimed = {\n', ROLE),
      anyOf('askedCredentials'),
      anyOf('credentials'),
      {
        path: 'src/service/agent/claim.ts',
        from: "grant.credential.audience,\n      scopes: grant.credential.scopes.join(' ')",
        to: "grant.id,\n      scopes: grant.credential.type === 'jwt' ? grant.credential.scopes.join(' ') : grant.credential.role",
      },
      {
        path: 'src/credentials/issue.ts',
        from: 'ApprovalRequest, CredentialSpec }',
        to: 'ApprovalRequest, JwtCredential as CredentialSpec }',
      },
      after(
        'src/process/use-cases.ts',
        '        const { credential } = grant;\n',
        "        if (credential.type !== 'jwt') throw new PlacetError('internal');\n",
      ),
      {
        path: 'src/service/agent/report.ts',
        from: 'const { audience } = grant.credential;',
        to: "const audience = grant.credential.type === 'jwt' ? grant.credential.audience : grant.credential.role;",
      },
      after(
        'src/slack/draw/request-words.ts',
        "  if (credential === null) return 'none';\n",
        "  if (credential.type === 'role') return credential.role;\n",
      ),
      after(
        'src/slack/draw/card-limits.ts',
        "credential === null ? ''",
        " : credential.type === 'role' ? credential.role",
      ),
      after(
        'src/cli/json.ts',
        '  switch (credential.type) {\n',
        "    case 'role':\n      return { type: credential.type, role: credential.role };\n",
      ),
    ],
  },
  'A source of members': {
    first: [
      after(
        MEMBERSHIP,
        "  | { readonly kind: 'channel_members'; readonly id: string }\n",
        "  | { readonly kind: 'directory'; readonly id: string }\n",
      ),
      after(MEMBERSHIP, 'type Group = {', ' readonly directory?: string | undefined;'),
      before(POLICY, '  readonly on_call?: OnCallEntry | undefined;\n', '  readonly directory?: string | undefined;\n'),
    ],
    rest: [
      {
        path: MEMBERSHIP,
        from: 'sourceOf({ slack_user_group, channel_members, on_call, groups }: Group): MemberSource {\n',
        to: `sourceOf({ slack_user_group, channel_members, on_call, groups, directory }: Group): MemberSource {
          if (directory !== undefined) return { kind: 'directory', id: directory };\n`,
      },
      before(MEMBERSHIP, "    case 'channel_members':\n    case 'on_call':\n      return source;\n", DIRECTORY),
      before(MEMBERSHIP, "      case 'slack_user_group':\n        return person.accounts", "      case 'directory':\n"),
      before('src/cli/group-command.ts', "    case 'on_call':\n      return 'asked", DIRECTORY),
      before('src/cli/group-command.ts', "    case 'groups':\n      return 'other", DIRECTORY),
      ...['src/domain/policy/policy-words.ts', 'src/slack/draw/settings-home.ts'].map((path) =>
        before(path, "    case 'slack_user_group':\n", DIRECTORY),
      ),
      before('src/process/doctor-slack.ts', "    case 'on_call':\n", DIRECTORY),
      before(APPLY_GROUPS, "    case 'on_call':\n", DIRECTORY),
    ],
  },
  'A CLI command': {
    first: [
      before(
        'src/service/admin/read.ts',
        '/** Request records, newest',
        NEEDY('purge', '_input: { readonly tenant_id: string }'),
      ),
      { path: USE_CASES, from: 'pageAuditEvents, showRequest }', to: 'pageAuditEvents, purge, showRequest }' },
      after(USE_CASES, '  showRequest,\n  listAuditEvents,\n', '  purge,\n'),
    ],
    rest: [
      after('src/process/admin.ts', 'export type AdminDeps = ServiceDeps &', ' { readonly ring: () => void } &'),
      {
        path: 'src/process/admin.ts',
        from: 'findAccount, ...made };',
        to: 'findAccount, ...made, ring: () => undefined };',
      },
    ],
  },
};
