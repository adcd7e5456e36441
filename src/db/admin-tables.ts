// The column lists of what administers: admin tokens and policy changes. As in tables.ts, the one place that names them. Data
// only.

import type { TokenRole } from '../domain/people/roles.ts';
import type { PolicyDocument } from '../domain/policy/policy.ts';
import { tableOf } from './columns.ts';

export type NewAdminToken = {
  readonly id: string;
  readonly name: string;
  readonly role: TokenRole;
  readonly owner_person_id: string;
  readonly maker_person_id: string | null;
  readonly secret_hash: Uint8Array;
  readonly hint: string;
  readonly expires_at: Date;
};
export type StoredAdminToken = Omit<NewAdminToken, 'owner_person_id' | 'maker_person_id' | 'secret_hash'> & {
  readonly created_at: Date;
  readonly revoked_at: Date | null;
  readonly last_used_at: Date | null;
};

export const ADMIN_TOKENS = tableOf<NewAdminToken, StoredAdminToken>('admin_tokens', {
  id: 'text',
  name: 'text',
  role: 'text',
  owner_person_id: 'text written',
  maker_person_id: 'text written',
  secret_hash: 'bytea written',
  hint: 'text',
  created_at: 'timestamptz read',
  expires_at: 'timestamptz',
  revoked_at: 'timestamptz read',
  last_used_at: 'timestamptz read',
});

export type Proposal = {
  readonly request_id: string;
  readonly base_number: number;
  readonly document: PolicyDocument;
  /** The text that was proposed, comments and all. */
  readonly source: string;
  readonly digest: Uint8Array;
  readonly via: 'api' | 'slack';
  readonly author_kind: 'person' | 'admin_token';
  readonly author_id: string;
};

export const POLICY_PROPOSALS = tableOf<Proposal, Proposal & { readonly outcome: string | null }>('policy_proposals', {
  request_id: 'text',
  base_number: 'integer',
  document: 'jsonb',
  source: 'text',
  digest: 'bytea',
  via: 'text',
  author_kind: 'text',
  author_id: 'text',
  outcome: 'text read',
});
