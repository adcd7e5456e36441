// All statements, grouped by aggregate, as one plain object to pass in. Holds no statement itself.

import * as agents from './agents.ts';
import * as audit from './audit-events.ts';
import * as decisions from './decisions.ts';
import * as requestRecords from './request-records.ts';
import * as forgotten from './sweep-queries.ts';
import * as grants from './grants.ts';
import * as groups from './groups.ts';
import * as keys from './signing-keys.ts';
import * as leases from './leases.ts';
import * as messages from './messages.ts';
import * as outbox from './outbox.ts';
import * as people from './people.ts';
import * as policies from './policies.ts';
import * as requests from './requests.ts';
import * as results from './results.ts';
import * as tenants from './tenants.ts';
import * as views from './content-views.ts';

export const store = {
  agents,
  audit,
  decisions,
  requestRecords,
  forgotten,
  grants,
  groups,
  keys,
  leases,
  messages,
  outbox,
  people,
  policies,
  requests,
  results,
  tenants,
  views,
};

export type Store = typeof store;
