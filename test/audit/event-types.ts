// What each door tells of: every use case, command, button and modal. One that is not listed here does not compile.

import type { Operations } from '../../src/cli/operations.ts';
import type { EventType } from '../../src/domain/audit/event.ts';
import type {
  ADMIN_USE_CASES,
  AGENT_USE_CASES,
  APPROVER_USE_CASES,
  SETTINGS_USE_CASES,
} from '../../src/service/use-cases.ts';
import type { ACTIONS, CALLBACKS } from '../../src/slack/draw/buttons.ts';
import type { SETTINGS_ACTIONS } from '../../src/slack/draw/settings-home.ts';
import type { SETTINGS_CALLBACKS } from '../../src/slack/draw/settings-modals.ts';

/** What a use case tells of when it does what it is for; nothing for one that only reads. */
export type EventTypes = readonly EventType[];
export type UseCase =
  | keyof typeof AGENT_USE_CASES
  | keyof typeof APPROVER_USE_CASES
  | keyof typeof SETTINGS_USE_CASES
  | keyof typeof ADMIN_USE_CASES;
const READS: EventTypes = [];

export const USE_CASE_EVENTS: { readonly [U in UseCase]: EventTypes } = {
  submit: ['approval_request.created'],
  readRequest: READS,
  listRequests: READS,
  awaitDecision: READS,
  cancel: ['approval_request.cancelled'],
  claim: ['credential.issued'],
  exchange: ['credential.issued'],
  introspect: READS,
  revokeCredential: ['approval.revoked', 'lease.revoked'],
  start: ['execution.started'],
  use: ['lease.used'],
  report: ['result.reported'],
  listReceipts: READS,
  showLogKey: READS,
  revokeLease: ['approval.revoked'],
  listJwks: READS,
  decide: ['decision.recorded'],
  recordContentView: ['content.viewed'],
  readCard: READS,
  readClicked: READS,
  listWaitingFor: READS,
  listSources: READS,
  findCard: READS,
  revokeByPerson: ['approval.revoked'],
  requirePermission: READS,
  readSettings: READS,
  planSettings: READS,
  changeSettings: ['policy.applied', 'approver_group.changed'],
  createAgent: ['agent.created', 'agent_key.created'],
  labelAgent: ['agent.labelled'],
  rotateAgent: ['agent_key.rotated'],
  revokeAgent: ['agent.revoked'],
  listAgents: READS,
  readPolicy: READS,
  listPolicyVersions: READS,
  lintPolicy: READS,
  planPolicy: READS,
  changePolicy: ['policy.applied'],
  rollbackPolicy: ['policy.applied'],
  takeStep: ['policy.applied', 'approver_group.changed'],
  explainPolicy: READS,
  replayPolicy: READS,
  listGroups: READS,
  showGroup: READS,
  pageAuditEvents: READS,
  exportAudit: ['audit_export.created'],
  recordTokenRefused: ['admin_token.refused'],
};

/** What is asked by POST, since the question is long, and only reads. */
export const ASKED_BY_POST: readonly UseCase[] = [
  ...(['lintPolicy', 'planPolicy', 'explainPolicy', 'replayPolicy', 'introspect'] as const),
];

export const COMMAND_EVENTS: { readonly [O in keyof Operations]: EventTypes } = {
  applyPolicy: ['policy.applied', 'approver_group.changed'],
  planPolicy: READS,
  readPolicy: READS,
  listPolicyVersions: READS,
  rollbackPolicy: ['policy.applied'],
  explainPolicy: READS,
  replayPolicy: READS,
  labelAgent: ['agent.labelled'],
  createAgent: ['agent.created', 'agent_key.created'],
  rotateAgent: ['agent_key.rotated'],
  revokeAgent: ['agent.revoked'],
  revokeLease: ['approval.revoked'],
  listAgents: READS,
  listGroups: READS,
  showGroup: READS,
  // Asked of the API, whose door tells.
  changeGroup: READS,
  showPerson: READS,
  mergePeople: ['person.merged'],
  moveAccount: ['slack_account.moved'],
  moveAddress: ['person_email.added', 'person_email.ended'],
  endAddress: ['person_email.ended'],
  addOwner: ['role.given'],
  removeOwner: ['role.ended'],
  listRoleHolders: READS,
  createToken: ['admin_token.created'],
  revokeToken: ['admin_token.revoked'],
  listTokens: READS,
  listRequests: READS,
  setSourceSecret: ['source_secret.set'],
  removeSourceSecret: ['source_secret.removed'],
  listSourceSecrets: READS,
  showRequest: READS,
  listAuditEvents: READS,
  verifyAudit: READS,
  exportAudit: ['audit_export.created'],
  reportAudit: READS,
  // The schema, and processes whose doors are the others.
  migrate: READS,
  serve: READS,
  apiUrl: READS,
  doctorChecks: READS,
};

type Button = keyof typeof ACTIONS | keyof typeof SETTINGS_ACTIONS;
type Modal = keyof typeof CALLBACKS | keyof typeof SETTINGS_CALLBACKS;

/** Which use cases a button or a modal leads to. */
export const SLACK: { readonly [D in Button | `modal ${Modal}`]: readonly UseCase[] } = {
  approve: ['decide'],
  // It opens a modal, which says that the content was seen.
  review: ['recordContentView'],
  deny: ['readCard'],
  revoke: ['revokeByPerson'],
  'modal approve': ['decide'],
  'modal reviewMore': ['recordContentView'],
  'modal deny': ['decide'],
  'modal review': ['decide'],
  'modal reviewPage': ['recordContentView'],
  showSettings: ['readSettings'],
  showWaiting: ['listWaitingFor'],
  newGroup: ['readSettings'],
  changeGroup: ['readSettings'],
  deleteGroup: ['planSettings'],
  changeRule: ['readSettings'],
  switchRule: ['planSettings'],
  rollBack: ['planSettings'],
  'modal group': ['planSettings'],
  'modal rule': ['planSettings'],
  'modal step': ['changeSettings'],
};
