// Has small tables analyzed as they grow, so that no statement keeps the plan of an empty one.

import * as analyze from '../db/analyze.ts';
import type { ServiceDeps } from '../service/deps.ts';
import { rest } from './relay.ts';

/** A burst meets tables that were empty a moment ago; the look itself costs a fraction of a millisecond. */
const ANALYZE_MS = 1_000;

export type AnalyzeDeps = Pick<ServiceDeps, 'transact'> & {
  readonly tenant_id: string;
  readonly onError: (error: unknown) => void;
};

/** Looks once a second, until `signal` fires. */
export async function analyzeOften({ transact, tenant_id, onError }: AnalyzeDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await transact(tenant_id, (tx) => analyze.analyzeGrown(tx)).catch(onError);
    await rest(ANALYZE_MS, signal);
  }
}
