// Nothing leaks: connections to PostgreSQL, sockets, long polls and listeners of the processes, and processes themselves.

import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { until } from '../support/wait.ts';
import { ROLES, type World } from './world.ts';

/** DATABASE_CONNECTIONS_MAX, and one that listens. */
const CONNECTIONS_MAX = 11;
/** The api and the worker hear what PostgreSQL tells, on a connection each. */
const HEARING_MAX = 2;
/** The API's, or where the others tell of themselves. */
const PORTS_PER_ROLE = 1;
/** Idle keep-alive sockets of the agents' HTTP clients and of Slack's end by themselves. */
const IDLE_MS_MAX = 20_000;
const LISTEN_STATE = '0A';

/** What a running world holds too much of. */
export async function faultsOfLeaks(world: World, limit_ms = IDLE_MS_MAX): Promise<string[]> {
  let faults: string[] = [];
  const look = async () => {
    faults = [
      ...(await leakedConnections(world)),
      ...(await leakedWaits(world)),
      ...(await leakedSockets(world)),
      ...leakedListeners(world),
    ];
    return faults.length === 0;
  };
  await until(look, { limit_ms }).catch(() => undefined);
  return faults;
}

/** Connections of processes that are gone, more than a pool may open, and transactions that stand still. */
async function leakedConnections({ rows, gates }: World): Promise<string[]> {
  const sql = `select coalesce(application_name, '') as name, client_port, state = 'idle in transaction'
      and state_change < now() - interval '5 s' as is_stuck
    from pg_stat_activity where datname = current_database() and application_name like 'placet %'
      and application_name <> 'placet test'`;
  const open = await rows<{ name: string; is_stuck: boolean }>(sql);
  const through = ROLES.reduce((sum, role) => sum + gates[role].count(), 0);
  const hearing = open.filter(({ name }) => name === 'placet listener');
  const crowded = ROLES.filter((role) => gates[role].count() > CONNECTIONS_MAX);
  return [
    ...open.filter(({ is_stuck }) => is_stuck).map(({ name }) => `a transaction of ${name} stands still`),
    ...(open.length > through ? [`${open.length} connections to PostgreSQL, the processes hold ${through}`] : []),
    ...(hearing.length > HEARING_MAX ? [`${hearing.length} connections listen, of two processes`] : []),
    ...crowded.map((role) => `${role} holds ${gates[role].count()} connections to PostgreSQL`),
  ];
}

/** How many long polls wait, as the api says; 0 while it is away. */
export async function longPolls({ metrics }: World): Promise<number> {
  const text = await metrics('api').catch(() => '');
  return Number(/^placet_long_polls_waiting (\d+)$/m.exec(text)?.[1] ?? 0);
}

async function leakedWaits(world: World): Promise<string[]> {
  const waiting = await longPolls(world);
  return waiting === 0 ? [] : [`${waiting} long polls wait and no agent does`];
}

/** One slack process holds one socket to Slack. */
async function leakedSockets({ slack }: World): Promise<string[]> {
  const { sockets } = (await slack.state()).delivery;
  return sockets.length === 1 ? [] : [`slack holds ${sockets.length} sockets to Slack`];
}

/** Where the system shows it, each process listens where it should and nowhere else. */
function leakedListeners({ childOf, logged }: World): string[] {
  const warned = logged.filter((line) => line.includes('MaxListenersExceededWarning'));
  if (!existsSync('/proc/net/tcp')) return warned;
  const ports = ROLES.flatMap((role) => {
    const count = listenersOf(childOf(role)?.pid ?? 0);
    return count === PORTS_PER_ROLE ? [] : [`${role} listens on ${count} ports`];
  });
  return [...ports, ...warned];
}

function listenersOf(pid: number): number {
  const lines = ['tcp', 'tcp6'].flatMap((file) =>
    readFileSync(`/proc/${pid}/net/${file}`, 'utf8').split('\n').slice(1),
  );
  const listening = new Set(
    lines.map((line) => line.trim().split(/\s+/)).flatMap((parts) => (parts[3] === LISTEN_STATE ? [parts[9]] : [])),
  );
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return links.filter((link) => listening.has(/^socket:\[(\d+)\]$/.exec(link)?.[1])).length;
}

/** Processes of the world that outlived its end; the shell that watches over each leaves a moment after it. */
export async function faultsOfEnd({ pids }: Pick<World, 'pids'>, limit_ms = IDLE_MS_MAX): Promise<string[]> {
  const alive = () => [...pids].filter(isAlive);
  await until(() => alive().length === 0, { limit_ms }).catch(() => undefined);
  return alive().map((pid) => `process ${pid} still runs`);
}

/** A whole group: what a process started counts too. */
function isAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}
