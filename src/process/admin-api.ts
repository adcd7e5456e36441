// What commands do over the API, with an admin token: the person behind it is judged there, as any program of theirs is.

import type { GroupChange, RemoteChange } from '../cli/operations.ts';
import { ERRORS, type ErrorCode, PlacetError } from '../domain/errors.ts';
import type { Config } from './config.ts';

/** An API that answers later than this does not answer. */
const ANSWER_MS_MAX = 15_000;

/** Sets or takes away an approver group, over the version that was looked at. Throws what the API answers. */
export async function changeGroup(config: Config, change: GroupChange): Promise<RemoteChange> {
  const { name, entry, base, is_alone_confirmed } = change;
  const seen = base === null ? await newestTag(config) : `"${base}"`;
  const query = is_alone_confirmed ? '?confirm=alone' : '';
  const answer = await send(config, `/v1/approver-groups/${encodeURIComponent(name)}${query}`, {
    method: entry === null ? 'DELETE' : 'PUT',
    headers: { 'if-match': seen, ...(entry === null ? {} : { 'content-type': 'application/json' }) },
    ...(entry === null ? {} : { body: JSON.stringify(entry) }),
  });
  return (await answer.json()) as RemoteChange;
}

/** The tag of the newest version; that of none before the first. */
async function newestTag(config: Config): Promise<string> {
  try {
    return (await send(config, '/v1/policy', {})).headers.get('etag') ?? '"0"';
  } catch (error) {
    if (error instanceof PlacetError && error.code === 'not_found') return '"0"';
    throw error;
  }
}

async function send({ public_url, admin_token }: Config, path: string, init: RequestInit): Promise<Response> {
  if (admin_token === undefined) {
    const remedy = 'set PLACET_ADMIN_TOKEN to a token of placet token create, and PLACET_PUBLIC_URL to the API';
    throw new PlacetError('admin_token_invalid', { remedy });
  }
  const signal = AbortSignal.timeout(ANSWER_MS_MAX);
  const headers = { ...init.headers, authorization: `Bearer ${admin_token}` };
  const answer = await fetch(`${public_url}${path}`, { ...init, headers, signal, redirect: 'error' }).catch(() => {
    throw new PlacetError('unavailable', {
      dependency: 'api',
      reason: `${public_url} does not answer`,
      remedy: 'set PLACET_PUBLIC_URL to the URL of the API, and look whether it runs',
    });
  });
  if (!answer.ok) throw refusalOf(await answer.json().catch(() => null));
  return answer;
}

/** What the API said, as the error that it is there. */
function refusalOf(problem: unknown): PlacetError {
  const {
    type: _type,
    title: _title,
    status: _status,
    instance: _instance,
    code,
    ...details
  } = (problem ?? {}) as Record<string, unknown>;
  const isKnown = typeof code === 'string' && Object.hasOwn(ERRORS, code);
  return new PlacetError(isKnown ? (code as ErrorCode) : 'unavailable', isKnown ? details : { dependency: 'api' });
}
