// A change of policy where its document does not say who must agree: what narrows is applied, what widens asks an owner or admin.

import { describe, expect, test } from '@jest/globals';
import { applyPolicy } from '../../src/service/admin/apply-policy.ts';
import { changePolicy } from '../../src/service/admin/change-policy.ts';
import { addOwner } from '../../src/service/admin/owners.ts';
import { listWaitingFor } from '../../src/service/approver/waiting.ts';
import { apply, makePerson, makePolicy, makeProfile, makeRule, nobody, OPERATOR } from '../support/builders.ts';
import { TENANT } from '../support/database.ts';

import { administering, ROLES, text, wider } from './administering.ts';

const { change, click, database, deps, eventsOf, invariants, look, newest, propose, token, withRoles, world } =
  administering();

describe('without policy_changes', () => {
  test('what only narrows is applied at once, with its text byte by byte', async () => {
    const document = await withRoles();
    const by = await token();
    const source = `# kept\n${text({ ...document, rules: [makeRule({ quorum: 3 })] })}\n`;
    const { number: base } = await newest();
    const input = { tenant_id: TENANT, by, base, is_alone_confirmed: false, source };
    expect(await changePolicy(deps(), input)).toMatchObject({
      kind: 'applied',
      number: base + 1,
      plan: ['the rule "refunds" needs 3 people instead of 1'],
    });
    expect(await newest()).toMatchObject({ source, via: 'api', applied_by: by.id, request_id: null });
    expect((await eventsOf('policy.forced')).filter(({ actor_kind }) => actor_kind !== 'operator')).toEqual([]);
  });

  test('what widens asks one owner or admin, each by a direct message, and nobody else', async () => {
    const document = await withRoles();
    const request = await propose(await token(), wider(document));
    expect((await newest()).document.rules).toHaveLength(1);
    const groups = await database().asSuperuser<{ name: string; channel: string }>(
      "select name, channel from placet.approver_groups where channel like 'prs%' order by name",
    );
    expect(groups.map(({ name }) => name)).toEqual(['administrator ben@example.com', 'administrator boss@example.com']);
    // In a group that decides on refunds, and nobody to the policy itself.
    expect(await click(request, 'ann')).toMatchObject({ kind: 'refused', refusal: 'not_in_group' });
    const waiting = await listWaitingFor(world().deps, {
      ...{ tenant_id: TENANT, profile: makeProfile('ben'), answers: [], limit: 10 },
    });
    expect(waiting).toMatchObject({
      kind: 'listed',
      items: [{ request: { id: request.id }, agent: { name: 'placet' } }],
    });
    expect(await click(request, 'ben')).toMatchObject({ kind: 'counted', record: { request: { state: 'approved' } } });
    await look(request.id);
    expect(await newest()).toMatchObject({
      request_id: request.id,
      document: { rules: [{}, { name: 'reading is free' }] },
    });
    expect((await eventsOf('policy.applied')).at(-1)).toMatchObject({ request_id: request.id, actor_kind: 'system' });
    const results = await database().asSuperuser('select status, detail from placet.results');
    expect(results).toEqual([{ status: 'succeeded', detail: expect.stringMatching(/^applied as version \d+$/) }]);
    await look(request.id);
    expect((await eventsOf('policy.applied')).filter(({ request_id }) => request_id === request.id)).toHaveLength(1);
    await invariants();
  });

  test('the digest covers the base, the document and the plan that the card shows', async () => {
    const document = await withRoles();
    const { number, digest } = await newest();
    const request = await propose(await token(), wider(document));
    const action = JSON.parse(request.canonical.toString('utf8')) as Record<string, unknown>;
    expect(action).toMatchObject({
      action: 'placet.policy.apply',
      resource: `policy/${number + 1}`,
      parameters: {
        base: { version: number, digest },
        document: { digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
        plan: [expect.stringContaining('adds the rule "reading is free"')],
      },
    });
  });

  test('who is behind the change never counts, owner or not (INV-2)', async () => {
    const document = await withRoles({ roles: { ...ROLES, admin: ['ben@example.com', 'boss@example.com'] } });
    const request = await propose(await token('boss@example.com'), wider(document));
    expect(await click(request, 'boss')).toMatchObject({ kind: 'refused' });
    expect(await click(request, 'ben')).toMatchObject({ kind: 'counted' });
  });

  test('who was admin when it was asked and is none at the click decides nothing; nor does it stand at the apply', async () => {
    const document = await withRoles({ roles: { ...ROLES, admin: ['ben@example.com', 'cat@example.com'] } });
    const by = await token();
    const request = await propose(by, wider(document));
    await database().asSuperuser("update placet.person_emails set until_at = now() where address = 'ben@example.com'");
    expect(await click(request, 'ben', { profile: makeProfile('ben', { email: 'ben@example.com' }) })).toMatchObject({
      kind: 'refused',
    });
    await makePerson(world().service, 'cat@example.com');
    const other = await propose(by, wider(document, 'another'));
    expect(await click(other, 'cat')).toMatchObject({ kind: 'counted', record: { request: { state: 'approved' } } });
    await database().asSuperuser("update placet.person_emails set until_at = now() where address = 'cat@example.com'");
    await look(other.id);
    expect((await eventsOf('policy.proposal_refused')).at(-1)?.facts).toEqual({ code: 'quorum_lost' });
    expect((await newest()).document.rules).toHaveLength(1);
    await invariants();
  });

  test('without anybody else to agree, where others held a role, it is refused; a token gives and takes no role', async () => {
    const document = await withRoles({ roles: { owner: ['ed@example.com'] } });
    const by = await token();
    const past = { ...document, roles: { owner: ['ed@example.com', 'left@example.com'] } };
    await apply(world().service, past);
    await apply(world().service, document);
    await expect(change(by, wider(document), { is_alone_confirmed: true })).rejects.toMatchObject({
      code: 'quorum_unreachable',
    });
    await expect(
      change(by, { ...document, roles: { owner: ['ed@example.com'], viewer: ['x@example.com'] } }),
    ).rejects.toMatchObject({
      code: 'permission_missing',
      details: { permission: 'roles.grant' },
    });
  });

  test('a team of one is asked to confirm, and that is on record', async () => {
    await addOwner(
      { ...world().service, findAccount: nobody },
      { tenant_id: TENANT, operator: OPERATOR, email: 'solo@example.com', is_new_owner: true },
    );
    const by = await token('solo@example.com');
    const document = wider(makePolicy());
    await expect(change(by, document)).rejects.toMatchObject({ code: 'confirmation_needed' });
    expect(await change(by, document, { is_alone_confirmed: true })).toMatchObject({ kind: 'applied' });
    expect((await eventsOf('policy.forced')).at(-1)).toMatchObject({
      actor_kind: 'admin_token',
      facts: { widenings: 1 },
    });
  });
});

describe('the operator', () => {
  test('applies in any case, and what widens is on record as forced', async () => {
    const document = await withRoles({ policy_changes: { approvers: ['payments'], quorum: 2 } });
    await apply(world().service, wider(document));
    expect((await eventsOf('policy.forced')).at(-1)).toMatchObject({ actor_kind: 'operator', facts: { widenings: 1 } });
  });

  test('is told what came by another door, and applies over it only when that is meant', async () => {
    const document = await withRoles();
    const { number } = await newest();
    await change(await token(), { ...document, rules: [makeRule({ quorum: 3 })] });
    const input = { tenant_id: TENANT, document: wider(document), source: '', operator: OPERATOR };
    const own = applyPolicy(deps(), { ...input, base: 'own' });
    await expect(own).rejects.toMatchObject({
      code: 'policy_changed',
      details: { base: number, newest: number + 1, changes: ['the rule "refunds" needs 3 people instead of 1'] },
    });
    await expect(applyPolicy(deps(), { ...input, base: number })).rejects.toMatchObject({ code: 'policy_changed' });
    expect(await applyPolicy(deps(), { ...input, base: number + 1 })).toMatchObject({ kind: 'applied' });
  });
});
