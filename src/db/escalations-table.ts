// The columns of escalations, which a request's record holds too.

import type { AskedGroup } from '../domain/request/request.ts';
import { tableOf } from './columns.ts';

/** A group that an escalation added to a stage. */
export type EscalationRow = AskedGroup & {
  readonly request_id: string;
  readonly stage: number;
  readonly escalated_at: Date;
};

export const ESCALATIONS = tableOf<EscalationRow, EscalationRow>('escalations', {
  request_id: 'text',
  stage: 'integer',
  group_id: 'text',
  name: 'text',
  escalated_at: 'timestamptz',
});
