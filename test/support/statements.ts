// Every statement of src/db by the name under which the program imports its file. Data only.

import * as absences from '../../src/db/absences.ts';
import * as addresses from '../../src/db/addresses.ts';
import * as adminTokens from '../../src/db/admin-tokens.ts';
import * as agents from '../../src/db/agents.ts';
import * as analyze from '../../src/db/analyze.ts';
import * as auditEvents from '../../src/db/audit-events.ts';
import * as checkpoints from '../../src/db/checkpoints.ts';
import * as contentViews from '../../src/db/content-views.ts';
import * as decisions from '../../src/db/decisions.ts';
import * as escalations from '../../src/db/escalations.ts';
import * as executions from '../../src/db/executions.ts';
import * as grants from '../../src/db/grants.ts';
import * as groupParts from '../../src/db/group-parts.ts';
import * as groups from '../../src/db/groups.ts';
import * as identities from '../../src/db/identities.ts';
import * as leases from '../../src/db/leases.ts';
import * as log from '../../src/db/log.ts';
import * as loggedEvents from '../../src/db/logged-events.ts';
import * as messages from '../../src/db/messages.ts';
import * as outbox from '../../src/db/outbox.ts';
import * as people from '../../src/db/people.ts';
import * as policies from '../../src/db/policies.ts';
import * as proofs from '../../src/db/proofs.ts';
import * as proposals from '../../src/db/proposals.ts';
import * as queues from '../../src/db/queues.ts';
import * as recorded from '../../src/db/recorded.ts';
import * as replays from '../../src/db/replays.ts';
import * as requestRecords from '../../src/db/request-records.ts';
import * as requests from '../../src/db/requests.ts';
import * as results from '../../src/db/results.ts';
import * as revocations from '../../src/db/revocations.ts';
import * as roles from '../../src/db/roles.ts';
import * as signingKeys from '../../src/db/signing-keys.ts';
import * as sourceSecrets from '../../src/db/source-secrets.ts';
import * as sweepQueries from '../../src/db/sweep-queries.ts';
import * as tenants from '../../src/db/tenants.ts';
import * as walk from '../../src/db/walk.ts';

export const STATEMENTS = {
  absences,
  addresses,
  adminTokens,
  agents,
  analyze,
  auditEvents,
  checkpoints,
  contentViews,
  decisions,
  escalations,
  executions,
  grants,
  groupParts,
  groups,
  identities,
  leases,
  log,
  loggedEvents,
  messages,
  outbox,
  people,
  policies,
  proofs,
  proposals,
  queues,
  recorded,
  replays,
  requestRecords,
  requests,
  results,
  revocations,
  roles,
  signingKeys,
  sourceSecrets,
  sweepQueries,
  tenants,
  walk,
};

export type Statements = typeof STATEMENTS;
