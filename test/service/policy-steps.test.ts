// A change of policy that names what it changes: by a token or by a person with a role, over the version that was seen, and
// with no more right than a whole text would have.

import { beforeEach, describe, expect, test } from '@jest/globals';
import type { PersonPrincipal } from '../../src/domain/people/principal.ts';
import type { PolicyDocument } from '../../src/domain/policy/policy.ts';
import { applyPolicy } from '../../src/service/admin/apply-policy.ts';
import type { PolicyAdministrator } from '../../src/service/admin/author.ts';
import { type PolicyStep, planStep, takeStep } from '../../src/service/admin/change-policy.ts';
import { makePerson, makePolicy, OPERATOR } from '../support/builders.ts';
import { TENANT } from '../support/database.ts';
import { administering, ROLES, text } from './administering.ts';

const { click, database, deps, eventsOf, look, newest, token, world } = administering();
const LESS = { kind: 'change_group', name: 'payments', add: [], remove: ['cat@example.com'], options: {} } as const;
const MORE = { kind: 'change_group', name: 'payments', add: ['eve@example.com'], remove: [], options: {} } as const;
const SOURCE = (document: PolicyDocument) => `# kept\n${text(document)}\n`;

const put = (document: PolicyDocument) =>
  applyPolicy(deps(), { tenant_id: TENANT, document, source: SOURCE(document), operator: OPERATOR });
const person = async (address: string): Promise<PersonPrincipal> => {
  const id = await makePerson(world().service, address);
  return { kind: 'person', id, via: 'slack', account: `T0ACME/U0${address[0]?.toUpperCase()}`, is_active: true };
};
const step = async (
  by: PolicyAdministrator,
  wanted: PolicyStep,
  more: { base?: number; is_alone_confirmed?: boolean } = {},
) =>
  takeStep(deps(), {
    ...{ tenant_id: TENANT, by, step: wanted, is_alone_confirmed: more.is_alone_confirmed ?? false },
    base: more.base ?? (await newest()).number,
  });

describe('with roles of several people', () => {
  beforeEach(async () => {
    await put({ ...makePolicy(), roles: ROLES });
    for (const address of Object.values(ROLES).flat()) await makePerson(world().service, address);
  });

  test('what narrows is a new version at once: the edited text, with its comment, under who made it', async () => {
    const by = await person('ed@example.com');
    expect(await step(by, LESS)).toMatchObject({ kind: 'applied', number: 3 });
    const { source, document, via, applied_by } = await newest();
    expect([source.startsWith('# kept\n'), via, applied_by]).toEqual([true, 'slack', by.id]);
    expect(document.approver_groups['payments']?.members).toEqual(['ann@example.com', 'ben@example.com']);
    expect((await eventsOf('policy.applied')).at(-1)).toMatchObject({ actor_kind: 'person' });
  });

  test('what widens waits for somebody else, whom its author never is, and then is what was shown', async () => {
    const by = await person('boss@example.com');
    const base = (await newest()).number;
    const planned = await planStep(deps(), { tenant_id: TENANT, step: MORE, base, by });
    expect(planned).toMatchObject({
      base,
      ends: 'proposed',
      plan: expect.arrayContaining([expect.stringContaining('eve@example.com')]),
    });
    const changed = await step(by, MORE);
    if (changed.kind !== 'proposed') throw new Error(changed.kind);
    const [request] = await database().asSuperuser<{ id: string; digest: string }>(
      'select id, digest from placet.approval_requests where id = $1',
      [changed.request_id],
    );
    if (request === undefined) throw new Error('no request');
    expect(await click(request, 'boss')).toMatchObject({ kind: 'refused', refusal: 'is_requester' });
    expect(await click(request, 'ben')).toMatchObject({ kind: 'counted' });
    await look(request.id);
    expect((await newest()).digest).toBe(planned.digest);
  });

  test('somebody without the role, a viewer, and one who lost it change nothing', async () => {
    for (const who of ['cat@example.com', 'nobody@example.com'])
      await expect(step(await person(who), LESS)).rejects.toMatchObject({ code: 'permission_missing' });
    const by = await person('ed@example.com');
    await put({ ...makePolicy(), roles: { ...ROLES, policy_editor: [], viewer: ['ed@example.com'] } });
    await expect(step(by, LESS)).rejects.toMatchObject({ code: 'permission_missing' });
    await expect(step({ ...(await person('boss@example.com')), is_active: false }, LESS)).rejects.toMatchObject({
      code: 'permission_missing',
    });
    expect((await newest()).number).toBe(3);
  });

  test('over another version it is refused with what that changed, also where it would still fit', async () => {
    const by = await token();
    await step(await person('ed@example.com'), LESS);
    const of = { kind: 'switch_rule', name: 'refunds', is_on: false } as const;
    await expect(step(by, of, { base: 2 })).rejects.toMatchObject({
      code: 'policy_changed',
      details: { base: 2, newest: 3, changes: expect.arrayContaining([expect.stringContaining('cat@example.com')]) },
    });
  });

  test('what the document may not be is refused as a file would be, and what is not there as not found', async () => {
    const by = await token();
    const alone = { kind: 'set_group', name: 'payments', entry: { channel: 'C0PAYMENTS' } } as const;
    await expect(step(by, alone)).rejects.toMatchObject({ code: 'policy_invalid' });
    await expect(step(by, { kind: 'delete_group', name: 'payments' })).rejects.toMatchObject({
      code: 'policy_invalid',
    });
    await expect(step(by, { kind: 'delete_group', name: 'gone' })).rejects.toMatchObject({ code: 'not_found' });
    expect((await newest()).number).toBe(2);
  });

  test('a plan that is out of date, or of another document than was shown, changes nothing', async () => {
    const by = await person('ed@example.com');
    const about = { tenant_id: TENANT, by, base: 2, is_alone_confirmed: false, step: LESS };
    const other = `sha256:${'0'.repeat(64)}`;
    await expect(takeStep(deps(), { ...about, shown_digest: other })).rejects.toMatchObject({ code: 'policy_changed' });
    const { digest } = await planStep(deps(), { tenant_id: TENANT, by, base: 2, step: LESS });
    expect(await takeStep(deps(), { ...about, shown_digest: digest })).toMatchObject({ kind: 'applied', digest });
  });

  test('a step back that touches roles: nobody changes their own, nor grants what they lack, and no token any', async () => {
    const more = { ...ROLES, owner: ['boss@example.com', 'ben@example.com'], auditor: ['al@example.com'] };
    await put({ ...makePolicy(), roles: more });
    const back = { kind: 'rollback', number: 2 } as const;
    await expect(step(await token(), back)).rejects.toMatchObject({ code: 'permission_missing' });
    // Ben would lose a role of his own; an editor may give none.
    await expect(step(await person('ben@example.com'), back)).rejects.toMatchObject({
      details: { permission: 'roles.grant', role: 'owner', reason: 'their own role' },
    });
    await expect(step(await person('ed@example.com'), back)).rejects.toMatchObject({
      details: { permission: 'roles.grant' },
    });
    expect(await step(await person('boss@example.com'), back)).toMatchObject({ kind: 'proposed' });
  });
});

test('where nobody else ever held a role, a person confirms alone, and that is on record as forced', async () => {
  await put({ ...makePolicy(), roles: { owner: ['boss@example.com'] } });
  const by = await person('boss@example.com');
  expect(await planStep(deps(), { tenant_id: TENANT, by, base: 2, step: MORE })).toMatchObject({ ends: 'alone' });
  await expect(step(by, MORE)).rejects.toMatchObject({ code: 'confirmation_needed' });
  expect(await step(by, MORE, { is_alone_confirmed: true })).toMatchObject({ kind: 'applied' });
  expect((await eventsOf('policy.forced')).at(-1)).toMatchObject({ actor_kind: 'person', facts: { number: 3 } });
});
