// One tool in three web frameworks, each behind its middleware of the SDK: it refunds an order, with what the body says.

import type { AddressInfo } from 'node:net';
import * as forExpress from '@placet/sdk/express';
import * as forFastify from '@placet/sdk/fastify';
import * as forHono from '@placet/sdk/hono';
import type { UseStore } from '@placet/sdk/use-store';
import express from 'express';
import Fastify, { type FastifyRequest } from 'fastify';
import { type Context, Hono } from 'hono';

export const AUDIENCE = 'https://orders.example';
/** Agents know the tool by this address, with a path that a proxy takes away. */
export const PUBLIC_URL = `${AUDIENCE}/api`;

export type Tool = {
  /** What ran, with the lease that it ran by. */
  readonly ran: { readonly id: string; readonly lease_id: string | undefined }[];
  /** Why calls were refused, for the log of the tool. */
  readonly refused: string[];
  readonly call: (path: string, init: RequestInit) => Promise<Response>;
  readonly close: () => Promise<void>;
};
type Options = { readonly url: string; readonly store?: UseStore };

const refund = (id: string, parameters: unknown) => ({
  action: 'orders.refund',
  resource: `order/${id}`,
  parameters: (parameters ?? {}) as Record<string, string | number>,
});

function common({ url, store }: Options) {
  const refused: string[] = [];
  const onRefused = (code: string) => void refused.push(code);
  const more = store === undefined ? {} : { store };
  const retry = { attemptsMax: 1 };
  const options = { url, audience: AUDIENCE, publicUrl: PUBLIC_URL, onRefused, retry, ...more };
  return { refused, options, ran: [] as { id: string; lease_id: string | undefined }[] };
}

async function startFastify(input: Options): Promise<Tool> {
  const { ran, refused, options } = common(input);
  const app = Fastify();
  type Route = { Params: { id: string } };
  const check = forFastify.placetPreHandler({
    ...options,
    action: ({ params, body }: FastifyRequest) => refund((params as Route['Params']).id, body),
  });
  const free = forFastify.placetPreHandler<FastifyRequest>({ ...options, action: () => null });
  app.post<Route>('/refunds/:id', { preHandler: check }, async (request) => {
    ran.push({ id: request.params.id, lease_id: forFastify.callOf(request)?.claims.jti });
    return { done: true };
  });
  app.get('/health', { preHandler: free }, async (request) => ({
    free: forFastify.callOf(request) === undefined,
  }));
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { ran, refused, call: (path, init) => fetch(url + path, init), close: () => app.close() };
}

async function startExpress(input: Options): Promise<Tool> {
  const { ran, refused, options } = common(input);
  const app = express();
  app.use(express.json());
  const check = forExpress.placetMiddleware({
    ...options,
    action: ({ params, body }: express.Request) => refund(String(params['id']), body),
  });
  app.post('/refunds/:id', check, (request, response) => {
    ran.push({ id: String(request.params['id']), lease_id: forExpress.callOf(request)?.claims.jti });
    response.json({ done: true });
  });
  app.get('/health', forExpress.placetMiddleware({ ...options, action: () => null }), (request, response) => {
    response.json({ free: forExpress.callOf(request) === undefined });
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { ran, refused, call: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init), close };
}

async function startHono(input: Options): Promise<Tool> {
  const { ran, refused, options } = common(input);
  const app = new Hono();
  const check = forHono.placetMiddleware({
    ...options,
    action: async ({ req }: Context) => refund(req.param('id') ?? '', await req.json()),
  });
  app.post('/refunds/:id', check, (context) => {
    ran.push({ id: context.req.param('id') ?? '', lease_id: forHono.callOf(context)?.claims.jti });
    return context.json({ done: true });
  });
  app.get('/health', forHono.placetMiddleware({ ...options, action: () => null }), (context) =>
    context.json({ free: forHono.callOf(context) === undefined }),
  );
  return { ran, refused, call: async (path, init) => app.request(path, init), close: async () => undefined };
}

export const FRAMEWORKS = { Fastify: startFastify, Express: startExpress, Hono: startHono } as const;
