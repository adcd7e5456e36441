// The rows of one tenant that statements are tried on: a request that was approved and claimed, and what hangs on it.
import * as messages from '../../src/db/messages.ts';
import { newId } from '../../src/process/wiring.ts';
import { TENANT, type TestDatabase } from '../support/database.ts';

const PLACE = { team_id: 'T0ACME', channel_id: 'C0PAYMENTS', ts: '1.000001' };

/** Ids and facts of rows that belong to another tenant. */
export type Victim = {
  readonly request_id: string;
  readonly digest: string;
  readonly idempotency_key: string;
  readonly grant_id: string;
  readonly lease_id: string;
  readonly kid: string;
  readonly agent_id: string;
  readonly agent_name: string;
  readonly person_id: string;
  readonly email: string;
  readonly group_id: string;
  readonly group_name: string;
  readonly message_id: string;
  readonly place: { readonly team_id: string; readonly channel_id: string; readonly ts: string };
  readonly outbox_id: string;
  readonly policy_id: string;
  readonly subject: string;
};

/** What belongs to a request whose credential was claimed; its card is posted. */
export async function describeVictim(
  database: TestDatabase,
  request: { readonly id: string },
  lease_id: string,
): Promise<Victim> {
  const card = await database.transact(TENANT, async (tx) => {
    const row = { request_id: request.id, kind: 'card', destination: PLACE.channel_id } as const;
    const { id } = await messages.claimMessage(tx, { id: newId('message'), ...row });
    await messages.markPosted(tx, id, { ...PLACE, revision: 1, drawn_at: tx.now });
    return id;
  });
  const [row] = await database.asSuperuser<Omit<Victim, 'place' | 'subject'>>(
    `select r.id as request_id, r.digest, r.idempotency_key, r.agent_id, r.policy_id, g.id as grant_id, l.id as lease_id,
       l.kid, a.name as agent_name, d.person_id, p.email, x.id as group_id, x.name as group_name,
       $3 as message_id, (select max(id)::text from placet.outbox) as outbox_id
     from placet.approval_requests r join placet.grants g on g.request_id = r.id join placet.leases l on l.grant_id = g.id
     join placet.agents a on a.id = r.agent_id join placet.decisions d on d.request_id = r.id
     join placet.people_now p on p.id = d.person_id join placet.approver_groups x on x.name = 'payments'
     where r.id = $1 and l.id = $2`,
    [request.id, lease_id, card],
  );
  if (row === undefined) throw new Error('the victim has no story');
  return { ...row, place: PLACE, subject: 'T0ACME/U0ANN' };
}
