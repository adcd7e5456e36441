// The column lists of what administers: admin tokens and policy changes. As in tables.ts, the one place that names them. Data only.

import type { GivenRole } from '../domain/people/roles.ts';
import { tableOf } from './columns.ts';

export type NewAdminToken = {
  readonly id: string;
  readonly name: string;
  readonly role: GivenRole;
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
