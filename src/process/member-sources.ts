// Who is on call, with what asking needs filled in: the operator's list of private hosts, and secrets that are opened here.

import { setTimeout as pause } from 'node:timers/promises';
import { seal, unseal } from '../credentials/seal.ts';
import { PlacetError } from '../domain/errors.ts';
import { type AskedSource, NOT_ASKED, type SourceAnswer, sourceKey } from '../domain/people/membership.ts';
import { makeSecret } from '../domain/secret.ts';
import { readSealedSecret, type SecretPlace } from '../service/admin/source-secrets.ts';
import type { ServiceDeps } from '../service/deps.ts';
import type { AskSources } from '../service/memberships.ts';
import { shareReads } from '../service/share.ts';
import { type AskOnCall, askSourcesWith, createAskSlack } from '../slack/send/member-sources.ts';
import { askOnCall } from '../sources/on-call.ts';
import type { Config } from './config.ts';

type Sources = Pick<Config, 'tenant' | 'master_key' | 'private_hosts'>;

/** Asks who is on call. SourcesToAsk of one moment share an answer that was asked for after they came. */
export function createAskOnCall(config: Sources, service: Pick<ServiceDeps, 'transact'>): AskOnCall {
  const { tenant: tenant_id, private_hosts = [] } = config;
  const readSecret = async (host: string): Promise<string | null> => {
    const bytes = await readSealedSecret(service, { tenant_id, host });
    if (bytes === null) return null;
    const place = placeOf({ tenant_id, host });
    return unseal({ master_key: masterKeyOf(config), place, bytes }).toString('utf8');
  };
  return shareReads(
    (source: Parameters<AskOnCall>[0]): Promise<SourceAnswer> =>
      askOnCall({ private_hosts, readSecret }, source, new Date()),
    ({ format, url }) => `${format}:${url}`,
  );
}

/** Asks all sources, for processes that hear no clicks. */
export function askSourcesOf(
  config: Sources & Pick<Config, 'slack' | 'slack_api_url'>,
  service: Pick<ServiceDeps, 'transact'>,
): AskSources {
  const { slack, slack_api_url: api_url } = config;
  const askSlack = createAskSlack({ token: slack.kind === 'none' ? null : slack.bot_token, api_url });
  return askSourcesWith(askSlack, createAskOnCall(config, service));
}

/** What a source said is good for so long where nobody is counted by it; that it could not be asked, for less. */
const KEPT_MS = 60_000;
const FAILED_MS = 10_000;
/** Whoever asks waits no longer: the question goes on for those who come after. */
const ANSWER_MS_MAX = 2_000;
/** Policies that named other groups are forgotten at once. */
const KEPT_MAX = 500;

/** Asks where an answer of the last minute will do. Never throws: a source that cannot be asked says so. */
export function askingLately(ask: AskSources) {
  const kept = new Map<string, { readonly until_ms: number; readonly answer: Promise<SourceAnswer> }>();
  const askOne = (source: AskedSource): Promise<SourceAnswer> => {
    const key = sourceKey(source);
    const known = kept.get(key);
    if (known !== undefined && performance.now() < known.until_ms) return known.answer;
    const keep = (answer: Promise<SourceAnswer>, ms: number) =>
      kept.set(key, { until_ms: performance.now() + ms, answer });
    const answer = ask([source], null).then(
      ([only]) => only ?? notAsked(source),
      () => {
        keep(Promise.resolve(notAsked(source)), FAILED_MS);
        return notAsked(source);
      },
    );
    if (kept.size >= KEPT_MAX) kept.clear();
    keep(answer, KEPT_MS);
    return answer;
  };
  return (sources: readonly AskedSource[]): Promise<readonly SourceAnswer[]> =>
    Promise.all(sources.map((source) => Promise.race([askOne(source), later(notAsked(source))])));
}

function notAsked(source: AskedSource): SourceAnswer {
  return { source, asked_at: new Date(), members: [], digest: '', fault: NOT_ASKED };
}

function later(answer: SourceAnswer): Promise<SourceAnswer> {
  return pause(ANSWER_MS_MAX, answer, { ref: false });
}

/** Seals the secret of a host under the master key. */
export function sealSecretWith(config: Pick<Config, 'master_key'>) {
  return (place: SecretPlace, secret: string): Uint8Array =>
    seal({ master_key: masterKeyOf(config), place: placeOf(place), bytes: Buffer.from(secret, 'utf8') });
}

function placeOf({ tenant_id, host }: SecretPlace): readonly string[] {
  return ['source_secret', tenant_id, host];
}

function masterKeyOf({ master_key }: Pick<Config, 'master_key'>) {
  if (master_key === undefined)
    throw new PlacetError('unavailable', { dependency: 'master key', remedy: 'set PLACET_MASTER_KEY' });
  return makeSecret(master_key);
}
