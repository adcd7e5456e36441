// What a thread keeps of an approval that it waits for: a reference, in LangGraph's own interrupt. It says where to look, and
// decides nothing, so that whoever edits it gains nothing.
import type { CallReference } from '@placet/sdk';

/** The value of the interrupt, for whoever looks at the thread. */
export type ApprovalInterrupt = { readonly placet: CallReference & { readonly tool: string } };

/** What a thread is resumed with once the request is decided. It says that it is, and not how. */
export const DECIDED = 'decided';

type Interrupted = {
  readonly tasks: readonly { readonly interrupts: readonly { readonly id?: string; readonly value?: unknown }[] }[];
};

/** The approvals that a thread's state waits for, each with the id of its interrupt; those of others are left out. */
export function approvalInterruptsOf({
  tasks,
}: Interrupted): { readonly id: string; readonly value: ApprovalInterrupt }[] {
  return tasks
    .flatMap(({ interrupts }) => interrupts)
    .flatMap(({ id, value }) => (id !== undefined && isOurs(value) ? [{ id, value }] : []));
}

function isOurs(value: unknown): value is ApprovalInterrupt {
  if (typeof value !== 'object' || value === null || !('placet' in value)) return false;
  const { placet } = value;
  return typeof placet === 'object' && placet !== null && 'id' in placet && typeof placet.id === 'string';
}
