// What the product's tests ask for, as an agent.

import type { ApprovalRequest } from '@placet/sdk';
import type { Agent, PolicyFacts } from '../support/product.ts';

type Ask = Parameters<Agent['request']>[0];

/** Asks for a refund, with what the test changes. */
export function ask({ agent }: Pick<PolicyFacts, 'agent'>, changes: Partial<Ask> = {}): Promise<ApprovalRequest> {
  return agent.request({
    action: 'orders.refund',
    resource: 'order/A-1001',
    parameters: { amount: 120, currency: 'EUR' },
    justification: 'The parcel was lost on the way.',
    ...changes,
  });
}
