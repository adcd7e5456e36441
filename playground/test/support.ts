// What the playground's tests share: a playground and its client, closed after each test.
import bolt from '@slack/bolt';
import { type Logger, WebClient } from '@slack/web-api';
import { afterwards } from '../../test/support/afterwards.ts';
import { createPlaygroundClient, type PlaygroundClient } from '../src/client.ts';
import { type Playground, type PlaygroundOptions, startPlayground } from '../src/start.ts';

export type Table = { playground: Playground; client: PlaygroundClient; web: WebClient };

/** A fresh playground, its control client and a Web API client without retries. */
export async function open(options: PlaygroundOptions = {}): Promise<Table> {
  const playground = await startPlayground(options);
  afterwards(() => playground.close());
  return { playground, client: createPlaygroundClient(playground.url), web: webClient(playground) };
}

/** A Web API client without retries. */
export function webClient({ apiUrl, botToken }: Playground, token = botToken): WebClient {
  const retryConfig = { retries: 0 };
  return new WebClient(token, { slackApiUrl: apiUrl, retryConfig, rejectRateLimitedCalls: true, logger: QUIET });
}

const nothing = () => undefined;
/** Keeps expected warnings out of the test report. */
export const QUIET: Logger = {
  ...{ debug: nothing, info: nothing, warn: nothing, error: nothing, setLevel: nothing, setName: nothing },
  getLevel: () => bolt.LogLevel.ERROR,
};

/** A Bolt app over Socket Mode, set up by `prepare` and connected. */
export async function socketApp(
  playground: Playground,
  prepare: (app: bolt.App) => void,
  socket: { clientPingTimeout?: number } = {},
): Promise<bolt.App> {
  const { appToken, apiUrl, botToken } = playground;
  const clientOptions = { slackApiUrl: apiUrl };
  const receiver = new bolt.SocketModeReceiver({
    appToken,
    logger: QUIET,
    installerOptions: { clientOptions },
    ...socket,
  });
  const app = new bolt.App({ token: botToken, receiver, logger: QUIET, clientOptions });
  prepare(app);
  await app.start();
  afterwards(() => app.stop());
  return app;
}

/** An actions block with one button. */
export function buttonBlock(actionId = 'approve', value = 'v1') {
  const text = { type: 'plain_text' as const, text: 'Approve' };
  const button = { type: 'button' as const, action_id: actionId, text, value, style: 'primary' as const };
  return { type: 'actions' as const, block_id: 'decide', elements: [button] };
}

/** A small modal with one required reason. */
export function reasonModal(more: object = {}) {
  const plain = (text: string) => ({ type: 'plain_text' as const, text });
  return {
    type: 'modal' as const,
    callback_id: 'deny',
    title: plain('Deny request'),
    submit: plain('Deny'),
    blocks: [
      {
        type: 'input' as const,
        block_id: 'reason',
        label: plain('Reason'),
        element: { type: 'plain_text_input' as const, action_id: 'text', min_length: 3, max_length: 500 },
      },
    ],
    ...more,
  };
}

/** The error code that a Web API call failed with. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (error === null) return 'ok';
  return (error as { data?: { error?: string } }).data?.error ?? String((error as { code?: string }).code ?? error);
}
