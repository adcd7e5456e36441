// Two spellings of one address on real rows: whoever is behind a request never counts as its approver, however it is spelled.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parsePolicyFile } from '../../src/policy/read.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { apply, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let world: World;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database);
});
afterAll(() => database.drop());

const POLICY = `version: 1
approver_groups:
  shop: { members: [lead@BÜCHER.example, second@xn--bcher-kva.example], channel: C0SHOP }
rules:
  - { name: all, match: { action: "*", resource: "*" }, effect: require, approvers: [shop], quorum: 2 }
`;

test.each(['lead@xn--bcher-kva.example', 'Lead@bücher.example', 'lead@bu\u0308cher.example'])(
  'a member who is behind a request as %s is not counted for its quorum (INV-2)',
  async (on_behalf_of) => {
    const file = parsePolicyFile(new TextEncoder().encode(POLICY));
    if (file.kind !== 'document') throw new Error(JSON.stringify(file.problems));
    await apply(world.service, file.document);
    await expect(submit(world.deps, world.caller, makeSubmission({ on_behalf_of }))).rejects.toMatchObject({
      code: 'quorum_unreachable',
      details: { quorum: 2, eligible: 1 },
    });
    const kept = await database.asSuperuser<{ address: string }>('select address from placet.approver_group_members');
    expect(kept.map(({ address }) => address)).toContain('lead@xn--bcher-kva.example');
  },
);
