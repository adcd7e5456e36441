// An OAuth client asks and polls as CIBA does, for its own requests and for those of our own API.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { actionDigest } from '@placet/sdk';
import * as oauth from 'oauth4webapi';
import { decide } from '../../../src/service/approver/decide.ts';
import { CREDENTIAL, makeClick } from '../../support/builders.ts';
import { eventsOf } from '../../support/rows.ts';
import { ACTION, type Answer, INSECURE, type OAuthApi, openOAuth } from './oauth-api.ts';
import { POLL } from './operations.ts';

let it: OAuthApi;
let client: oauth.Client;
let auth: oauth.ClientAuth;
beforeAll(async () => {
  it = await openOAuth();
  client = { client_id: it.agent.id };
  auth = oauth.ClientSecretPost(it.agent.secret);
});
afterAll(() => it.close());

const DETAIL = {
  type: 'placet_action',
  actions: [ACTION.action],
  identifier: 'order/A-1',
  parameters: ACTION.parameters,
};
const formOf = (detail: object, more: Readonly<Record<string, string>> = {}) => ({
  authorization_details: JSON.stringify([detail]),
  ...more,
});
const poll = (id: string, who = it.agent) => it.post('/oauth/token', who, { grant_type: POLL, auth_req_id: id });
const codeOf = ({ json }: Answer) => [json['error'], String(json['error_uri']).split('/').at(-1)];

test('a client asks, waits, and has the credential of what people approved', async () => {
  const form = formOf(DETAIL, { binding_message: 'The parcel arrived broken.', requested_expiry: '600' });
  const response = await oauth.backchannelAuthenticationRequest(it.server, client, auth, form, INSECURE);
  const answer = await oauth.processBackchannelAuthenticationResponse(it.server, client, response);
  expect(answer).toMatchObject({ expires_in: 600, interval: 5 });
  const { auth_req_id: id } = answer;
  const { text } = await it.api.send(it.agent.secret, 'GET', `/v1/approval-requests/${id}`);
  const digest = actionDigest({ ...ACTION, resource: 'order/A-1' });
  expect(JSON.parse(text)).toMatchObject({ digest, justification: 'The parcel arrived broken.', state: 'pending' });
  const grant = () => oauth.backchannelAuthenticationGrantRequest(it.server, client, auth, id, INSECURE);
  const process = async () => oauth.processBackchannelAuthenticationGrantResponse(it.server, client, await grant());
  await expect(process()).rejects.toMatchObject({ error: 'authorization_pending', status: 400 });
  await expect(process()).rejects.toMatchObject({ error: 'slow_down' });
  expect(await eventsOf(it.database, id, 'grant.claim_refused')).toEqual([]);
  await it.approve({ id, digest, state: 'pending' });
  const { access_token, ...granted } = await process();
  expect(granted).toMatchObject({ token_type: 'bearer', scope: CREDENTIAL.scopes.join(' '), expires_in: 300 });
  expect(granted.authorization_details).toMatchObject([{ identifier: 'order/A-1', digest }]);
  expect(access_token).not.toBe('');
  await expect(process()).rejects.toMatchObject({ error: 'invalid_grant' });
});

test('it polls for a request of our own API as well, and polls for two requests do not slow each other', async () => {
  const request = await it.ask();
  const other = await it.ask();
  expect(codeOf(await poll(request.id))).toEqual(['authorization_pending', 'request_pending']);
  expect(codeOf(await poll(other.id))).toEqual(['authorization_pending', 'request_pending']);
  expect(codeOf(await poll(request.id))).toEqual(['slow_down', 'polled_too_soon']);
  await it.approve(request);
  expect((await poll(request.id)).status).toBe(200);
});

test('how a request ended is told in the words of CIBA, and so is whose it is not', async () => {
  const denied = await it.ask();
  await decide(it.world.deps, makeClick(denied, 'ann', { decision: 'deny', reason: 'Not now.' }));
  expect(codeOf(await poll(denied.id))).toEqual(['access_denied', 'request_denied']);
  const cancelled = await it.ask();
  await it.api.send(it.agent.secret, 'POST', `/v1/approval-requests/${cancelled.id}/cancel`);
  expect(codeOf(await poll(cancelled.id))).toEqual(['invalid_grant', 'not_approved']);
  const late = await it.ask('free/1');
  await it.database.asSuperuser(
    `update placet.grants set claim_expires_at = now() - interval '1 second' where request_id = $1`,
    [late.id],
  );
  expect(codeOf(await poll(late.id))).toEqual(['expired_token', 'claim_expired']);
  const mine = await it.ask();
  expect(codeOf(await poll(mine.id, it.stranger))).toEqual(['invalid_grant', 'not_found']);
  expect(codeOf(await poll('apr_none'))).toEqual(['invalid_grant', 'not_found']);
  expect(codeOf(await poll(mine.id, it.tool))).toEqual(['unauthorized_client', 'permission_missing']);
});

test('what a rule allows or denies by itself is told at once', async () => {
  const ask = (identifier: string, headers = {}) =>
    it.post('/oauth/bc-authorize', it.agent, formOf({ ...DETAIL, identifier }), headers);
  const allowed = await ask('free/1', { 'idempotency-key': 'one' });
  expect(allowed).toMatchObject({ status: 200, json: { expires_in: 300 } });
  expect(await ask('free/1', { 'idempotency-key': 'one' })).toMatchObject({ json: allowed.json });
  const conflict = await ask('free/2', { 'idempotency-key': 'one' });
  expect(codeOf(conflict)).toEqual(['invalid_request', 'idempotency_conflict']);
  const denied = await ask('nothing/matches');
  expect([denied.status, codeOf(denied)]).toEqual([403, ['access_denied', 'request_denied']]);
});

test('a scope and a location narrow the credential, within the rule', async () => {
  const place = { ...DETAIL, identifier: 'free/1', locations: [CREDENTIAL.audience], lifetime_seconds: 60 };
  const { json } = await it.post('/oauth/bc-authorize', it.agent, formOf(place, { scope: 'orders:refund' }));
  const answer = await poll(String(json['auth_req_id']));
  expect(answer.json).toMatchObject({ expires_in: 60, scope: 'orders:refund' });
  const wider = await it.post('/oauth/bc-authorize', it.agent, formOf(place, { scope: 'orders:refund admin' }));
  expect(codeOf(wider)).toEqual(['invalid_scope', 'credential_exceeds_policy']);
});

describe('nothing is asked by what is no single action', () => {
  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['none', {}, 'invalid_request'],
    ['no JSON', { authorization_details: '{' }, 'invalid_authorization_details'],
    [
      'a member twice',
      { authorization_details: '[{"type":"placet_action","type":"x"}]' },
      'invalid_authorization_details',
    ],
    ['another type', formOf({ ...DETAIL, type: 'payment' }), 'invalid_authorization_details'],
    ['a member that is not ours', formOf({ ...DETAIL, privileges: ['all'] }), 'invalid_authorization_details'],
    ['two actions', formOf({ ...DETAIL, actions: ['a', 'b'] }), 'invalid_authorization_details'],
    [
      'two places',
      formOf({ ...DETAIL, locations: ['https://a.example', 'https://b.example'] }),
      'invalid_authorization_details',
    ],
    ['two objects', { authorization_details: JSON.stringify([DETAIL, DETAIL]) }, 'invalid_authorization_details'],
    ['a scope without a place', formOf(DETAIL, { scope: 'orders:refund' }), 'invalid_request'],
    ['a resource that is none', formOf({ ...DETAIL, identifier: '' }), 'invalid_request'],
    ['a person who is none', formOf(DETAIL, { login_hint: 'nobody' }), 'invalid_request'],
    ['a time that is none', formOf(DETAIL, { requested_expiry: '1e9' }), 'invalid_request'],
    ['an action of our own', formOf({ ...DETAIL, actions: ['placet.policy'] }), 'invalid_request'],
  ])('%s', async (_name, form, error) => {
    const sql = 'select count(*)::int as requests from placet.approval_requests';
    const before = await it.database.asSuperuser(sql);
    const { status, json } = await it.post('/oauth/bc-authorize', it.agent, form);
    expect([status, json['error']]).toEqual([400, error]);
    expect(await it.database.asSuperuser(sql)).toEqual(before);
  });
});
