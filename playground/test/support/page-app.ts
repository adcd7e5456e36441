// A tiny Slack app behind a request URL, for tests of the page: it posts a card and answers clicks, modals and a command.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '../../src/protocol.ts';

export type PageApp = {
  eventsUrl: string;
  /** What reached it, in order: `approve U…`, `submit U… reason`, `command /placet list`. */
  seen: string[];
  /** Connects it to a playground. */
  connect: (apiUrl: string, botToken: string) => void;
  /** Posts the card and answers with its ts. */
  postCard: (channel: string) => Promise<string>;
  /** From now on it takes payloads without ever acknowledging them. */
  fallSilent: () => void;
  close: () => Promise<void>;
};

const plain = (text: string): JsonObject => ({ type: 'plain_text', text, emoji: false });
const mrkdwn = (text: string): JsonObject => ({ type: 'mrkdwn', text, verbatim: true });

/** A card with everything that Placet's own cards use. */
export function cardBlocks(state: 'waiting' | 'approved' | 'denied', by = ''): JsonObject[] {
  const expires = Math.floor(Date.now() / 1000) + 600;
  const buttons: JsonObject = {
    type: 'actions',
    block_id: `decide-${state}`,
    elements: [
      { type: 'button', action_id: 'approve', style: 'primary', value: 'r1', text: plain('Approve') },
      { type: 'button', action_id: 'review', value: 'r1', text: plain('Review') },
      { type: 'button', action_id: 'deny', style: 'danger', value: 'r1', text: plain('Deny…') },
    ],
  };
  const words = state === 'approved' ? 'Approved' : 'Denied';
  const outcome: JsonObject = { type: 'section', block_id: `outcome-${state}`, text: mrkdwn(`*${words}* by <@${by}>`) };
  return [
    { type: 'header', text: plain('Refund 120 EUR to order A-1001?') },
    {
      type: 'section',
      fields: [
        mrkdwn('*Agent*\nsupport-agent, run by <@U0SUPPORT>'),
        mrkdwn(`*Expires*\n<!date^${expires}^{date_short_pretty} {time}|later>`),
        plain('*Not bold* <@U0SUPPORT> :x:'),
      ],
    },
    {
      type: 'rich_text',
      elements: [
        { type: 'rich_text_quote', elements: [{ type: 'text', text: 'The parcel was *lost* <!channel>' }] },
        { type: 'rich_text_preformatted', elements: [{ type: 'text', text: '{\n  "amount": 120\n}' }] },
      ],
    },
    { type: 'context', elements: [mrkdwn('Digest `sha256:9f2c11ab`')] },
    state === 'waiting' ? buttons : outcome,
  ];
}

const DENY_MODAL: JsonObject = {
  type: 'modal',
  callback_id: 'deny',
  title: plain('Deny request'),
  submit: plain('Deny'),
  close: plain('Back'),
  blocks: [
    {
      type: 'input',
      block_id: 'reason',
      label: plain('Reason'),
      hint: plain('The agent sees this.'),
      element: { type: 'plain_text_input', action_id: 'reason', multiline: true, min_length: 3, max_length: 40 },
    },
  ],
};

/** Longer than the window, without a field. */
const REVIEW_MODAL: JsonObject = {
  type: 'modal',
  callback_id: 'review',
  title: plain('Review request'),
  submit: plain('Approve'),
  blocks: [
    {
      type: 'rich_text',
      elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'a line\n'.repeat(80) }] }],
    },
  ],
};

const COUNTED_MODAL: JsonObject = {
  type: 'modal',
  title: plain('Counted'),
  blocks: [{ type: 'section', text: plain('Your approval counts.') }],
};

/** Starts the app on a free port. */
export async function startPageApp(): Promise<PageApp> {
  const seen: string[] = [];
  const to = { apiUrl: '', botToken: '', card: { channel: '', ts: '' }, isSilent: false };
  async function call(method: string, body: JsonObject): Promise<JsonObject> {
    const headers = { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${to.botToken}` };
    const response = await fetch(`${to.apiUrl}${method}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const answer = (await response.json()) as JsonObject;
    if (answer['ok'] !== true) throw new Error(`${method}: ${JSON.stringify(answer)}`);
    return answer;
  }
  const close = (state: 'approved' | 'denied', by: string) =>
    call('chat.update', { ...to.card, text: `${state} by ${by}`, blocks: cardBlocks(state, by) });

  async function onPayload(payload: JsonObject): Promise<Answer> {
    const user = (payload['user'] as JsonObject)['id'] as string;
    if (payload['type'] === 'view_submission') {
      const view = payload['view'] as {
        callback_id: string;
        state: { values: Record<string, Record<string, JsonObject>> };
      };
      if (view.callback_id === 'review') {
        return { ack: { response_action: 'update', view: COUNTED_MODAL }, after: () => close('approved', user) };
      }
      const reason = String(view.state.values['reason']?.['reason']?.['value']);
      seen.push(`submit ${user} ${reason}`);
      if (reason === 'nope') return { ack: { response_action: 'errors', errors: { reason: 'Say more than that.' } } };
      return { after: () => close('denied', user) };
    }
    const action = String((payload['actions'] as JsonObject[])[0]?.['action_id']);
    seen.push(`${action} ${user}`);
    if (action !== 'approve') {
      const view = action === 'deny' ? DENY_MODAL : REVIEW_MODAL;
      return { after: () => call('views.open', { trigger_id: payload['trigger_id'] ?? '', view }) };
    }
    const note = { channel: to.card.channel, user, text: 'Your approval is counted.' };
    return { after: () => close('approved', user).then(() => call('chat.postEphemeral', note)) };
  }

  const server = createServer(async (request, response) => {
    const form = new URLSearchParams(await bodyOf(request));
    const payload = form.get('payload');
    if (to.isSilent) return;
    // Events come as JSON and are only acknowledged.
    const other = form.has('command') ? onCommand(form, seen) : {};
    const answer: Answer = payload === null ? other : await onPayload(JSON.parse(payload) as JsonObject);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(answer.ack === undefined ? '' : JSON.stringify(answer.ack));
    await answer.after?.();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    eventsUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`,
    seen,
    connect: (apiUrl, botToken) => Object.assign(to, { apiUrl, botToken }),
    postCard: async (channel) => {
      const text = 'Approval needed: refund 120 EUR to order A-1001';
      const posted = await call('chat.postMessage', { channel, text, blocks: cardBlocks('waiting') });
      to.card = { channel, ts: String(posted['ts']) };
      return to.card.ts;
    },
    fallSilent: () => {
      to.isSilent = true;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Answer = { ack?: JsonObject; after?: () => Promise<unknown> };

function onCommand(form: URLSearchParams, seen: string[]): Answer {
  seen.push(`command ${form.get('command')} ${form.get('text')}`);
  return { ack: { response_type: 'ephemeral', text: 'Nothing waits for you.' } };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
