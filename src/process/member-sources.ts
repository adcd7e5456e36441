// Who is on call, with what asking needs filled in: the operator's list of private hosts, and secrets that are opened here.

import { seal, unseal } from '../credentials/seal.ts';
import { PlacetError } from '../domain/errors.ts';
import type { SourceAnswer } from '../domain/people/membership.ts';
import { makeSecret } from '../domain/secret.ts';
import { readSealedSecret, type SecretPlace } from '../service/admin/source-secrets.ts';
import type { ServiceDeps } from '../service/deps.ts';
import { shareReads } from '../service/share.ts';
import type { AskOnCall } from '../slack/send/member-sources.ts';
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
