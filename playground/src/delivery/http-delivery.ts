// Signed HTTP delivery to the request URL. https://docs.slack.dev/authentication/verifying-requests-from-slack
import { createHmac, randomBytes } from 'node:crypto';
import { settingsOf, type World } from '../core/world.ts';
import type { ActErrorCode, Json, JsonObject } from '../protocol.ts';
import { ACK_MS_MAX, type Carrier, type Outcome, type Parcel, UNDELIVERED } from './outcome.ts';

/** Bytes read of the app's answer: a whole view fits. */
const ANSWER_BYTES_MAX = 1_000_000;

type Reply = { status: number; text: string; stopsRetries: boolean };
type Sent = Reply | { error: ActErrorCode };

/** Creates the HTTP side of delivery; the URL is taken from the settings at each delivery. */
export function createHttpDelivery(world: World): Carrier {
  let verifiedUrl = '';

  /** As when a request URL is entered in the app's settings: it must echo the challenge. */
  const verify = async (url: string): Promise<boolean> => {
    if (verifiedUrl === url) return true;
    const challenge = randomBytes(24).toString('base64url');
    const body = JSON.stringify({ token: 'playground', challenge, type: 'url_verification' });
    const reply = await send(world, url, { body, contentType: 'application/json' });
    const echoed = 'status' in reply && reply.status === 200 && reply.text.includes(challenge);
    if (echoed) verifiedUrl = url;
    return echoed;
  };

  return {
    async carry(parcel) {
      const url = settingsOf(world).events_url;
      if (!url) return UNDELIVERED;
      if (parcel.type === 'events_api' && !(await verify(url))) return { ...UNDELIVERED, error: 'http_error' };
      const sentAt = world.clock.now();
      const reply = await send(world, url, { ...encode(parcel), headers: retryHeaders(parcel) });
      return judge(reply, world.clock.now() - sentAt);
    },
  };
}

function encode(parcel: Parcel): { body: string; contentType: string } {
  const form = 'application/x-www-form-urlencoded';
  if (parcel.type === 'events_api') return { body: JSON.stringify(parcel.payload), contentType: 'application/json' };
  if (parcel.type === 'interactive') {
    return { body: new URLSearchParams({ payload: JSON.stringify(parcel.payload) }).toString(), contentType: form };
  }
  const fields = Object.entries(parcel.payload).map(([name, value]) => [name, String(value)] as [string, string]);
  return { body: new URLSearchParams(fields).toString(), contentType: form };
}

function retryHeaders(parcel: Parcel): Record<string, string> {
  if (parcel.retryNum === 0) return {};
  return { 'x-slack-retry-num': String(parcel.retryNum), 'x-slack-retry-reason': parcel.retryReason };
}

type Post = { body: string; contentType: string; headers?: Record<string, string> };

async function send(world: World, url: string, post: Post): Promise<Sent> {
  const timestamp = String(Math.floor(world.clock.now() / 1000));
  const controller = new AbortController();
  const cancel = world.clock.after(ACK_MS_MAX, () => controller.abort());
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: post.body,
      redirect: 'manual',
      signal: controller.signal,
      headers: {
        'content-type': post.contentType,
        'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': sign(world.identity.signingSecret, timestamp, post.body),
        ...post.headers,
      },
    });
    const text = (await response.text()).slice(0, ANSWER_BYTES_MAX);
    return { status: response.status, text, stopsRetries: response.headers.get('x-slack-no-retry') === '1' };
  } catch {
    return { error: controller.signal.aborted ? 'operation_timed_out' : 'no_listener' };
  } finally {
    cancel();
  }
}

/** The v0 signature of a body. */
function sign(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}

function judge(reply: Sent, ackMs: number): Outcome {
  if ('error' in reply) {
    const delivered = reply.error === 'operation_timed_out';
    return { via: 'http', socket: 0, delivered, acked: false, ack_ms: null, error: reply.error };
  }
  const stops = reply.stopsRetries ? { stopsRetries: true } : {};
  const sent = { via: 'http', socket: 0, delivered: true, ...stops } as const;
  if (reply.status !== 200) return { ...sent, acked: false, ack_ms: null, error: 'http_error' };
  return { ...sent, acked: true, ack_ms: ackMs, ...(reply.text === '' ? {} : { ack: ackBody(reply.text) }) };
}

/** JSON, or the plain text that a slash command may answer with. */
function ackBody(text: string): Json {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return text;
  }
}
