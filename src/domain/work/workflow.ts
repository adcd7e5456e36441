// Names and payloads between the server and the workflow. Ids only: no parameter value and no secret (INV-8).

export const APPROVAL_WORKFLOW = 'approval';
export const NUDGE_SIGNAL = 'nudge';

/** The version that new runs are started with: it says which names of activities stand in their histories. */
export const RUN_VERSION = 2;

export type ApprovalInput = { readonly tenant_id: string; readonly request_id: string };

/** What a run is started with. Those of version 1 did not say so. */
export type RunInput = ApprovalInput & {
  readonly version?: typeof RUN_VERSION;
  /** The card is posted already: a nudge or this moment, in epoch milliseconds, is the first thing to wait for. */
  readonly wake_at_ms?: number;
};

/** The workflow's id: one per request, tenant first so that an operator can list by prefix. */
export function workflowId(input: ApprovalInput): string {
  return `${APPROVAL_WORKFLOW}/${input.tenant_id}/${input.request_id}`;
}
