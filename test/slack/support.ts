// A playground, the Slack door listening to it, and use cases as plain objects that each test answers for.

import {
  approver,
  createPlaygroundClient,
  type Playground,
  type PlaygroundClient,
  type PlaygroundOptions,
  startPlayground,
  TREASURER,
  type View,
  words,
} from '@placet/playground';
import { sourceOf, sourcesToAsk } from '../../src/domain/people/membership.ts';
import type { CardRecord, RequestRecord } from '../../src/domain/request/record.ts';
import type { DecideAnswer, DecideInput } from '../../src/service/approver/decide.ts';
import { drawCard } from '../../src/slack/draw/card.ts';
import { drawMinimalCard } from '../../src/slack/draw/small-cards.ts';
import { createSlackApp, type SlackApp, type SlackConfig } from '../../src/slack/receive/app.ts';
import type { SlackDeps } from '../../src/slack/receive/listener-context.ts';
import { createSlackClient, postCard, type SlackClient } from '../../src/slack/send/web-api.ts';
import { afterwards } from '../support/afterwards.ts';
import { NOW } from './draw/request-records.ts';

export type Table = {
  readonly playground: Playground;
  readonly slack: PlaygroundClient;
  readonly app: SlackApp;
  readonly logged: readonly { readonly level: string; readonly msg: string; readonly fields: unknown }[];
};

/** Use cases that nobody expects to be called. */
const NO_DEPS: SlackDeps = {
  decide: () => Promise.reject(new Error('decide was not expected')),
  recordContentView: () => Promise.reject(new Error('recordContentView was not expected')),
  readCard: () => Promise.reject(new Error('readCard was not expected')),
  readClicked: () => Promise.reject(new Error('readClicked was not expected')),
  listWaitingFor: async () => ({ kind: 'listed', items: [], has_more: false }),
  listSources: async () => [],
  findCard: () => Promise.reject(new Error('findCard was not expected')),
  revokeByPerson: () => Promise.reject(new Error('revokeByPerson was not expected')),
  requirePermission: () => Promise.reject(new Error('requirePermission was not expected')),
  readSettings: () => Promise.reject(new Error('readSettings was not expected')),
  planSettings: () => Promise.reject(new Error('planSettings was not expected')),
  changeSettings: () => Promise.reject(new Error('changeSettings was not expected')),
};

/** Use cases around one request whose card is live; `more` says the rest. */
export function depsAround(record: RequestRecord, more: Partial<SlackDeps> = {}): SlackDeps {
  const clicked = {
    id: record.request.id,
    sources: sourcesToAsk(record.groups.map((group) => ({ source: sourceOf(group) }))),
    accounts: [],
  };
  return {
    ...NO_DEPS,
    findCard: async () => ({ kind: 'live', clicked }),
    readCard: async () => record,
    readClicked: async () => clicked,
    recordContentView: async () => ({ kind: 'recorded', record }),
    ...more,
  };
}

/** Use cases that keep what decide was asked. */
export function recorder(answer: SlackDeps['decide']): {
  readonly decide: SlackDeps['decide'];
  readonly inputs: DecideInput[];
} {
  const inputs: DecideInput[] = [];
  const decide: SlackDeps['decide'] = (input) => {
    inputs.push(input);
    return answer(input);
  };
  return { decide, inputs };
}

/** A decide that counts, and leaves the request as the request record says. */
export const counted = (record: RequestRecord) => async (): Promise<DecideAnswer> => ({ kind: 'counted', record });

/** A playground and the door on it over Socket Mode, connected. */
export async function open(
  deps: SlackDeps,
  more: { readonly config?: Partial<SlackConfig>; readonly playground?: PlaygroundOptions } = {},
): Promise<Table> {
  const playground = await startPlayground(more.playground);
  afterwards(() => playground.close());
  const logged: { level: string; msg: string; fields: unknown }[] = [];
  const say = (level: string) => (msg: string, fields?: unknown) => void logged.push({ level, msg, fields });
  const app = createSlackApp({
    askOnCall: () => Promise.reject(new Error('askOnCall was not expected')),
    config: {
      tenant_id: 'main',
      connection: { kind: 'socket', app_token: playground.appToken },
      api_url: playground.apiUrl,
      team_id: null,
      app_id: playground.appId,
      ack_after_ms: null,
      ...more.config,
    },
    deps,
    client: createSlackClient({ token: playground.botToken, api_url: playground.apiUrl }),
    log: { info: say('info'), warn: say('warn'), error: say('error') },
    countDecision: () => undefined,
  });
  afterwards(() => app.stop());
  await app.start();
  return { playground, slack: createPlaygroundClient(playground.url), app, logged };
}

/** The app's own client of the playground's Web API. */
export function webClient({ playground }: Table): SlackClient {
  return createSlackClient({ token: playground.botToken, api_url: playground.apiUrl });
}

/** Posts the card of the request record as the worker would; answers where it stands. */
export async function post(
  table: Table,
  record: CardRecord,
  channel = 'C0PAYMENTS',
): Promise<{ channel: string; ts: string }> {
  const posted = await postCard(
    webClient(table),
    { channel_id: channel, id: null },
    {
      card: drawCard(record, NOW),
      minimal: drawMinimalCard(record, NOW),
    },
  );
  if (posted.kind !== 'posted') throw new Error(`the card was not posted: ${posted.code}`);
  return { channel: posted.channel_id, ts: posted.ts };
}

/** Words of the private answer that the person gets next, as soon as it is there. */
export function answerTo(table: Table, as: string): Promise<string> {
  return approver.waitFor(table, `an answer to ${as}`, (state) => approver.toldTo(state, as).map(words).at(-1));
}

/** The one who clicks, where it does not matter who. */
export const AS = TREASURER;

/** Posts the card of the request and clicks on it. */
export async function clickOn(table: Table, record: RequestRecord, action_id: string): Promise<void> {
  const at = await post(table, record);
  await approver.press(table, AS, at, action_id);
}

/** The same, for a button that opens a modal. */
export async function openView(table: Table, record: RequestRecord, action_id: string): Promise<View> {
  await clickOn(table, record, action_id);
  return approver.openModalOf(table, AS);
}

/** Title and words of the modal on top. */
export async function topView(table: Table): Promise<string> {
  const view = (await table.slack.views(AS)).at(-1);
  return view === undefined ? 'no modal' : `${String(view.title?.['text'])}: ${words(view)}`;
}
