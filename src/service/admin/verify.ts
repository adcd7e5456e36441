// Verify: whether the record says what its events say, request by request. Changes nothing.

import { compareRequest, type Finding } from '../../audit/compare.ts';
import * as auditEvents from '../../db/audit-events.ts';
import { inOrder } from '../../db/in-order.ts';
import * as recorded from '../../db/recorded.ts';
import type { ServiceDeps } from '../deps.ts';

export type Verified = {
  readonly requests: number;
  readonly events: number;
  readonly findings: readonly Finding[];
};

/** So many requests are looked at in one transaction. */
const PAGE = 50;
/** Past so many, whoever reads them knows enough. */
const FINDINGS_MAX = 100;

/** Looks at every request; the first finding of each is told. */
export async function verifyAudit(
  deps: Pick<ServiceDeps, 'transact'>,
  { tenant_id }: { readonly tenant_id: string },
): Promise<Verified> {
  let requests = 0;
  let events = 0;
  const findings: Finding[] = [];
  for (let after: string | null = null, isDone = false; !isDone && findings.length < FINDINGS_MAX; ) {
    const page = await deps.transact(tenant_id, async (tx) => {
      const ids = await recorded.listIds(tx, after, PAGE);
      const looked = [];
      for (const id of ids) {
        const [leaves, rows] = await inOrder(tx, [
          (tx) => auditEvents.listLeaves(tx, id),
          (tx) => recorded.readRecorded(tx, id),
        ]);
        if (rows !== null) looked.push({ id, leaves, finding: compareRequest(id, { leaves, rows }) });
      }
      return looked;
    });
    for (const { id, leaves, finding } of page) {
      after = id;
      requests += 1;
      events += leaves.length;
      if (finding !== null) findings.push(finding);
    }
    isDone = page.length < PAGE;
  }
  return { requests, events, findings };
}
