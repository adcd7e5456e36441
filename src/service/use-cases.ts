// The use cases of each door, each named once: a door's type and its binding to the dependencies are made from these lists.

import { createAgent, labelAgent, listAgents, revokeAgent, rotateAgent } from './admin/agents.ts';
import { applyPolicy } from './admin/apply-policy.ts';
import { changePolicy, planPolicy, rollbackPolicy, takeStep } from './admin/change-policy.ts';
import { explainPolicy } from './admin/explain-policy.ts';
import { exportAudit } from './admin/export.ts';
import { listGroups, showGroup } from './admin/groups.ts';
import { addOwner, listRoleHolders, removeOwner } from './admin/owners.ts';
import { endAddress, mergePeople, moveAccount, moveAddress, showPerson } from './admin/people.ts';
import { listRequests as listAllRequests, listAuditEvents, pageAuditEvents, showRequest } from './admin/read.ts';
import { replayPolicy } from './admin/replay-policy.ts';
import { reportAudit } from './admin/report.ts';
import { changeSettings, planSettings, readSettings, requirePermission } from './admin/settings.ts';
import { listSourceSecrets, removeSourceSecret, setSourceSecret } from './admin/source-secrets.ts';
import { createToken, listTokens, recordTokenRefused, revokeToken } from './admin/tokens.ts';
import { verifyAudit } from './admin/verify.ts';
import { lintPolicy, listPolicyVersions, readPolicy } from './admin/versions.ts';
import { cancel } from './agent/cancel.ts';
import { claim } from './agent/claim.ts';
import { exchange } from './agent/exchange.ts';
import { introspect } from './agent/introspect.ts';
import { awaitDecision, listRequests, readRequest } from './agent/read.ts';
import { listReceipts, showLogKey } from './agent/receipts.ts';
import { report } from './agent/report.ts';
import { revokeCredential } from './agent/revoke-credential.ts';
import { listJwks } from './agent/signing.ts';
import { start } from './agent/start.ts';
import { submit } from './agent/submit.ts';
import { use } from './agent/use.ts';
import { findCard, readCard, readClicked, recordContentView } from './approver/approver.ts';
import { decide } from './approver/decide.ts';
import { revokeByPerson } from './approver/revoke.ts';
import { listSources, listWaitingFor } from './approver/waiting.ts';
import { revokeLease } from './revoke-lease.ts';

/** What an agent, its tool, and whoever verifies a credential may ask for. */
export const AGENT_USE_CASES = {
  submit,
  readRequest,
  listRequests,
  awaitDecision,
  cancel,
  claim,
  start,
  use,
  report,
  listReceipts,
  showLogKey,
  exchange,
  introspect,
  revokeCredential,
  revokeLease,
  listJwks,
};

/** What an approver may ask for. */
export const APPROVER_USE_CASES = {
  decide,
  recordContentView,
  readCard,
  readClicked,
  listWaitingFor,
  listSources,
  findCard,
  revokeByPerson,
};

/** What people with a role may ask for where they talk. */
export const SETTINGS_USE_CASES = { requirePermission, readSettings, planSettings, changeSettings };

/** What an admin token may ask for; each takes one input, with the tenant in it. */
export const ADMIN_USE_CASES = {
  createAgent,
  labelAgent,
  rotateAgent,
  revokeAgent,
  revokeLease,
  listAgents,
  readPolicy,
  listPolicyVersions,
  lintPolicy,
  planPolicy,
  changePolicy,
  rollbackPolicy,
  takeStep,
  explainPolicy,
  replayPolicy,
  listGroups,
  showGroup,
  pageAuditEvents,
  exportAudit,
  recordTokenRefused,
};

/** What an operator may ask for; each takes one input, with the tenant in it. */
export const OPERATOR_USE_CASES = {
  applyPolicy,
  planPolicy,
  readPolicy,
  listPolicyVersions,
  rollbackPolicy,
  explainPolicy,
  replayPolicy,
  createAgent,
  labelAgent,
  rotateAgent,
  revokeAgent,
  revokeLease,
  listAgents,
  listGroups,
  showGroup,
  showPerson,
  mergePeople,
  moveAccount,
  moveAddress,
  endAddress,
  addOwner,
  removeOwner,
  listRoleHolders,
  createToken,
  revokeToken,
  listTokens,
  setSourceSecret,
  removeSourceSecret,
  listSourceSecrets,
  listRequests: listAllRequests,
  showRequest,
  listAuditEvents,
  verifyAudit,
  exportAudit,
  reportAudit,
};

type UseCase = (deps: never, ...input: never[]) => unknown;

/** The use cases with their dependencies filled in. Each throws PlacetError, and `unavailable` when a part of ours is down. */
export type Bound<U> = {
  readonly [Name in keyof U]: U[Name] extends (deps: never, ...input: infer Input) => infer Answer
    ? (...input: Input) => Answer
    : never;
};

type DepsOf<U> = {
  [Name in keyof U]: U[Name] extends (deps: infer Deps, ...input: never) => unknown ? (deps: Deps) => void : never;
};
/** In brackets, so that the union of functions is asked as one: what satisfies each of them, not any of them. */
type AllOf<F> = [F] extends [(deps: infer Deps) => void] ? Deps : never;
/** What all of them together need. */
type Needed<U> = AllOf<DepsOf<U>[keyof U]>;

/** Fills in the dependencies of a list of use cases. */
export function bind<U extends Readonly<Record<string, UseCase>>>(deps: Needed<U>, useCases: U): Bound<U> {
  const bound = Object.entries<UseCase>(useCases).map(([name, useCase]) => [
    name,
    (...input: never[]) => useCase(deps as never, ...input),
  ]);
  return Object.fromEntries(bound) as Bound<U>;
}

type OfOperator<Input> = Omit<Input, 'tenant_id'>;

/** The operator's use cases without dependencies and tenant: whoever binds them knows both. */
export type InTenant<U> = {
  readonly [Name in keyof U]: U[Name] extends (deps: never, input: infer Input) => infer Answer
    ? (...input: keyof OfOperator<Input> extends never ? [] : [OfOperator<Input>]) => Answer
    : never;
};

/** Binds each use case to a run of its own, which opens what is needed and closes it again. */
export function bindInTenant<U extends Readonly<Record<string, UseCase>>>(
  run: (work: (deps: Needed<U>, tenant_id: string) => unknown) => Promise<unknown>,
  useCases: U,
): InTenant<U> {
  const bound = Object.entries<UseCase>(useCases).map(([name, useCase]) => [
    name,
    (input: object = {}) => run((deps, tenant_id) => useCase(deps as never, { ...input, tenant_id } as never)),
  ]);
  return Object.fromEntries(bound) as InTenant<U>;
}
