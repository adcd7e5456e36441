// The use cases of each door, each named once: a door's type and its binding to the dependencies are made from these lists.

import { cancel } from './agent/cancel.ts';
import { claim } from './agent/claim.ts';
import { awaitDecision, listRequests, readRequest } from './agent/read.ts';
import { listJwks } from './agent/signing.ts';
import { submit } from './agent/submit.ts';
import { report, use } from './agent/use.ts';
import {
  findCard,
  listSlackUserGroups,
  listWaitingFor,
  readRequestRecord,
  recordContentView,
} from './approver/approver.ts';
import { decide } from './approver/decide.ts';

/** What an agent, its tool, and whoever verifies a credential may ask for. */
export const AGENT_USE_CASES = {
  submit,
  readRequest,
  listRequests,
  awaitDecision,
  cancel,
  claim,
  use,
  report,
  listJwks,
};

/** What an approver may ask for. */
export const APPROVER_USE_CASES = {
  decide,
  recordContentView,
  readRequestRecord,
  listWaitingFor,
  listSlackUserGroups,
  findCard,
};

type UseCase = (deps: never, ...input: never[]) => unknown;

/** The use cases with their dependencies filled in. Each throws PlacetError, and `unavailable` when a part of ours is down. */
export type Bound<U> = {
  readonly [Name in keyof U]: U[Name] extends (deps: never, ...input: infer Input) => infer Answer
    ? (...input: Input) => Answer
    : never;
};

type DepsOf<U> = {
  [Name in keyof U]: U[Name] extends (deps: infer Deps, ...input: never) => unknown ? (deps: Deps) => void : never;
};
type AllOf<F> = F extends (deps: infer Deps) => void ? Deps : never;
/** What all of them together need. */
type Needed<U> = AllOf<DepsOf<U>[keyof U]>;

/** Fills in the dependencies of a list of use cases. */
export function bind<U extends Readonly<Record<string, UseCase>>>(deps: Needed<U>, useCases: U): Bound<U> {
  const bound = Object.entries<UseCase>(useCases).map(([name, useCase]) => [
    name,
    (...input: never[]) => useCase(deps as never, ...input),
  ]);
  return Object.fromEntries(bound) as Bound<U>;
}
