// Secrets by which sources of members are asked: an operator writes them, and nobody reads them again but whoever asks.

import { recordEvent } from '../../audit/record.ts';
import type { SecretEntry } from '../../db/source-secrets.ts';
import * as sourceSecrets from '../../db/source-secrets.ts';
import { PlacetError } from '../../domain/errors.ts';
import type { OperatorPrincipal } from '../../domain/people/principal.ts';
import type { ServiceDeps } from '../deps.ts';

export type SecretDeps = ServiceDeps & {
  /** Sealed for one host of a tenant. */
  readonly sealSecret: (place: SecretPlace, secret: string) => Uint8Array;
};

export type SecretPlace = { readonly tenant_id: string; readonly host: string };

type Operator = { readonly tenant_id: string; readonly operator: OperatorPrincipal };

/** Keeps the secret of a host, in place of any before. */
export function setSourceSecret(
  deps: SecretDeps,
  input: Operator & { readonly host: string; readonly secret: string },
): Promise<void> {
  const { tenant_id, host, secret, operator: actor } = input;
  const sealed = deps.sealSecret({ tenant_id, host }, secret);
  return deps.transact(tenant_id, async (tx) => {
    await sourceSecrets.setSecret(tx, host, sealed);
    await recordEvent(deps, tx, { type: 'source_secret.set', outcome: 'success', actor, facts: { host } });
  });
}

/** Forgets it. Throws not_found. */
export function removeSourceSecret(deps: ServiceDeps, input: Operator & { readonly host: string }): Promise<void> {
  const { tenant_id, host, operator: actor } = input;
  return deps.transact(tenant_id, async (tx) => {
    if (!(await sourceSecrets.removeSecret(tx, host))) throw new PlacetError('not_found', { host });
    await recordEvent(deps, tx, { type: 'source_secret.removed', outcome: 'success', actor, facts: { host } });
  });
}

/** The hosts that have one, and since when. */
export function listSourceSecrets(
  deps: Pick<ServiceDeps, 'transact'>,
  { tenant_id }: { readonly tenant_id: string },
): Promise<readonly SecretEntry[]> {
  return deps.transact(tenant_id, (tx) => sourceSecrets.listSecrets(tx));
}

/** The sealed secret of a host, for whoever asks it; null where there is none. */
export function readSealedSecret(
  deps: Pick<ServiceDeps, 'transact'>,
  { tenant_id, host }: SecretPlace,
): Promise<Uint8Array | null> {
  return deps.transact(tenant_id, (tx) => sourceSecrets.readSecret(tx, host));
}
