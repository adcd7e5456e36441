// How many places a new thing of a known kind touches, and that the compiler names each one where it is missing.

import { describe, expect, test } from '@jest/globals';
import { brokenBy, type Edit } from '../support/variant.ts';

/** Each test compiles the program a few times. */
const COMPILE_MS = 120_000;

describe('a new field of a request, said by the requester, kept and answered', () => {
  const FIELD: Edit = {
    path: 'src/domain/request/request.ts',
    from: '  readonly on_behalf_of: string | null;\n',
    to: '  readonly on_behalf_of: string | null;\n  readonly ticket: string | null;\n',
  };
  const PLACES: readonly Edit[] = [
    { path: 'src/db/tables.ts', from: "  on_behalf_of: 'text',\n", to: "  on_behalf_of: 'text',\n  ticket: 'text',\n" },
    {
      path: 'src/http/api/wire.ts',
      from: '    timeout_seconds: z.int()',
      to: '    ticket: z.string().nullable().default(null),\n    timeout_seconds: z.int()',
    },
    {
      path: 'src/http/api/wire.ts',
      from: '    on_behalf_of: z.string().nullable(),\n',
      to: '    on_behalf_of: z.string().nullable(),\n    ticket: z.string().nullable(),\n',
    },
    {
      path: 'src/service/agent/request-view.ts',
      from: '    on_behalf_of: request.on_behalf_of,\n',
      to: '    on_behalf_of: request.on_behalf_of,\n    ticket: request.ticket,\n',
    },
  ];
  /** What the compiler does not see: the column itself, and the example in the description of the API. */
  const BESIDE = ['migrations/00NN.sql', 'src/http/api/examples.ts'];

  test(
    'is written in at most six files, and then it compiles',
    async () => {
      expect(new Set([FIELD, ...PLACES].map(({ path }) => path)).size + BESIDE.length).toBeLessThanOrEqual(6);
      expect(await brokenBy([FIELD, ...PLACES])).toEqual([]);
    },
    COMPILE_MS,
  );

  test(
    'is an error of the compiler in each of them where it is missing',
    async () => {
      expect(await brokenBy([FIELD])).toEqual(
        [...new Set(PLACES.map(({ path }) => path)), 'src/http/api/approval-requests.ts'].sort(),
      );
    },
    COMPILE_MS,
  );
});

test(
  'a new kind of credential is an error of the compiler in every place that must know it',
  async () => {
    const kind: Edit = {
      path: 'src/domain/request/request.ts',
      from: 'export type CredentialSpec = JwtCredential;',
      to: `export type CredentialSpec = JwtCredential | Role;
        type Role = { readonly type: 'role'; readonly role: string; readonly lifetime_seconds: number };`,
    };
    expect(await brokenBy([kind])).toEqual([
      'src/credentials/issue.ts',
      'src/domain/credential/scope.ts',
      'src/http/api/approval-requests.ts',
      'src/http/api/credentials.ts',
      'src/policy/schema.ts',
      'src/service/agent/claim.ts',
      'src/service/agent/use.ts',
      'src/slack/draw/card-limits.ts',
      'src/slack/draw/request-words.ts',
    ]);
  },
  COMPILE_MS,
);

test(
  'a new source of members is an error of the compiler in every place that must know it',
  async () => {
    const source: Edit = {
      path: 'src/domain/people/membership.ts',
      from: "{ readonly kind: 'slack_user_group'; readonly id: string };",
      to: "{ readonly kind: 'slack_user_group'; readonly id: string } | { readonly kind: 'channel'; readonly id: string };",
    };
    expect(await brokenBy([source])).toEqual([
      'src/cli/read-commands.ts',
      'src/domain/people/membership.ts',
      'src/domain/policy/policy.ts',
      'src/process/doctor-slack.ts',
    ]);
  },
  COMPILE_MS,
);
