// A change of policy under the `policy_changes` of the live version: what those people agreed to is what is applied,
// once, over the version that they saw.

import { describe, expect, test } from '@jest/globals';
import { rollbackPolicy } from '../../src/service/admin/change-policy.ts';
import { revokeLease } from '../../src/service/revoke-lease.ts';
import { apply, makePolicy, makeRule, OPERATOR } from '../support/builders.ts';
import { TENANT } from '../support/database.ts';

import { administering, ROLES, wider } from './administering.ts';

const { change, click, deps, eventsOf, invariants, look, newest, propose, token, withRoles, world } = administering();

describe('with policy_changes', () => {
  const policy_changes = { approvers: ['payments'], quorum: 2 };

  test('only the people whom the live version names agree, as many as it says; rules have no part in it', async () => {
    const free = makeRule({ name: 'all is free', effect: 'allow', approvers: [], credential: null });
    const rules = [makeRule(), { ...free, match: { ...free.match, action: '*', resource: '*' } }];
    const document = await withRoles({ policy_changes, rules });
    const weaker = { ...document, policy_changes: { approvers: ['payments'], quorum: 1 } };
    const request = await propose(await token(), weaker);
    expect(await click(request, 'boss')).toMatchObject({ kind: 'refused', refusal: 'not_in_group' });
    expect(await click(request, 'ann')).toMatchObject({ kind: 'counted', record: { request: { state: 'pending' } } });
    expect(await click(request, 'cat')).toMatchObject({ kind: 'counted', record: { request: { state: 'approved' } } });
    await look(request.id);
    expect((await newest()).document.policy_changes?.quorum).toBe(1);
    await invariants();
  });

  test('what was agreed to is not revoked but changed back: it is applied at once', async () => {
    const document = await withRoles({ policy_changes: { approvers: ['payments'], quorum: 1 } });
    const request = await propose(await token(), wider(document));
    await click(request, 'ann');
    const revoking = revokeLease(deps(), { tenant_id: TENANT, of: { request_id: request.id }, by: OPERATOR });
    await expect(revoking).rejects.toMatchObject({ code: 'nothing_to_revoke' });
    await look(request.id);
    expect((await newest()).document.rules).toHaveLength(2);
  });

  test('a denial ends it and changes nothing', async () => {
    const document = await withRoles({ policy_changes });
    const request = await propose(await token(), wider(document));
    expect(await click(request, 'ann', { decision: 'deny', reason: 'not now' })).toMatchObject({ kind: 'counted' });
    await look(request.id);
    expect((await newest()).document.rules).toHaveLength(1);
  });

  test('the same change again is the same request; an edit voids what was approved of the one before', async () => {
    const document = await withRoles({ policy_changes });
    const by = await token();
    const first = await propose(by, wider(document));
    expect((await propose(by, wider(document))).id).toBe(first.id);
    await click(first, 'ann');
    const second = await propose(by, wider(document, 'reading is free, edited'));
    expect(second.digest).not.toBe(first.digest);
    expect(await click(first, 'cat')).toMatchObject({ kind: 'refused', refusal: 'closed' });
    expect(await click(second, 'cat')).toMatchObject({ kind: 'counted', record: { request: { state: 'pending' } } });
  });

  test('a version in between ends what waits for another base, and refuses what is made from an earlier one', async () => {
    const document = await withRoles({ policy_changes });
    const by = await token();
    const { number: base } = await newest();
    const request = await propose(by, wider(document));
    await click(request, 'ann');
    await apply(world().service, { ...document, rules: [makeRule({ timeout_seconds: 300 })] });
    expect(await click(request, 'cat')).toMatchObject({ kind: 'refused', refusal: 'closed' });
    await expect(change(by, wider(document), { base })).rejects.toMatchObject({
      code: 'policy_changed',
      details: { base, newest: base + 1, changes: ['the rule "refunds" waits 5 minutes instead of 10 minutes'] },
    });
  });

  test('approved and overtaken, it is not applied: the base is compared when it is set', async () => {
    const document = await withRoles({ policy_changes });
    const request = await propose(await token(), wider(document));
    await click(request, 'ann');
    await click(request, 'cat');
    await apply(world().service, { ...document, rules: [makeRule({ timeout_seconds: 300 })] });
    await look(request.id);
    expect((await newest()).document.rules).toHaveLength(1);
    expect((await eventsOf('policy.proposal_refused')).at(-1)).toMatchObject({
      request_id: request.id,
      facts: { code: 'policy_changed' },
    });
    await look(request.id);
    expect(await eventsOf('policy.proposal_refused')).toHaveLength(1);
    await invariants();
  });

  test('two that die in the middle of it apply it once', async () => {
    const document = await withRoles({ policy_changes });
    const request = await propose(await token(), wider(document));
    for (const name of ['ann', 'cat']) await click(request, name);
    await Promise.all([look(request.id), look(request.id), look(request.id)]);
    expect((await eventsOf('policy.applied')).filter(({ request_id }) => request_id === request.id)).toHaveLength(1);
  });

  test('a version under which no quorum for changes would exist is refused, as is one that Slack’s members could fill', async () => {
    await withRoles();
    for (const wrong of [
      { approvers: ['payments'], quorum: 4 },
      { approvers: ['dba'], quorum: 1 },
      { approvers: ['nowhere'], quorum: 1 },
    ]) {
      await expect(
        apply(world().service, { ...makePolicy(), roles: ROLES, policy_changes: wrong }),
      ).rejects.toMatchObject({
        code: 'policy_invalid',
      });
    }
  });

  test('a rollback is a change like any other', async () => {
    const document = await withRoles({ policy_changes });
    const { number } = await newest();
    await apply(world().service, { ...document, rules: [makeRule({ quorum: 3 })] });
    const by = await token();
    const about = { tenant_id: TENANT, by, base: number + 1, is_alone_confirmed: false };
    expect(await rollbackPolicy(deps(), { ...about, number })).toMatchObject({ kind: 'proposed' });
    await expect(rollbackPolicy(deps(), { ...about, number: 999 })).rejects.toMatchObject({ code: 'not_found' });
  });
});
