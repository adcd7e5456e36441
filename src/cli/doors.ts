// What each command asks of whoever runs it. Today that is the operator, who may do all of it: the last resort of an
// installation.

import type { Gate } from '../domain/people/roles.ts';

export const CLI_DOORS = {
  serve: 'installation.run',
  migrate: 'installation.run',
  doctor: 'installation.run',
  'policy lint': 'open',
  'policy plan': 'policy.try',
  'policy apply': 'policy.change',
  'policy export': 'policy.read',
  'policy history': 'policy.read',
  'policy rollback': 'policy.change',
  'policy explain': 'policy.try',
  'policy replay': 'policy.try',
  'agent create': 'agents.change',
  'agent label': 'agents.change',
  'agent rotate': 'agents.change',
  'agent revoke': 'agents.change',
  'agent list': 'agents.read',
  'owner add': 'installation.run',
  'owner remove': 'installation.run',
  'owner list': 'people.read',
  'token create': 'tokens.change',
  'token revoke': 'tokens.change',
  'token list': 'tokens.change',
  'group list': 'groups.read',
  'group show': 'groups.read',
  'person show': 'people.read',
  'person merge': 'people.change',
  'person move-account': 'people.change',
  'person move-address': 'people.change',
  'person end-address': 'people.change',
  'request list': 'requests.read',
  'request show': 'requests.read',
  'audit list': 'audit.read',
} as const satisfies Readonly<Record<string, Gate>>;
