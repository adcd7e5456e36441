// Round trips, statements and transactions of each operation and of a whole approval, counted under the real use cases, and
// the events of its history.

import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { type ActivityDeps, createActivities } from '../../activities/index.ts';
import { openListener } from '../../src/db/listen.ts';
import { drain } from '../../src/delivery/relay.ts';
import { openTemporal } from '../../src/delivery/temporal.ts';
import { type ApprovalInput, workflowId } from '../../src/domain/work/workflow.ts';
import { createLog } from '../../src/observe/log.ts';
import { buildUseCases } from '../../src/process/use-cases.ts';
import { openService } from '../../src/process/wiring.ts';
import { workerOptions } from '../../src/process/worker.ts';
import { createMessenger } from '../../src/slack/send/messenger.ts';
import { postFirst } from '../../src/slack/send/reconcile.ts';
import { type Figure, type Finding, figure } from '../report.ts';
import type { Sizes } from '../sizes.ts';
import type { Counts } from '../support/counts.ts';
import { countApproval, countOperations, type Operating, type Telling } from '../support/operations.ts';
import { ALLOWED, createQuestions, REQUIRED } from '../support/policy.ts';
import { openProduct, type Product } from '../support/product.ts';
import type { Servers } from '../support/servers.ts';
import { endOf, isWaiting, quietRuntime } from '../support/workflows.ts';

const BUNDLE = fileURLToPath(new URL('../../../dist/workflow-bundle.js', import.meta.url));
const TENANT = 'default';

/** Counts one of each, and one whole approval, after one that is not counted. */
export async function benchStatements(servers: Servers, _sizes: Sizes): Promise<Finding> {
  // Slack's side stands beside it; no worker runs, since its work is done in this process to be counted.
  const product = await openProduct(servers, ['slack']);
  const { config } = product;
  const { database, service } = await openService(config, 'bench', createLog({ level: 'silent', role: 'bench' }));
  const listener = openListener({ url: product.appUrl, onError: () => undefined });
  try {
    const { slack, slack_api_url: api_url } = config;
    const token = slack.kind === 'none' ? '' : slack.bot_token;
    const undeliverable = { after_seconds: config.undeliverable_after_seconds, admin_channel: null };
    const delivering: ActivityDeps = {
      ...{ ...service, undeliverable, onError: () => undefined, onRefused: () => undefined },
      messenger: createMessenger({ token, api_url }),
    };
    const activities = createActivities(delivering);
    const operating: Operating = {
      api: buildUseCases({ config, database, service, listener }),
      bearer: product.key,
      allowed: createQuestions(ALLOWED),
      required: createQuestions(REQUIRED),
      approve: product.approve,
      reconcile: (request_id) => activities.reconcile({ tenant_id: TENANT, request_id }),
    };
    const found = await countOperations(operating);
    const whole = await withRuns(servers, product, delivering, (telling) => countApproval(operating, telling));
    return {
      title: 'round trips, SQL statements and transactions of each operation',
      figures: [
        ...[...found].flatMap(([name, counts]) => figuresOf(name, counts)),
        ...figuresOf('a whole approval of an agent that acts at once', whole),
        figure('', 'history events', [whole.events]),
      ],
      notes: ['begin, set the tenant and read the time is one round trip; commit is one; triggers are not counted'],
    };
  } finally {
    await listener.close();
    await database.close();
    await product.close();
  }
}

function figuresOf(name: string, { trips, statements, transactions }: Counts): Figure[] {
  return [
    figure(name, 'round trips', [trips]),
    figure('', 'statements', [statements]),
    figure('', 'transactions', [transactions]),
  ];
}

/** Runs of Temporal in this process, told of by a relay that is called by hand. */
async function withRuns<T>(
  { temporalAddress: address }: Servers,
  { service, taskQueue: task_queue }: Product,
  delivering: ActivityDeps,
  work: (telling: Telling) => Promise<T>,
): Promise<T> {
  quietRuntime();
  const namespace = 'default';
  const connection = await NativeConnection.connect({ address });
  const activities = createActivities(delivering);
  const worker = await Worker.create(workerOptions({ connection, namespace, task_queue, bundle: BUNDLE, activities }));
  const running = worker.run();
  const { start, nudge, close } = openTemporal({ address, namespace, task_queue });
  const asking = await Connection.connect({ address });
  const { workflow } = new Client({ connection: asking, namespace });
  const handleOf = (request_id: string) => workflow.getHandle(workflowId({ tenant_id: TENANT, request_id }));
  const onError = (error: unknown) => {
    throw error;
  };
  const post = (input: ApprovalInput) => postFirst(delivering, input, onError);
  const relaying = { ...service, tenant_id: TENANT, post, start, nudge, onOutbox: () => undefined, onError };
  try {
    return await work({
      drain: () => drain(relaying),
      cardPosted: (id) => isWaiting(handleOf(id)),
      ended: (id) => endOf(handleOf(id)),
    });
  } finally {
    worker.shutdown();
    await running;
    await Promise.all([close(), asking.close(), connection.close()]);
  }
}
