// The columns of agents and their keys. As in tables.ts, the one place that names them. Data only.

import type { Labels } from '../domain/people/labels.ts';
import { tableOf } from './columns.ts';

export type NewAgent = {
  readonly id: string;
  readonly name: string;
  readonly owner_person_id: string;
  readonly environment: string;
  readonly labels: Labels;
  readonly is_builtin: boolean;
};
export type StoredAgent = Omit<NewAgent, 'owner_person_id' | 'is_builtin'> & {
  readonly created_at: Date;
  readonly revoked_at: Date | null;
};

export const AGENTS = tableOf<NewAgent, StoredAgent>('agents', {
  id: 'text',
  name: 'text',
  owner_person_id: 'text written',
  environment: 'text',
  labels: 'jsonb',
  is_builtin: 'boolean written',
  created_at: 'timestamptz read',
  revoked_at: 'timestamptz read',
});

export type NewAgentKey = {
  readonly id: string;
  readonly agent_id: string;
  readonly secret_hash: Uint8Array;
  readonly hint: string;
  readonly expires_at: Date;
};

export const AGENT_KEYS = tableOf<NewAgentKey, Pick<NewAgentKey, 'id' | 'hint' | 'expires_at'>>('agent_keys', {
  id: 'text',
  agent_id: 'text written',
  secret_hash: 'bytea written',
  hint: 'text',
  expires_at: 'timestamptz',
});
