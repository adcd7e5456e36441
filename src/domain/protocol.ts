// Names and payloads between the server and the workflow. Ids only: no parameter value and no secret (INV-8).

export const TASK_QUEUE_DEFAULT = 'placet';
export const APPROVAL_WORKFLOW = 'approval';
export const NUDGE_SIGNAL = 'nudge';

export type ApprovalInput = { readonly tenant_id: string; readonly request_id: string };

/** What the workflow needs to know to wait: times in epoch milliseconds, read from the record. */
export type Situation = {
  readonly phase: 'pending' | 'running' | 'over';
  /** The card must be drawn again: its revision is behind the record's. */
  readonly is_card_stale: boolean;
  readonly is_reminder_due: boolean;
  readonly is_outcome_untold: boolean;
  /** When to look again without a nudge; null when nothing is left to wait for. */
  readonly wake_at_ms: number | null;
  /** What to do at once before waiting: expire the request or end its lease. */
  readonly due: 'expire' | 'end_lease' | null;
};

/** The workflow's id: one per request, tenant first so that an operator can list by prefix. */
export function workflowId(input: ApprovalInput): string {
  return `approval/${input.tenant_id}/${input.request_id}`;
}
