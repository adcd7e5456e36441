// Brings a private answer to the person who clicked: by the click's own address, else ephemerally, else as a DM.

import type { Message } from '../draw/block-kit.ts';
import { failureOf } from '../send/failures.ts';
import { postDm } from '../send/web-api.ts';
import type { ListenerContext } from './listener-context.ts';

/** The address of a click answers at once or not at all; the client library would wait for ever. */
const RESPOND_TIMEOUT_MS = 3_000;

/** What Bolt gives a listener to answer with, where the payload has an address. */
export type Respond = (
  message: Message & { readonly response_type: 'ephemeral'; readonly replace_original: false },
) => Promise<unknown>;

export type AnswerTo = {
  readonly user_id: string;
  readonly channel_id: string | null;
  readonly respond: Respond | null;
};

/** Tells the person privately. A failure of every way is logged, never thrown: the record stands. */
export async function tell(
  context: Pick<ListenerContext, 'client' | 'log'>,
  to: AnswerTo,
  message: Message,
): Promise<void> {
  if (await respondTo(context, to, message)) return;
  if (await postEphemeral(context, to, message)) return;
  const sent = await postDm(context.client, { user_id: to.user_id, id: null }, message);
  if (sent.kind !== 'posted') {
    context.log.error('nobody could be told an answer', { slack_user_id: to.user_id, code: sent.code });
  }
}

async function respondTo(context: Pick<ListenerContext, 'log'>, to: AnswerTo, message: Message): Promise<boolean> {
  const { respond } = to;
  if (respond === null) return false;
  try {
    await within(respond({ ...message, response_type: 'ephemeral', replace_original: false }), RESPOND_TIMEOUT_MS);
    return true;
  } catch (error) {
    context.log.warn('a response_url did not take the answer', { slack_user_id: to.user_id, err: error });
    return false;
  }
}

async function postEphemeral(
  context: Pick<ListenerContext, 'client' | 'log'>,
  to: AnswerTo,
  message: Message,
): Promise<boolean> {
  if (to.channel_id === null) return false;
  try {
    await context.client.chat.postEphemeral({ channel: to.channel_id, user: to.user_id, ...message, parse: 'none' });
    return true;
  } catch (error) {
    const { code } = failureOf(error, 'chat.postEphemeral');
    context.log.warn('an ephemeral answer was not posted', { slack_user_id: to.user_id, code });
    return false;
  }
}

async function within<T>(work: Promise<T>, timeout_ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeout_ms} ms`)), timeout_ms);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
