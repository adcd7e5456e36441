// Nothing half-done: once stories are over, the outbox runs empty, no message waits, no lease outlives its end, and no
// workflow runs for a request that is over. Waits for the sweep, which takes what was forgotten up after half a minute.
import { until } from '../support/wait.ts';
import type { World } from './world.ts';

/** Things count as forgotten after 30 s, a sweep comes every 30 s, Slack is tried again after 15 s; a machine may be busy. */
const SWEPT_MS_MAX = 180_000;

const LEFT = `select 'outbox row of ' || o.request_id as what from placet.outbox o
  union all
  select m.kind || ' of ' || m.request_id || ' is being posted' from placet.slack_messages m
    join placet.approval_requests r on r.id = m.request_id
    where m.state = 'posting' and (m.kind <> 'reminder' or r.state = 'pending')
  union all
  select m.kind || ' of ' || m.request_id || ' shows revision ' || m.revision || ' of ' || r.revision
    from placet.slack_messages m join placet.approval_requests r on r.id = m.request_id
    where m.state = 'posted' and ((m.kind in ('card', 'outcome') and m.revision < r.revision)
      or (m.kind = 'copy' and m.revision = 0))
  union all
  select r.id || ' is pending past its time' from placet.approval_requests r
    where r.state = 'pending' and r.expires_at < now()
  union all
  select r.id || ' has no card' from placet.approval_requests r where r.effect = 'require'
    and not exists (select from placet.slack_messages m where m.request_id = r.id and m.kind = 'card')
  union all
  select r.id || ': its owner is not told' from placet.approval_requests r where r.effect = 'require' and r.state <> 'pending'
    and not exists (select from placet.slack_messages m where m.request_id = r.id and m.kind = 'outcome')
  union all
  select l.id || ' is active' from placet.leases l where l.state = 'active'`;

/** Requests whose run still has something to wait for: the claim, or the end of a lease that was used without a result. */
const AWAITED = `select r.id from placet.approval_requests r where r.state = 'approved' and r.effect = 'require'
  and not exists (select from placet.results o where o.request_id = r.id) and (
    exists (select from placet.grants g where g.request_id = r.id and g.redeemed_at is null and g.claim_expires_at > now())
    or exists (select from placet.leases l where l.request_id = r.id and l.expires_at > now()))`;

/** Waits until nothing is left to do; what is left after that time. */
export async function faultsOfRest(world: World, limit_ms = SWEPT_MS_MAX): Promise<string[]> {
  let left: string[] = [];
  const look = async () => {
    left = [...(await leftInRecord(world)), ...(await leftInTemporal(world))];
    return left.length === 0;
  };
  await until(look, { limit_ms }).catch(() => undefined);
  return left;
}

async function leftInRecord(world: World): Promise<string[]> {
  return (await world.rows<{ what: string }>(LEFT)).map(({ what }) => what);
}

/** Runs that are open and should not be, and those that are missing. */
async function leftInTemporal(world: World): Promise<string[]> {
  const awaited = (await world.rows<{ id: string }>(AWAITED)).map(({ id }) => id);
  const open = await world.temporal(async ({ workflow }) => {
    const query = `TaskQueue = '${world.taskQueue}' and ExecutionStatus = 'Running'`;
    const found: string[] = [];
    for await (const { workflowId } of workflow.list({ query })) found.push(workflowId.split('/').at(-1) ?? '');
    return found;
  });
  return [
    ...open.filter((id) => !awaited.includes(id)).map((id) => `a workflow runs for ${id}`),
    ...awaited.filter((id) => !open.includes(id)).map((id) => `no workflow runs for ${id}`),
  ];
}
