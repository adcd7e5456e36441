// The form of the roles in the policy file, and of who must agree to its changes.

import { z } from 'zod';
import type { GivenRole } from '../domain/people/roles.ts';
import { email, list } from './forms.ts';
import { approvers, quorum } from './stage-schema.ts';

/** More administrators of one kind than any organisation needs: who holds a role is to be read in one look. */
const ROLE_HOLDERS_MAX = 200;

const holders = list(email, ROLE_HOLDERS_MAX).exactOptional();

export const roles = z.strictObject({
  owner: holders,
  admin: holders,
  policy_editor: holders,
  auditor: holders,
  viewer: holders,
} satisfies Record<GivenRole, z.ZodType>);

export const policyChanges = z.strictObject({
  approvers: approvers.min(1, 'empty: nobody could agree to a change'),
  quorum: quorum.default(1),
});
