// The real Slack process over signed HTTP, a real database and a playground, with genuine payloads caught on their way, so
// that a test can alter a field, sign again, and send. The forger holds the signing secret: only the field is wrong.

import { createHmac } from 'node:crypto';
import {
  approver,
  createPlaygroundClient,
  FINANCE_LEAD,
  PAYMENTS,
  type PlaygroundClient,
  startPlayground,
  words,
} from '@placet/playground';
import { freePorts } from '../../dev/ports.ts';
import * as messages from '../../src/db/messages.ts';
import { createLog } from '../../src/observe/log.ts';
import { readConfig } from '../../src/process/config.ts';
import { runSlack } from '../../src/process/slack.ts';
import { newId } from '../../src/process/wiring.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { readCard } from '../../src/service/approver/approver.ts';
import { drawCard } from '../../src/slack/draw/card.ts';
import { drawMinimalCard } from '../../src/slack/draw/small-cards.ts';
import { createSlackClient, postCard } from '../../src/slack/send/web-api.ts';
import { makePolicy, makeRule, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';

export type Payload = Record<string, unknown>;
export type Card = { readonly id: string; readonly digest: string; readonly channel: string; readonly ts: string };
type Reply = { readonly status: number; readonly text: string };

export type SlackDoor = {
  readonly database: TestDatabase;
  readonly slack: PlaygroundClient;
  readonly appId: string;
  /** A pending request whose card stands in the channel. */
  readonly card: (resource: string, parameters?: Record<string, string>) => Promise<Card>;
  /** A click that the app never gets. */
  readonly catchClick: (card: Card, action_id: string, as?: string) => Promise<Payload>;
  /** The modal that the click opens, and the submission that the app never gets. */
  readonly catchSubmission: (card: Card, action_id: string, values?: Record<string, string>) => Promise<Payload>;
  /** Sends as Slack does, signed now; `headers` replace those of the signature. */
  readonly send: (payload: Payload | string, headers?: Readonly<Record<string, string>>) => Promise<Reply>;
  readonly sign: (body: string, seconds?: number) => Record<string, string>;
  /** Decisions on the request, and its state. */
  readonly record: (card: Card) => Promise<{ readonly state: string; readonly decisions: readonly string[] }>;
  /** Why the last decision on the request was refused. */
  readonly refusal: (card: Card) => Promise<string | undefined>;
  /** Words of the last private answer to this person. */
  readonly lastAnswer: (as?: string) => Promise<string>;
  /** Lines of its log so far, and what it counts for Prometheus. */
  readonly logged: readonly string[];
  readonly metrics: () => Promise<string>;
  readonly close: () => Promise<void>;
};

const POLICY = (() => {
  const policy = makePolicy([makeRule()]);
  const { payments, dba } = policy.approver_groups;
  if (payments === undefined || dba === undefined) throw new Error('the policy has no groups');
  const members = ['finance-lead@example.com', 'treasurer@example.com', 'support@example.com', 'gone@example.com'];
  const guest = 'guest@example.org';
  return { ...policy, people: [], approver_groups: { dba, payments: { ...payments, members: [...members, guest] } } };
})();

/** Starts it all. Everything is asked on behalf of Support, who is a member of the group too. */
export async function openSlackDoor(): Promise<SlackDoor> {
  const database = await createTestDatabase();
  const world = await makeWorld(database, POLICY);
  const [port = 0, metricsPort = 0] = await freePorts(2);
  const url = `http://127.0.0.1:${port}/slack/events`;
  const playground = await startPlayground({ eventsUrl: url });
  const slack = createPlaygroundClient(playground.url);
  const read = readConfig({
    DATABASE_URL: database.app_url,
    SLACK_API_URL: playground.apiUrl,
    SLACK_APP_ID: playground.appId,
    SLACK_BOT_TOKEN: playground.botToken,
    SLACK_SIGNING_SECRET: playground.signingSecret,
    SLACK_PORT: String(port),
    PLACET_METRICS_PORT: String(metricsPort),
  });
  if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults));
  const logged: string[] = [];
  const destination = { write: (line: string) => void logged.push(line) };
  const running = await runSlack(read.config, createLog({ level: 'info', role: 'slack', destination }));
  const sign = (body: string, seconds = Math.floor(Date.now() / 1_000)) => ({
    'x-slack-request-timestamp': String(seconds),
    'x-slack-signature': `v0=${createHmac('sha256', playground.signingSecret).update(`v0:${seconds}:${body}`).digest('hex')}`,
  });
  const client = createSlackClient({ token: playground.botToken, api_url: playground.apiUrl });
  return {
    ...{
      database,
      slack,
      appId: playground.appId,
      sign,
      send: sender(url, sign),
      ...catcher(slack),
      ...reader(database, slack),
      logged,
    },
    metrics: async () => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text(),
    card: (resource, parameters = { note: 'short' }) => postedCard(world, client, { resource, parameters }),
    close: async () => {
      await running.stop();
      await playground.close();
      await database.drop();
    },
  };
}

async function postedCard(
  { deps, caller, service }: World,
  client: ReturnType<typeof createSlackClient>,
  ask: { readonly resource: string; readonly parameters: Record<string, string> },
): Promise<Card> {
  const { id, digest } = await submit(deps, caller, makeSubmission({ ...ask, on_behalf_of: 'support@example.com' }));
  const record = await readCard(service, TENANT, id);
  const now = new Date();
  const drawn = { card: drawCard(record, now), minimal: drawMinimalCard(record, now) };
  const posted = await postCard(client, { channel_id: PAYMENTS, id: null }, drawn);
  if (posted.kind !== 'posted') throw new Error(`the card was not posted: ${posted.code}`);
  const { channel_id, ts } = posted;
  await service.transact(TENANT, async (tx) => {
    const row = { id: newId('message'), request_id: id, kind: 'card', destination: PAYMENTS } as const;
    const message = await messages.claimMessage(tx, row);
    const place = { team_id: 'T0ACME', channel_id, ts, revision: record.request.revision, drawn_at: now };
    await messages.markPosted(tx, message.id, place);
  });
  return { id, digest, channel: channel_id, ts };
}

function sender(url: string, sign: SlackDoor['sign']): SlackDoor['send'] {
  return async (payload, headers) => {
    const body =
      typeof payload === 'string' ? payload : new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...(headers ?? sign(body)) },
      body,
    });
    return { status: response.status, text: await response.text() };
  };
}

function catcher(slack: PlaygroundClient): Pick<SlackDoor, 'catchClick' | 'catchSubmission'> {
  const lastPayload = async () => {
    const { payload } = (await slack.deliveries({ type: 'interactive' })).at(-1) ?? {};
    if (payload === undefined) throw new Error('nothing was sent');
    return structuredClone(payload) as Payload;
  };
  const lose = () => slack.faults({ kind: 'no_delivery', type: 'interactive', count: 1 });
  return {
    catchClick: async (card, action_id, as = FINANCE_LEAD) => {
      await lose();
      await approver.click({ slack }, as, card, action_id);
      return lastPayload();
    },
    catchSubmission: async (card, action_id, values = {}) => {
      await approver.press({ slack }, FINANCE_LEAD, card, action_id);
      const view = await approver.openModalOf({ slack }, FINANCE_LEAD);
      await lose();
      await approver.submit({ slack }, FINANCE_LEAD, view, values);
      return lastPayload();
    },
  };
}

function reader(database: TestDatabase, slack: PlaygroundClient): Pick<SlackDoor, 'record' | 'refusal' | 'lastAnswer'> {
  return {
    record: async ({ id }) => {
      const [row] = await database.asSuperuser<{ state: string; decisions: string[] }>(
        `select r.state, coalesce(array_agg(split_part(d.account, '/', 2) || ' ' || d.decision) filter (where d.id is not null), '{}') as decisions
         from placet.approval_requests r left join placet.decisions d on d.request_id = r.id where r.id = $1 group by r.state`,
        [id],
      );
      return row ?? { state: 'absent', decisions: [] };
    },
    refusal: async ({ id }) =>
      (
        await database.asSuperuser<{ refusal: string }>(
          `select facts ->> 'refusal' as refusal from placet.audit_events
           where request_id = $1 and type = 'decision.refused' order by id desc limit 1`,
          [id],
        )
      )[0]?.refusal,
    lastAnswer: async (as = FINANCE_LEAD) => words((await slack.ephemerals(as)).at(-1) ?? { blocks: [] }),
  };
}

/** The payload with the value at that path replaced, or dropped when it is undefined. */
export function altered(payload: Payload, path: string, value?: unknown): Payload {
  const copy = structuredClone(payload);
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  const at = steps.reduce<unknown>((inner, step) => (inner as Payload)[step], copy) as Payload;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}
