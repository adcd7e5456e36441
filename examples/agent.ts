// A demo agent: it wants to refund an order, asks, waits for people, claims its credential and calls the tool with it.
// Alone: PLACET_URL=… PLACET_AGENT_KEY=plk_… TOOL_URL=http://127.0.0.1:4100 node dist/examples/agent.js
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type ApprovalRequest, createPlacet, type Placet } from '@placet/sdk';

export type AgentOptions = {
  readonly placetUrl: string;
  readonly apiKey: string;
  readonly toolUrl: string;
  /** The name of the tool, for which the credential is made out. */
  readonly audience: string;
  /** Names the run, so that one that is started again asks for nothing twice; a new one by default. */
  readonly job?: string;
  /** How many refunds to ask for, one after the other; 1 by default. */
  readonly rounds?: number;
  /** Between two refunds; 5 s by default. */
  readonly pauseMs?: number;
  readonly signal?: AbortSignal;
  readonly say?: (line: string) => void;
};

type Deliver = (line: string) => void;

const ORDERS = [
  { order: 'A-1001', amount: 120, currency: 'EUR', justification: 'The parcel was lost on the way.' },
  { order: 'A-1002', amount: 35.5, currency: 'EUR', justification: 'The customer returned one of two items.' },
  { order: 'B-2001', amount: 980, currency: 'USD', justification: 'The order was charged twice.' },
] as const;

/** Goes on with what it left pending in an earlier life, else asks; ends after `rounds` or when `signal` is aborted. */
export async function runAgent(options: AgentOptions): Promise<void> {
  const { job = randomUUID(), rounds = 1, pauseMs = 5_000, signal, say = () => undefined } = options;
  const placet = createPlacet({ url: options.placetUrl, apiKey: options.apiKey });
  for (let round = 0; round < rounds && !signal?.aborted; round += 1) {
    if (round > 0) await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    try {
      const left = await placet.list({ state: 'pending', limit: 1 });
      const request = left.items[0] ?? (await ask(placet, options.audience, { job, round }));
      say(`agent: asked for ${request.action} on ${request.resource} (${request.id})`);
      await finish(placet, await placet.waitForDecision(request.id, { signal }), options, say);
    } catch (error) {
      if (signal?.aborted) return;
      if (round + 1 >= rounds) throw error;
      say(`agent: ${error instanceof Error ? error.message : String(error)}; trying again`);
    }
  }
}

type Turn = { readonly job: string; readonly round: number };

function ask(placet: Placet, audience: string, { job, round }: Turn): Promise<ApprovalRequest> {
  const { order, amount, currency, justification } = ORDERS[round % ORDERS.length] ?? ORDERS[0];
  const refund = {
    action: 'orders.refund',
    resource: `order/${order}`,
    parameters: { amount, currency },
    justification,
    credential: { audience, scopes: ['orders:refund'], lifetimeSeconds: 300 },
  };
  return placet.request(refund, { idempotencyKey: `${job}/${round}` });
}

async function finish(placet: Placet, request: ApprovalRequest, options: AgentOptions, say: Deliver): Promise<void> {
  const by = request.outcome?.by.join(' and ') || 'the policy';
  if (request.state === 'denied') {
    say(`agent: denied by ${by}; nothing was run: ${request.outcome?.reason}`);
    return;
  }
  if (request.state !== 'approved') {
    say(`agent: ${request.state}; nothing was run`);
    return;
  }
  say(`agent: approved by ${by}; claiming the credential`);
  const { credential, lease } = await placet.claim(request.id);
  const answer = await callTool(options.toolUrl, credential.token, request);
  await placet.report(request.id, {
    status: answer.ok ? 'succeeded' : 'failed',
    detail: `tool answered ${answer.status}`,
  });
  say(`agent: the tool answered ${answer.status}; lease ${lease.id} is spent`);
}

function callTool(url: string, token: string, { resource, parameters }: ApprovalRequest): Promise<Response> {
  return fetch(`${url}/refunds`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ order: resource.replace('order/', ''), ...parameters }),
    signal: AbortSignal.timeout(30_000),
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const {
    PLACET_URL = 'http://127.0.0.1:8420',
    PLACET_AGENT_KEY = '',
    TOOL_URL = 'http://127.0.0.1:4100',
  } = process.env;
  const { TOOL_AUDIENCE = 'https://orders.example', AGENT_ROUNDS = '1', AGENT_JOB = randomUUID() } = process.env;
  await runAgent({
    placetUrl: PLACET_URL,
    apiKey: PLACET_AGENT_KEY,
    toolUrl: TOOL_URL,
    audience: TOOL_AUDIENCE,
    job: AGENT_JOB,
    rounds: Number(AGENT_ROUNDS),
    say: (line) => console.log(line),
  });
}
