// The statements on agents, policies, roles, admin tokens, proposals, audit events, content views, executions, proofs,
// revocations and keys, naming another tenant’s rows; see statements.ts.
import { numberEvent } from '../../src/audit/record.ts';
import { CLOCK } from '../../src/domain/people/principal.ts';
import { newId } from '../../src/process/wiring.ts';
import { makePolicy } from '../support/builders.ts';
import type { Attempts } from './statements.ts';
import type { Victim } from './victim.ts';

const long_ago = new Date(0);
const soon = () => new Date(Date.now() + 60_000);
const HASH = Buffer.alloc(32, 6);

type AdminFile =
  | ('adminTokens' | 'agents' | 'auditEvents' | 'policies' | 'proposals' | 'replays' | 'roles')
  | ('contentViews' | 'executions' | 'proofs' | 'revocations' | 'signingKeys' | 'sourceSecrets');

/** The arguments after `tx`, for each statement. */
export function adminAttemptsOn(victim: Victim): Pick<Attempts, AdminFile> {
  const { agent_id, person_id, request_id, digest } = victim;
  return {
    executions: {
      insertExecution: [request_id, { idempotency_key: 'evil', digest: 'sha256:evil', started_at: new Date() }],
    },
    revocations: {
      insertRevocation: [request_id, { by_kind: 'operator', by_id: 'evil', account: null, revoked_at: new Date() }],
    },
    proofs: { insertProof: [{ digest: HASH, expires_at: soon() }], removeExpired: [100] },
    signingKeys: {
      readActiveKid: [],
      readActiveKey: [],
      listPublicKeys: [],
      insertKey: [{ kid: 'k'.repeat(43), public_jwk: {}, private_sealed: HASH }],
    },
    contentViews: {
      insertContentView: [request_id, person_id, digest],
      hasContentView: [request_id, person_id, digest],
      countViolations: [],
      judgeDoubts: [''],
    },
    agents: {
      insertAgent: [
        { id: newId('agent'), name: victim.agent_name, owner_person_id: person_id, environment: 'x', labels: {} },
      ],
      insertKey: [{ id: newId('agentKey'), agent_id, secret_hash: HASH, hint: 'evil', expires_at: soon() }],
      addBehind: [agent_id, [person_id]],
      listBehind: [agent_id],
      ensureBuiltin: [{ id: newId('agent'), owner_person_id: person_id, environment: 'x' }],
      shortenKeys: [{ agent_id, but: newId('agentKey'), ends_at: long_ago }],
      revokeAgent: [agent_id],
      setLabels: [agent_id, { team: 'evil' }],
      readAgentFacts: [[agent_id]],
      revokeKeys: [agent_id],
      findAgentByName: [victim.agent_name],
      findFacts: [victim.agent_name],
      listAgents: [1_000],
    },
    sourceSecrets: {
      setSecret: ['oncall.example', HASH],
      removeSecret: ['oncall.example'],
      listSecrets: [],
      readSecret: ['oncall.example'],
    },
    policies: {
      lockPolicies: [],
      holdPolicies: [],
      readNewest: [],
      readNewestWhole: [],
      readNewestDigest: [],
      readVersion: [1],
      listNamedVersions: [1],
      listVersions: [{ before: null, limit: 100 }],
      readNaming: [{ address: victim.email, person_id }],
      listUnnamed: [[victim.email]],
      insertVersion: [
        {
          ...{ id: newId('policy'), number: 1, document: makePolicy(), source: '' },
          ...{ digest: HASH, applied_by: 'eve', via: 'cli', request_id: null },
        },
      ],
    },
    auditEvents: {
      insertEvent: [
        numberEvent({ newId }, new Date(), { type: 'lease.used', outcome: 'success', actor: CLOCK, facts: { use: 1 } }),
      ],
      listEvents: [{ request_id, type: null, limit: 100 }],
      findPosition: [newId('event')],
      pageEvents: [
        { ...{ request_id, type: null, actor_id: null, from_at: null, until_at: null }, before: null, limit: 100 },
      ],
    },
    adminTokens: {
      insertToken: [
        {
          ...{
            id: newId('adminToken'),
            name: 'evil',
            role: 'owner',
            owner_person_id: person_id,
            maker_person_id: null,
          },
          ...{ secret_hash: HASH, hint: 'evil', expires_at: soon() },
        },
      ],
      findLive: [HASH],
      listLive: [],
      listTokens: [100],
      findIdByName: ['evil'],
      revokeToken: [newId('adminToken')],
      touchToken: [newId('adminToken')],
    },
    proposals: {
      insertProposal: [
        {
          ...{ request_id, base_number: 1, document: makePolicy(), source: '', digest: HASH },
          ...{ via: 'api', author_kind: 'person', author_id: person_id },
        },
      ],
      readProposal: [request_id],
      endProposal: [request_id, 'evil'],
      listPending: [{ base_below: 100 }],
      findSame: [{ author_id: person_id, base_number: 1, digest: HASH }],
    },
    replays: { listJudged: [{ from_at: new Date(0), after: '', limit: 100 }] },
    roles: {
      wereHeldByOthers: [[]],
      listHolders: [['owner']],
      listRolesOf: [person_id],
      insertOwner: [person_id],
      endOwner: [person_id],
    },
  };
}
