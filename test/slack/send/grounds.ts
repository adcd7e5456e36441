// Deliveries against a real Slack door (the playground) over real rows; time passes by moving the rows of a request back.

import { createPlaygroundClient, startPlayground } from '@placet/playground';
import type { PolicyDocument } from '../../../src/domain/policy/policy.ts';
import { newId } from '../../../src/process/wiring.ts';
import type { RequestView } from '../../../src/service/agent/request-view.ts';
import type { DeliverDeps, RefusedMessage } from '../../../src/slack/send/delivery.ts';
import { createMessenger } from '../../../src/slack/send/messenger.ts';
import { reconcile } from '../../../src/slack/send/reconcile.ts';
import { createSlackClient } from '../../../src/slack/send/web-api.ts';
import { makePolicy, makeRule, makeRuleFor, makeSubmission, makeWorld } from '../../support/builders.ts';
import { createTestDatabase } from '../../support/database.ts';
import { inputOf } from '../../support/temporal.ts';
import { createTestUseCases } from '../../support/use-cases.ts';

export const CHANNEL = 'C0PAYMENTS';
export const ADMINS = 'C0DBA';

type Row = { state: string; error: string | null; attempts: number; is_waiting: boolean };
export type Grounds = Awaited<ReturnType<typeof openGrounds>>;

/** One of payments decides on `order/…`, two on `two/…`. */
const POLICY = makePolicy([makeRule(), makeRuleFor('two/*', { quorum: 2 })]);

/** A world, its Slack and what delivers between them. */
export async function openGrounds(policy: PolicyDocument = POLICY) {
  const database = await createTestDatabase();
  const world = await makeWorld(database, policy);
  const api = createTestUseCases(database);
  const playground = await startPlayground();
  const slack = createPlaygroundClient(playground.url);
  const client = createSlackClient({ token: playground.botToken, api_url: playground.apiUrl });
  const refused: RefusedMessage[] = [];
  const createDeps = (): DeliverDeps => ({
    transact: database.transact,
    newId,
    messenger: createMessenger({ token: playground.botToken, api_url: playground.apiUrl }),
    undeliverable: { after_seconds: 300, admin_channel: ADMINS },
    onRefused: (one) => void refused.push(one),
  });
  const deps = createDeps();
  const cards = async () =>
    (await slack.messages(CHANNEL)).filter(({ thread_ts = '', ts }) => thread_ts === '' || thread_ts === ts);
  return {
    database,
    world,
    api,
    playground,
    slack,
    client,
    refused,
    createDeps,
    deps,
    cards,
    ask: (changes = {}): Promise<RequestView> => api.submit(world.caller, makeSubmission(changes)),
    run: ({ id }: Pick<RequestView, 'id'>, by = deps) => reconcile(by, inputOf(id), () => undefined),
    view: ({ id }: RequestView) => api.readRequest(world.caller, id),
    /** Whether each card in the channel has buttons, oldest first. */
    buttons: async () => (await cards()).map(({ blocks }) => blocks.some(({ type }) => type === 'actions')),
    posts: async () => (await slack.calls({ method: 'chat.postMessage', channel: CHANNEL })).length,
    refuse: (error: string, method = 'chat.postMessage') => slack.faults({ kind: 'api_error', method, error }),
    rowOf: async ({ id }: RequestView, kind = 'card'): Promise<Row | undefined> => {
      const sql = `select state, error, attempts, coalesce(next_attempt_at > now(), false) as is_waiting
        from placet.slack_messages where request_id = $1 and kind = $2`;
      return (await database.asSuperuser<Row>(sql, [id, kind]))[0];
    },
    /** Lets so much time pass for a request and its messages. */
    pass: async ({ id }: RequestView, seconds: number) => {
      const back = (columns: string[]) => columns.map((at) => `${at} = ${at} - make_interval(secs => $2)`).join();
      const requests = `update placet.approval_requests set ${back(['created_at', 'expires_at'])} where id = $1`;
      await database.asSuperuser(requests, [id, seconds]);
      const columns = ['next_attempt_at', 'undelivered_at', 'posted_at', 'created_at', 'updated_at', 'tried_at'];
      const messages = `update placet.slack_messages set ${back(columns)} where request_id = $1`;
      await database.asSuperuser(messages, [id, seconds]);
    },
    deleteCards: async () => {
      for (const { ts } of await cards()) await client.chat.delete({ channel: CHANNEL, ts });
    },
    /** Slack as it was at the begin, with the owner of the agent in it. */
    refresh: async () => {
      refused.length = 0;
      await slack.reset();
      await slack.setUser('U0OLGA', { name: 'olga', email: 'olga@example.com', is_email_confirmed: true });
    },
    close: async () => {
      await playground.close();
      await api.close();
      await database.drop();
    },
  };
}
