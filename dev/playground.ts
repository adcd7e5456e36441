// Runs the playground, the local stand-in for Slack, as a child process that keeps its state in a file.

import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type BoundChild, startBound } from '../src/process/child.ts';
import { type LogFile, openLog } from './log-lines.ts';

export type PlaygroundOptions = {
  readonly port: number;
  readonly data_file: string;
  readonly logs: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Makes its tokens: the same again after a restart, so that those who hold them go on. */
  readonly secret: string;
  readonly note: (text: string) => void;
};

const READY_MS_MAX = 30_000;
/** Enough for the words of the error that it ended with. */
const ERRORS_CHARACTERS_MAX = 4_000;

/** In the words of the playground, which other projects may start too. */
const announcement = z.object({
  url: z.string(),
  apiUrl: z.string(),
  botToken: z.string(),
  appToken: z.string(),
  signingSecret: z.string(),
  appId: z.string(),
  teamId: z.string(),
});

/** A running playground and what a Slack app needs to talk to it. */
export type Playground = z.output<typeof announcement> & Pick<BoundChild, 'pid' | 'ended' | 'stop'>;

const program = fileURLToPath(new URL('../../playground/dist/src/main.js', import.meta.url));

/** Waits for the line in which the playground says where it listens. */
async function readAnnouncement(child: BoundChild, log: LogFile): Promise<z.output<typeof announcement>> {
  const lines = createInterface({ input: child.process.stdout as NodeJS.ReadableStream });
  let errors = '';
  // Its one line on stdout bears tokens, so that only what it says on stderr is kept.
  child.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log.write(text);
    errors = `${errors}${text}`.slice(-ERRORS_CHARACTERS_MAX);
  });
  const limit = AbortSignal.timeout(READY_MS_MAX);
  try {
    const ended = child.ended.then(() => Promise.reject(new Error('it ended at once')));
    const [line] = (await Promise.race([once(lines, 'line', { signal: limit }), ended])) as [string];
    return announcement.parse(JSON.parse(line));
  } catch (cause) {
    await child.stop();
    const reason = /^\w*Error: .+$/m.exec(errors)?.[0] ?? 'see .placet/log/playground.log';
    throw new Error(`The playground did not start: ${reason}`, { cause });
  }
}

function tokens(secret: string): Record<'botToken' | 'appToken' | 'signingSecret', string> {
  const make = (use: string) => createHmac('sha256', secret).update(use).digest('hex').slice(0, 32);
  return {
    botToken: `xoxb-playground-${make('bot')}`,
    appToken: `xapp-1-playground-${make('app')}`,
    signingSecret: make('signing'),
  };
}

/** Starts the playground and waits until it listens. */
export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  const { port, data_file: dataFile, environment } = options;
  const log = openLog(join(options.logs, 'playground.log'), options.note);
  const child = await startBound({
    command: process.execPath,
    args: [program, JSON.stringify({ port, dataFile, ...tokens(options.secret) })],
    env: environment,
  });
  void child.ended.then(() => log.end());
  const announced = await readAnnouncement(child, log);
  return { ...announced, pid: child.pid, ended: child.ended, stop: child.stop };
}

/** The settings that point Placet's Slack role at a playground. */
export function slackEnvironment(playground: Playground): Record<string, string> {
  return {
    SLACK_API_URL: playground.apiUrl,
    SLACK_BOT_TOKEN: playground.botToken,
    SLACK_APP_TOKEN: playground.appToken,
    SLACK_APP_ID: playground.appId,
    SLACK_TEAM_IDS: playground.teamId,
  };
}
