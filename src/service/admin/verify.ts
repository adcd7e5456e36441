// Verify: whether the log is whole, and the record says what its events say, request by request. Changes nothing.

import type { Anchor } from '../../audit/anchor.ts';
import { compareRequest, type Finding } from '../../audit/compare.ts';
import { type AnchoredNotes, walkLog } from '../../audit/walk.ts';
import { inOrder } from '../../db/in-order.ts';
import * as log from '../../db/log.ts';
import * as loggedEvents from '../../db/logged-events.ts';
import * as recorded from '../../db/recorded.ts';
import type { ServiceDeps } from '../deps.ts';

export type VerifyDeps = Pick<ServiceDeps, 'transact'> & {
  /** What stands outside of the database. */
  readonly anchors: readonly Anchor[];
};

export type Verified = {
  /** How many events have their place in the log. */
  readonly logged: number;
  readonly requests: number;
  readonly events: number;
  readonly findings: readonly Finding[];
};

/** So many requests are looked at in one transaction. */
const PAGE = 50;
/** Past so many, whoever reads them knows enough. */
const FINDINGS_MAX = 100;

/** Walks the log, then looks at every request; the first finding of each is told. */
export async function verifyAudit(deps: VerifyDeps, { tenant_id }: { readonly tenant_id: string }): Promise<Verified> {
  const walked = await walkLog({ ...deps, tenant_id }, await readAnchors(deps, tenant_id));
  let requests = 0;
  let events = 0;
  const findings: Finding[] = walked.finding === null ? [] : [walked.finding];
  for (let after: string | null = null, isDone = false; !isDone && findings.length < FINDINGS_MAX; ) {
    const page = await deps.transact(tenant_id, async (tx) => {
      const ids = await recorded.listIds(tx, after, PAGE);
      const looked = [];
      for (const id of ids) {
        const [placed, rows] = await inOrder(tx, [
          (tx) => loggedEvents.listOfRequest(tx, id),
          (tx) => recorded.readRecorded(tx, id),
        ]);
        if (rows !== null) looked.push({ id, placed, finding: compareRequest(id, { placed, rows }) });
      }
      return looked;
    });
    for (const { id, placed, finding } of page) {
      after = id;
      requests += 1;
      events += placed.length;
      if (finding !== null) findings.push(finding);
    }
    isDone = page.length < PAGE;
  }
  return { logged: walked.size, requests, events, findings };
}

/** What the anchors hold of the log; one that cannot be read is an error, since it may hold what would be found. */
async function readAnchors(deps: VerifyDeps, tenant_id: string): Promise<readonly AnchoredNotes[]> {
  const found = await deps.transact(tenant_id, (tx) => log.readLog(tx));
  if (found === null) return [];
  const held: AnchoredNotes[] = [];
  for (const { name, read } of deps.anchors) held.push({ name, notes: await read(found.origin) });
  return held;
}
