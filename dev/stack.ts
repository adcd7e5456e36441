// Brings up everything that Placet needs for development, in order, and takes it down in the reverse order.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runMigrations } from '../src/process/admin.ts';
import type { Config } from '../src/process/config.ts';
import { type DataFolder, keptMasterKey, keptPlaygroundSecret, readPorts, writePorts } from './data-folder.ts';
import { startParties } from './demo/parties.ts';
import { type DemoAgent, setUpDemo } from './demo/setup.ts';
import { createRecord, endLeftovers } from './leftovers.ts';
import { slackEnvironment, startPlayground } from './playground.ts';
import { claimPort, freePort, isPortFree } from './ports.ts';
import type { Progress } from './progress.ts';
import { type Role, startRoles } from './roles.ts';
import { provideDatabase, provideTemporal, type ServerDeps, startKept } from './servers.ts';

export type StackOptions = {
  readonly data: DataFolder;
  readonly config: Config;
  /** What the started processes inherit. */
  readonly environment: NodeJS.ProcessEnv;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** The built program that every role runs. */
  readonly program: string;
  /** Runs the demo agent and its tool too, where the demo is set up. */
  readonly has_parties?: boolean;
};

/** Everything that runs: its addresses and the settings that reach it. */
export type Stack = {
  readonly api_url: string;
  /** The playground's page; none when a real Slack is used. */
  readonly page_url: string | undefined;
  /** The agent of the demo; none where the database or Slack are real. */
  readonly demo_agent: DemoAgent | undefined;
  /** For other commands of this folder; holds secrets. */
  readonly environment: Readonly<Record<string, string>>;
};

type Stops = (() => Promise<void>)[];

/** Ends in the reverse order of the start; one that fails to end does not keep the others. */
async function stopAll(stops: Stops, note: (text: string) => void): Promise<void> {
  for (const stop of stops.toReversed()) {
    try {
      await stop();
    } catch (error) {
      note(`  something did not stop cleanly: ${error instanceof Error ? error.message : error}`);
    }
  }
}

function createPorts(data: DataFolder, onStop: ServerDeps['onStop']): ServerDeps['portFor'] {
  const kept = readPorts(data);
  return async (name, usual) => {
    // Only what has a usual port is wanted by other starts too.
    const mayTake = async (port: number): Promise<boolean> =>
      (await isPortFree(port)) && (usual === undefined || claimPort(port, onStop));
    const choose = async () => {
      for (const port of [kept[name], usual]) if (port !== undefined && (await mayTake(port))) return port;
      return freePort();
    };
    const port = await choose();
    kept[name] = port;
    writePorts(data, kept);
    return port;
  };
}

async function provideSchema(deps: ServerDeps): Promise<{ app_url: string; owner_url: string | undefined }> {
  const urls = await provideDatabase(deps);
  deps.signal.throwIfAborted();
  const { app_url, owner_url } = urls;
  // Without an owner's login the schema is someone else's task; the roles check it when they start.
  if (owner_url === undefined) return urls;
  await deps.progress.step('Database schema', () =>
    runMigrations({ database_url: app_url, database_owner_url: owner_url }),
  );
  return urls;
}

/** Starts the playground unless a real Slack is configured; returns the Slack settings and the page. */
async function provideSlack(deps: ServerDeps): Promise<{ environment: Record<string, string>; page_url?: string }> {
  const { config, data, progress } = deps;
  if (config.slack.kind !== 'none') return { environment: {} };
  const port = await deps.portFor('playground');
  const secret = keptPlaygroundSecret(data);
  const { playground_file: data_file, logs } = data;
  const { environment } = deps;
  const playground = await startKept(deps, {
    name: 'The playground',
    label: `Slack playground on 127.0.0.1:${port}`,
    start: () => startPlayground({ port, data_file, logs, secret, environment, note: progress.note }),
  });
  return { environment: slackEnvironment(playground), page_url: playground.url };
}

/** Sets the demo up in a database and a playground that are ours alone; real ones are left as they are. */
async function provideDemo(
  deps: ServerDeps,
  environment: NodeJS.ProcessEnv,
  hasPlayground: boolean,
): Promise<DemoAgent | undefined> {
  if (!hasPlayground || deps.config.database_url !== undefined) return undefined;
  return deps.progress.step('Demo policy and agent', () => setUpDemo(environment, deps.data.demo_file));
}

type Common = {
  readonly shared: Record<string, string>;
  readonly api_port: number;
  readonly program: string;
};

async function startOwnProcesses(deps: ServerDeps, { shared, api_port, program }: Common): Promise<void> {
  const slack_port = await deps.portFor('slack-health');
  const worker_port = await deps.portFor('worker-health');
  const ready = (port: number) => `http://127.0.0.1:${port}/readyz`;
  const roles: Role[] = [
    { name: 'api', environment: { PLACET_PORT: String(api_port) }, ready_url: ready(api_port) },
    { name: 'worker', environment: { PLACET_METRICS_PORT: String(worker_port) }, ready_url: ready(worker_port) },
    { name: 'slack', environment: { PLACET_METRICS_PORT: String(slack_port) }, ready_url: ready(slack_port) },
  ];
  const { DATABASE_OWNER_URL: _, ...inherited } = deps.environment;
  const running = startRoles({
    roles,
    program,
    environment: { ...inherited, ...shared },
    logs: deps.data.logs,
    signal: deps.signal,
    note: deps.progress.note,
    onPid: deps.onPid,
  });
  deps.onStop(running.stop);
  try {
    await deps.progress.step(`API on 127.0.0.1:${api_port}, worker and Slack app`, () => running.ready);
  } catch (error) {
    await running.stop();
    throw error;
  }
}

function createDeps(options: StackOptions, stops: Stops): ServerDeps {
  const record = createRecord(options.data.pids_file);
  const onStop = (stop: () => Promise<void>) => void stops.push(stop);
  return { ...options, portFor: createPorts(options.data, onStop), onPid: record.add, onStop };
}

/** Like Promise.all, but waits for all before it throws: what still starts could not be stopped otherwise. */
async function allOrThrow<T extends readonly unknown[]>(work: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return Promise.all(work) as unknown as Promise<T>;
}

async function startDemoParties(deps: ServerDeps, api_url: string, agent_key: string): Promise<void> {
  const { environment, progress, onPid } = deps;
  const tool_port = await deps.portFor('tool');
  const parties = startParties({ api_url, agent_key, tool_port, environment, note: progress.note, onPid });
  deps.onStop(parties.stop);
  await parties.first_word;
}

function isPortAskedFor({ config, environment }: ServerDeps): boolean {
  return config.port !== 0 && (environment['PLACET_PORT'] ?? '').trim() !== '';
}

/** A port that a person asked for is never exchanged for another; else agents find us where we were. */
async function chooseApiPort(deps: ServerDeps): Promise<number> {
  const { port } = deps.config;
  if (port === 0) return deps.portFor('api');
  if (!isPortAskedFor(deps)) return deps.portFor('api', port);
  if (await isPortFree(port)) return port;
  throw new Error(`127.0.0.1:${port} is taken: end what listens there, or set PLACET_PORT to another port.`);
}

/** Serves on the port, or on any other when another start took it after we had looked and nobody asked for it. */
async function serveOn(deps: ServerDeps, port: number, serve: (port: number) => Promise<void>): Promise<number> {
  const isLost = async () => !isPortAskedFor(deps) && !(await isPortFree(port));
  // The servers below took seconds to start, and the other's API would answer in place of ours.
  if (!(await isLost())) {
    try {
      await serve(port);
      return port;
    } catch (error) {
      if (deps.signal.aborted || !(await isLost())) throw error;
    }
  }
  const other = await deps.portFor('api');
  await serve(other);
  return other;
}

async function start(deps: ServerDeps, { program, has_parties = false }: StackOptions): Promise<Stack> {
  const { config, data, signal } = deps;
  const wanted_port = await chooseApiPort(deps);
  // Side by side: the one starts a database, the other may build or load a program.
  const [urls, temporal_address, slack] = await allOrThrow([
    provideSchema(deps),
    provideTemporal(deps),
    provideSlack(deps),
  ]);
  signal.throwIfAborted();
  const isDefaultUrl = config.public_url === `http://127.0.0.1:${config.port}`;
  const urlOn = (port: number) => (isDefaultUrl ? `http://127.0.0.1:${port}` : config.public_url);
  const sharedOn = (port: number) => ({
    DATABASE_URL: urls.app_url,
    TEMPORAL_ADDRESS: temporal_address,
    PLACET_PUBLIC_URL: urlOn(port),
    PLACET_HOST: 'localhost',
    ...(config.master_key === undefined ? { PLACET_MASTER_KEY: keptMasterKey(data) } : {}),
    ...(config.log_anchors.length > 0 ? {} : { PLACET_LOG_ANCHORS: pathToFileURL(join(data.folder, 'anchor')).href }),
    ...slack.environment,
  });
  const settings = { ...deps.environment, ...sharedOn(wanted_port) };
  const demo_agent = await provideDemo(deps, settings, slack.page_url !== undefined);
  const serve = (api_port: number) => startOwnProcesses(deps, { shared: sharedOn(api_port), api_port, program });
  const api_port = await serveOn(deps, wanted_port, serve);
  const [api_url, shared] = [urlOn(api_port), sharedOn(api_port)];
  if (has_parties && demo_agent !== undefined && isDefaultUrl)
    await startDemoParties(deps, api_url, demo_agent.agent_key);
  const environment = {
    ...shared,
    PLACET_PORT: String(api_port),
    ...(urls.owner_url === undefined ? {} : { DATABASE_OWNER_URL: urls.owner_url }),
  };
  return { api_url, page_url: slack.page_url, environment, demo_agent };
}

/** Starts everything; when a step fails or `signal` aborts, all that was started is stopped before this throws. */
export async function startStack(options: StackOptions): Promise<Stack & { stop(): Promise<void> }> {
  const stops: Stops = [];
  const stop = () => stopAll(stops.splice(0), options.progress.note);
  await endLeftovers(options.data.pids_file);
  try {
    return { ...(await start(createDeps(options, stops), options)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
