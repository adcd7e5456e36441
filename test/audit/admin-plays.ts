// What administrators do, each with what makes it ready: by the command line, and through the doors of admin tokens.

import { randomBytes } from 'node:crypto';
import type { Operations } from '../../src/cli/operations.ts';
import type { Transact } from '../../src/db/database.ts';
import { adminTokenHint, hashAdminToken, makeAdminToken } from '../../src/identity/admin-token.ts';
import { authenticateToken } from '../../src/identity/authenticate.ts';
import { type AdminDeps, freshKey } from '../../src/process/admin.ts';
import { digestAction } from '../../src/process/digests.ts';
import { newId } from '../../src/process/wiring.ts';
import { findTokenBearer } from '../../src/service/admin/tokens.ts';
import type { RequestView } from '../../src/service/agent/request-view.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { ADMIN_USE_CASES, bindInTenant, OPERATOR_USE_CASES, SETTINGS_USE_CASES } from '../../src/service/use-cases.ts';
import { fitsCard } from '../../src/slack/draw/card-limits.ts';
import { ROLES, text, wider } from '../service/administering.ts';
import {
  apply,
  makeClick,
  makePerson,
  makePolicy,
  makeProfile,
  makeRule,
  nobody,
  OPERATOR,
  sha256,
  TEAM,
  type World,
} from '../support/builders.ts';
import { TENANT } from '../support/database.ts';
import type { UseCase } from './event-types.ts';

/** Makes ready, and answers what the use case then does. */
export type Play = () => Promise<() => Promise<unknown>>;

export type AdminPlays = {
  readonly commands: { readonly [O in keyof Operations]?: Play };
  readonly useCases: { readonly [U in UseCase]?: Play };
  /** A change of policy that waits for a second person. */
  readonly waiting: Play;
};

type Deps = { readonly world: World; readonly transact: Transact; readonly ask: () => Promise<RequestView> };

const BY = { operator: OPERATOR } as const;
const token = (name: string, role: 'admin' | 'policy_editor') => ({
  name,
  role,
  owner_email: 'ed@example.com',
  days: 1,
});

function freshToken() {
  const made = makeAdminToken(randomBytes(32)).unwrap();
  return { token: made, hash: hashAdminToken(made) ?? new Uint8Array(), hint: adminTokenHint(made) };
}

/** The plays on one database. */
export function adminPlays({ world, transact, ask }: Deps): AdminPlays {
  const made = {
    sha256,
    digestAction,
    fitsCard,
    makeAgentKey: freshKey,
    makeAdminToken: freshToken,
    sealSecret: () => randomBytes(40),
  };
  const deps: AdminDeps = { transact, newId, findAccount: nobody, anchors: [], ...made };
  const settings = { ...world.deps, ...deps };
  const inTenant = async (work: (deps: never, tenant_id: string) => unknown) => work(deps as never, TENANT);
  const operator = bindInTenant(inTenant, OPERATOR_USE_CASES);
  const agent = (name: string) => {
    const of = { name, owner_email: 'owner@example.com', is_new_owner: true, environment: 'production', days: 90 };
    return operator.createAgent({ ...of, by: OPERATOR });
  };
  const withRoles = async () => {
    const document = { ...makePolicy(), roles: ROLES };
    await apply(world.service, document);
    for (const address of Object.values(ROLES).flat()) await makePerson(world.service, address);
    return document;
  };
  const bearer = async (name: string) => {
    const { token: secret } = await operator.createToken({ ...token(name, 'policy_editor'), ...BY });
    const findBearer = (hash: Uint8Array) => findTokenBearer(world.service, { tenant_id: TENANT, hash });
    return authenticateToken({ findTokenBearer: findBearer, hashAdminToken }, secret);
  };
  const change = async (by: Parameters<typeof ADMIN_USE_CASES.changePolicy>[1]['by'], source: string) => {
    const { number: base } = await operator.readPolicy({ number: null });
    return ADMIN_USE_CASES.changePolicy(deps, { tenant_id: TENANT, by, base, is_alone_confirmed: false, source });
  };
  const stricter = () => text({ ...makePolicy([makeRule({ quorum: 3 })]), roles: ROLES });
  const fewer = { kind: 'change_group', name: 'payments', add: [], remove: ['cat@example.com'], options: {} } as const;
  /** What a step is of: a text that can be edited. */
  const withText = async () => {
    await withRoles();
    const document = { ...makePolicy([makeRule({ name: `rule-${randomBytes(4).toString('hex')}` })]), roles: ROLES };
    const { number } = await operator.applyPolicy({ document, source: text(document), ...BY });
    return number;
  };
  const label = async () => {
    const name = `labelled-${randomBytes(4).toString('hex')}`;
    await agent(name);
    return () => operator.labelAgent({ name, labels: { team: 'a' }, by: OPERATOR });
  };
  const rollback = async () => {
    await withRoles();
    const { number } = await operator.readPolicy({ number: null });
    await change(OPERATOR, stricter());
    const base = number + 1;
    return () => operator.rollbackPolicy({ number, base, is_alone_confirmed: false, by: OPERATOR });
  };
  const agents: Pick<AdminPlays['commands'], 'createAgent' | 'rotateAgent' | 'revokeAgent'> = {
    createAgent: async () => () => agent(`created-${randomBytes(4).toString('hex')}`),
    rotateAgent: async () => {
      const { name } = await agent(`rotated-${randomBytes(4).toString('hex')}`);
      return () => operator.rotateAgent({ name, overlap_seconds: 0, days: 90, by: OPERATOR });
    },
    revokeAgent: async () => {
      const { name } = await agent(`revoked-${randomBytes(4).toString('hex')}`);
      return () => operator.revokeAgent({ name, by: OPERATOR });
    },
  };
  return {
    useCases: {
      ...agents,
      changePolicy: async () => {
        await withRoles();
        return () => change(OPERATOR, stricter());
      },
      rollbackPolicy: rollback,
      labelAgent: label,
      takeStep: async () => {
        const base = await withText();
        const by = await bearer('stepping');
        const input = { tenant_id: TENANT, by, base, is_alone_confirmed: false, step: fewer };
        return () => ADMIN_USE_CASES.takeStep(deps, input);
      },
      changeSettings: async () => {
        const base = await withText();
        const about = { tenant_id: TENANT, profile: makeProfile('ed'), base, step: fewer };
        const { digest: shown_digest } = await SETTINGS_USE_CASES.planSettings(settings, about);
        const input = { ...about, shown_digest, is_alone_confirmed: false };
        return () => SETTINGS_USE_CASES.changeSettings(settings, input);
      },
      recordTokenRefused: async () => {
        await withRoles();
        const by = await bearer('refused');
        return () => ADMIN_USE_CASES.recordTokenRefused(deps, by, 'agents.change');
      },
    },
    waiting: async () => {
      const document = await withRoles();
      const by = await bearer('proposing');
      return () => change(by, text(wider(document)));
    },
    commands: {
      ...agents,
      applyPolicy: async () => () => {
        const document = { ...makePolicy([makeRule()]), roles: ROLES };
        const { payments } = document.approver_groups;
        const groups = payments === undefined ? {} : { new: { ...payments, channel: 'C0NEW' } };
        const changed = { ...document, approver_groups: { ...document.approver_groups, ...groups } };
        return operator.applyPolicy({ document: changed, source: 'version: 1', ...BY });
      },
      rollbackPolicy: rollback,
      labelAgent: label,
      revokeLease: async () => {
        const request = await ask();
        await decide(world.deps, makeClick(request, 'ann'));
        return () => operator.revokeLease({ of: { request_id: request.id }, by: OPERATOR });
      },
      mergePeople: async () => {
        await decide(world.deps, makeClick(await ask(), 'cat'));
        return () => operator.mergePeople({ who: 'cat@example.com', into: 'ben@example.com', ...BY });
      },
      moveAccount: async () => {
        await decide(world.deps, makeClick(await ask(), 'ann'));
        return () => operator.moveAccount({ account: `${TEAM}/U0ANN`, to: 'owner@example.com', ...BY });
      },
      moveAddress: async () => () =>
        operator.moveAddress({ address: 'ann@example.com', to: 'owner@example.com', ...BY }),
      endAddress: async () => () => operator.endAddress({ address: 'ann@example.com', ...BY }),
      setSourceSecret: async () => () =>
        operator.setSourceSecret({ host: 'oncall.example', secret: 'a bearer of the tests', ...BY }),
      removeSourceSecret: async () => {
        await operator.setSourceSecret({ host: 'gone.example', secret: 'a bearer of the tests', ...BY });
        return () => operator.removeSourceSecret({ host: 'gone.example', ...BY });
      },
      addOwner: async () => () => operator.addOwner({ email: 'first@example.com', is_new_owner: true, ...BY }),
      removeOwner: async () => {
        for (const email of ['gone@example.com', 'stays@example.com'])
          await operator.addOwner({ email, is_new_owner: true, ...BY });
        return () => operator.removeOwner({ email: 'gone@example.com', ...BY });
      },
      createToken: async () => {
        await withRoles();
        return () => operator.createToken({ ...token('made', 'policy_editor'), ...BY });
      },
      revokeToken: async () => {
        await withRoles();
        await operator.createToken({ ...token('ended', 'policy_editor'), ...BY });
        return () => operator.revokeToken({ name: 'ended', ...BY });
      },
    },
  };
}
