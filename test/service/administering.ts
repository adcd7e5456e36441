// An installation whose policy gives roles, for tests of changes of policy: tokens, proposals, clicks and what became of them.

import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect } from '@jest/globals';
import type { AdminTokenPrincipal } from '../../src/domain/people/principal.ts';
import type { PolicyDocument, Rule } from '../../src/domain/policy/policy.ts';
import { adminTokenHint, hashAdminToken, makeAdminToken } from '../../src/identity/admin-token.ts';
import { authenticateToken } from '../../src/identity/authenticate.ts';
import { changePolicy } from '../../src/service/admin/change-policy.ts';
import { createToken, findTokenBearer } from '../../src/service/admin/tokens.ts';
import { readPolicy } from '../../src/service/admin/versions.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { advance } from '../../src/service/clock/advance.ts';
import {
  apply,
  makeClick,
  makePerson,
  makePolicy,
  makeRule,
  makeWorld,
  OPERATOR,
  sha256,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';

export const ROLES = { owner: ['boss@example.com'], admin: ['ben@example.com'], policy_editor: ['ed@example.com'] };
const UNDELIVERABLE = { after_seconds: 60, admin_channel: null };
/** The document as a file says it; JSON is YAML too. */
export const text = ({ rules, ...document }: PolicyDocument) =>
  JSON.stringify({ ...document, rules: rules.map(ruleText) });
const ruleText = ({ effect, quorum, timeout_seconds, credential, ...rule }: Rule) => {
  const { lifetime_seconds, ...rest } = credential ?? { lifetime_seconds: 0 };
  const of_require = effect === 'require' ? { quorum, timeout: `${timeout_seconds}s` } : {};
  return { ...rule, effect, ...of_require, credential: credential && { ...rest, lifetime: `${lifetime_seconds}s` } };
};

/** One more rule, under which less is asked. */
export const wider = (document: PolicyDocument, name = 'reading is free'): PolicyDocument => ({
  ...document,
  rules: [...document.rules, makeRule({ name, effect: 'allow', approvers: [], credential: null })],
});

type Wish = { readonly base?: number; readonly is_alone_confirmed?: boolean };

/** A fresh database and world for each test of the file, and what it does with them. */
export function administering() {
  let database: TestDatabase;
  let world: World;
  beforeEach(async () => {
    database = await createTestDatabase();
    world = await makeWorld(database);
  });
  afterEach(() => database.drop());
  const deps = () => ({ ...world.deps, sha256 });
  async function token(owner_email = 'ed@example.com'): Promise<AdminTokenPrincipal> {
    const made = makeAdminToken(randomBytes(32)).unwrap();
    const makeAdmin = () => ({
      token: made,
      hash: hashAdminToken(made) ?? new Uint8Array(),
      hint: adminTokenHint(made),
    });
    const name = `t-${randomBytes(4).toString('hex')}`;
    const input = { tenant_id: TENANT, operator: OPERATOR, name, role: 'policy_editor', owner_email, days: 1 } as const;
    await createToken({ ...world.service, makeAdminToken: makeAdmin }, input);
    const findBearer = (hash: Uint8Array) => findTokenBearer(world.service, { tenant_id: TENANT, hash });
    return authenticateToken({ findTokenBearer: findBearer, hashAdminToken }, made);
  }

  async function withRoles(change: Partial<PolicyDocument> = {}): Promise<PolicyDocument> {
    const document = { ...makePolicy(), roles: ROLES, ...change };
    await apply(world.service, document);
    for (const address of Object.values(ROLES).flat()) await makePerson(world.service, address);
    return document;
  }

  const newest = async () => readPolicy(world.service, { tenant_id: TENANT, number: null });
  async function change(
    by: AdminTokenPrincipal,
    document: PolicyDocument,
    { base, is_alone_confirmed = false }: Wish = {},
  ) {
    const seen = base ?? (await newest()).number;
    return changePolicy(deps(), { tenant_id: TENANT, by, base: seen, is_alone_confirmed, source: text(document) });
  }
  async function propose(by: AdminTokenPrincipal, document: PolicyDocument) {
    const changed = await change(by, document);
    if (changed.kind !== 'proposed') throw new Error(`it was ${changed.kind}`);
    const [request] = await database.asSuperuser<{ id: string; digest: string; state: string; canonical: Buffer }>(
      'select id, digest, state, canonical from placet.approval_requests where id = $1',
      [changed.request_id],
    );
    if (request === undefined) throw new Error('there is no such request');
    return request;
  }
  const click = (request: { id: string; digest: string }, name: string, more = {}) =>
    decide(world.deps, makeClick(request, name, more));
  const look = (request_id: string) =>
    advance({ ...world.service, undeliverable: UNDELIVERABLE }, { tenant_id: TENANT, request_id });
  const eventsOf = (type: string) =>
    database.asSuperuser<{ facts: Record<string, unknown>; actor_kind: string; request_id: string | null }>(
      'select facts, actor_kind, request_id from placet.audit_events where type = $1 order by position',
      [type],
    );
  const invariants = async () => {
    for (const view of ['executed_without_approval', 'executed_twice'])
      expect([view, await database.asSuperuser(`select * from placet.${view}`)]).toEqual([view, []]);
  };
  return {
    ...{ deps, token, withRoles, newest, change, propose, click, look, eventsOf, invariants },
    world: () => world,
    database: () => database,
  };
}
