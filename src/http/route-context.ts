// The types that the resource files share. No behaviour.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Metrics } from '../observe/metrics.ts';
import type { AnswerLog } from './answer-log.ts';
import type { Waits } from './api/waits.ts';
import type { Guards } from './auth.ts';
import type { ApiDeps } from './deps.ts';

export type ApiInstance = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What a resource file gets to register its routes with. */
export type RouteContext = {
  readonly app: ApiInstance;
  readonly deps: ApiDeps;
  readonly guards: Guards;
  readonly waits: Waits;
  readonly metrics: Metrics;
  /** Logs what ended an answer of which a part was sent already. */
  readonly broken: AnswerLog['broken'];
  /** Where callers reach us, as they write it: never what a header says. */
  readonly public_url: string;
};

/** Answers are only read: a readonly view may stand for the schema's output. */
export type Answer<T> = T extends Date
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Answer<Item>[]
    : T extends object
      ? { readonly [Name in keyof T]: Answer<T[Name]> }
      : T;
