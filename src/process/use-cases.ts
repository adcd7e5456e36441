// The api's use cases with their dependencies filled in: the one place where services meet credentials.

import { issueCredential } from '../credentials/issue.ts';
import { publicJwks } from '../credentials/jwks.ts';
import { generateSigningKey, openSigningKey } from '../credentials/keyring.ts';
import { openSalts } from '../credentials/masks.ts';
import { judgeProof } from '../credentials/proofs.ts';
import type { MasterKey } from '../credentials/seal.ts';
import { inspectIssued, leaseIdOf, provenBy, verifyIssued } from '../credentials/verify.ts';
import type { Database } from '../db/database.ts';
import type { Listener } from '../db/listen.ts';
import type { SigningKeyRow } from '../db/tables.ts';
import { PlacetError } from '../domain/errors.ts';
import { makeSecret } from '../domain/secret.ts';
import type { ApiDeps } from '../http/deps.ts';
import { hashAdminToken } from '../identity/admin-token.ts';
import { hashAgentKey, isAgentKey } from '../identity/agent-key.ts';
import { authenticate, authenticateToken } from '../identity/authenticate.ts';
import { createDocumentSchema } from '../policy/document-schema.ts';
import { checkParameters } from '../policy/parameters.ts';
import { findTokenBearer } from '../service/admin/tokens.ts';
import type { CredentialFacts, Signer } from '../service/agent/claim.ts';
import type { IntrospectDeps } from '../service/agent/introspect.ts';
import type { AgentSubmission } from '../service/agent/judgement.ts';
import type { ProofDeps } from '../service/agent/proof.ts';
import { readAnyones } from '../service/agent/read.ts';
import { createSigners } from '../service/agent/signing.ts';
import type { Attempt } from '../service/agent/submit.ts';
import type { Holder, Presented, VerifyingKeys } from '../service/agent/use.ts';
import type { ServiceDeps } from '../service/deps.ts';
import { shareReads } from '../service/share.ts';
import { goTogether } from '../service/together.ts';
import { ADMIN_USE_CASES, AGENT_USE_CASES, bind } from '../service/use-cases.ts';
import { fitsCard } from '../slack/draw/card-limits.ts';
import { findAccountWith, freshKey, readVerifier } from './admin.ts';
import type { Config } from './config.ts';
import { digestAction, sha256 } from './digests.ts';
import { createMasks } from './masks.ts';
import { askingLately, askSourcesOf } from './member-sources.ts';

type JudgeInput = Parameters<ProofDeps['judgeProof']>[0];
type InspectInput = Parameters<IntrospectDeps['inspect']>[0];

export type Parts = {
  readonly config: Config;
  readonly database: Pick<Database, 'findAgentByKey' | 'requireWritable'>;
  readonly service: ServiceDeps;
  readonly listener: Listener;
};

/** Two transactions at a time, so that one is judged while the other is written; a transaction of sixteen takes a few ms. */
const CREATIONS = { runs_max: 2, inputs_max: 16 };

/** Everything that the HTTP door may do. */
export function buildUseCases({ config, database, service, listener }: Parts): ApiDeps {
  const readShared = shareReads(
    (input: { readonly tenant_id: string; readonly id: string }) => readAnyones(service, input),
    ({ tenant_id, id }) => `${tenant_id}/${id}`,
  );
  const { tenant: tenant_id } = config;
  const findAgentByKey = shareReads(
    (hash: Uint8Array) => database.findAgentByKey(tenant_id, hash),
    (hash) => Buffer.from(hash).toString('base64'),
  );
  const { public_url } = config;
  const askSources = askSourcesOf(config, service);
  const deps = {
    ...service,
    tenant_id,
    digestAction,
    fitsCard,
    checkParameters,
    masks: createMasks(masterKeyOf(config)),
    known_policies: new Map(),
    together: goTogether<AgentSubmission, Attempt>(CREATIONS),
    wait: listener.wait,
    readShared,
    publicJwks,
    signers: createSigners({ ...service, ...signing(config) }),
    askSources,
    askLately: askingLately(askSources),
    verify: (presented: Presented, keys: VerifyingKeys) => verify(public_url, presented, keys),
    leaseIdOf,
    inspect: async (input: InspectInput, keys: VerifyingKeys) =>
      inspectIssued({ ...input, issuer: public_url, keys: await publicJwks(keys) }),
    judgeProof: (input: JudgeInput) => judgeProof({ master_key: masterKeyOf(config), ...input }),
  };
  const findBearer = (hash: Uint8Array) => findTokenBearer(service, { tenant_id, hash });
  const { requireWritable } = database;
  return {
    ...bind(deps, AGENT_USE_CASES),
    ...bind(
      { ...deps, sha256, makeAgentKey: freshKey, findAccount: findAccountWith(config), verifier: readVerifier },
      ADMIN_USE_CASES,
    ),
    authenticateToken: (bearer) => authenticateToken({ findTokenBearer: findBearer, hashAdminToken }, bearer),
    authenticate: (bearer) => authenticate({ findAgentByKey, hashAgentKey: hashIfKey }, bearer),
    readPolicySchema: async () => createDocumentSchema(),
    isReady: () =>
      requireWritable().then(
        () => true,
        () => false,
      ),
  };
}

function hashIfKey(text: string): Uint8Array | null {
  return isAgentKey(text) ? hashAgentKey(text) : null;
}

function masterKeyOf({ master_key }: Config): MasterKey {
  if (master_key === undefined)
    throw new PlacetError('unavailable', { dependency: 'master key', remedy: 'set PLACET_MASTER_KEY' });
  return makeSecret(master_key);
}

function signing(config: Config) {
  const { public_url: issuer } = config;
  const master_key = masterKeyOf(config);
  return {
    generateKey: async (tenant_id: string) => {
      const made = await generateSigningKey({ master_key, tenant_id });
      return { ...made, private_sealed: Buffer.from(made.private_sealed) };
    },
    openKey: async (tenant_id: string, row: SigningKeyRow): Promise<Signer> => {
      const key = await openSigningKey({ master_key, tenant_id, row });
      const sign = async ({ lease_id, request, grant, person_id, issued_at: now, jkt }: CredentialFacts) => {
        const { credential } = grant;
        const { id: request_id, salts_sealed } = request;
        const salts = salts_sealed === null ? {} : openSalts(master_key, { tenant_id, request_id }, salts_sealed);
        const issued = await issueCredential({
          key,
          issuer,
          now,
          lease_id,
          request,
          salts,
          subject_person_id: person_id,
          grant,
          credential,
          jkt,
        });
        return issued.token.unwrap();
      };
      return { kid: row.kid, sign };
    },
  };
}

async function verify(
  issuer: string,
  { token, scheme = 'Bearer', proof = null, audience, of, now, late_seconds }: Presented,
  keys: VerifyingKeys,
): Promise<Holder> {
  if (token === undefined) throw new PlacetError('credential_invalid');
  const jwks = await publicJwks(keys);
  const claims = await verifyIssued({
    token,
    scheme,
    proof,
    issuer,
    audience,
    keys: jwks,
    now,
    expired_seconds_max: late_seconds,
    ...of,
  });
  const principal = { kind: 'token', id: claims.jti, via: 'api' } as const;
  const { cnf } = claims;
  return cnf === undefined || proof === null ? principal : { ...principal, proof: provenBy(cnf, proof, now) };
}
