// Random humans under renames, recycled and second addresses, second accounts, merges and user groups, in any order with
// requests, clicks and claims: no human counts twice, none behind a request counts, no listed one is refused without the cause.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPlaygroundClient, type Playground, startPlayground } from '@placet/playground';
import fc from 'fast-check';
import type { AgentPrincipal } from '../../src/domain/people/principal.ts';
import { AGENT_KEY_RANDOM_BYTES, agentKeyHint, hashAgentKey, makeAgentKey } from '../../src/identity/agent-key.ts';
import { createAgent } from '../../src/service/admin/agents.ts';
import { mergePeople } from '../../src/service/admin/people.ts';
import type { RequestView } from '../../src/service/agent/request-view.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { addressesOfUntied, tieAccount } from '../../src/service/clock/behind.ts';
import { userGroupAnswer } from '../support/answers.ts';
import { apply, makeClick, makeSubmission, makeWorld, OPERATOR, TEAM, type World } from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { createTestUseCases, type TestUseCases } from '../support/use-cases.ts';
import { documentOf, HUMANS, type Step, steps } from './human-steps.ts';
import { createHumans, type Humans, type SlackAccount } from './humans.ts';

const RUNS = 40;
const STEPS_MAX = 45;

type PendingAsk = {
  readonly view: RequestView;
  readonly caller: AgentPrincipal;
  readonly behind: ReadonlySet<number>;
  readonly quorum: number;
};
type Run = {
  readonly humans: Humans;
  readonly tag: string;
  readonly agents: Map<number, AgentPrincipal>;
  readonly requests: PendingAsk[];
  /** Addresses that the newest policy lists. */
  listed: readonly string[];
};

let database: TestDatabase;
let world: World;
let api: TestUseCases;
let playground: Playground;
const met = new Map<string, number>();
const meet = (what: string): void => void met.set(what, (met.get(what) ?? 0) + 1);
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database);
  playground = await startPlayground();
  api = createTestUseCases(database, TENANT, { slack: playground });
});
afterAll(async () => {
  await api.close();
  await playground.close();
  await database.drop();
});

async function applyListed(run: Run, members: readonly string[]): Promise<void> {
  try {
    await apply(world.service, documentOf(run.humans, members));
    run.listed = members;
    meet('applied');
  } catch (error) {
    // The file says against the record what only an operator may say; then the policy stays as it was.
    expect(error).toMatchObject({ code: 'policy_invalid' });
    const { problems } = (error as { details: { problems: { message: string }[] } }).details;
    for (const { message } of problems) expect(message).toMatch(/person move-account/);
    meet('apply refused');
  }
}

async function agentOf(run: Run, owner: number): Promise<AgentPrincipal> {
  const known = run.agents.get(owner);
  if (known !== undefined) return known;
  const key = makeAgentKey(randomBytes(AGENT_KEY_RANDOM_BYTES)).unwrap();
  const made = () => ({ key, hash: hashAgentKey(key), hint: agentKeyHint(key) });
  const deps = { ...world.service, makeAgentKey: made, findAccount: run.humans.findAccount };
  const agent = { name: `agent-${run.tag}-${owner}`, owner_email: run.humans.first(owner).address, is_new_owner: true };
  await createAgent(deps, { ...agent, tenant_id: TENANT, environment: 'production', days: 1, by: OPERATOR });
  const caller = await api.authenticate(key);
  run.agents.set(owner, caller);
  return caller;
}

const currentOwner = async (address: string) =>
  await database.asSuperuser<{ subject: string | null }>(
    `select i.subject from placet.person_emails e left join placet.person_identities i
       on i.person_id = e.person_id and i.until_at is null where e.address = $1 and e.until_at is null`,
    [address],
  );

async function ask(run: Run, { owner, behalf, quorum }: Extract<Step, { kind: 'ask' }>): Promise<void> {
  const { humans } = run;
  let caller: AgentPrincipal;
  try {
    caller = await agentOf(run, owner);
  } catch (error) {
    // Address and account are two people's: an operator must say first which is which.
    expect(error).toMatchObject({ code: 'conflict' });
    return meet('owner is two people');
  }
  const address = behalf === null ? null : humans.first(behalf).address;
  // An address that the record has as somebody else's names that person, whoever has it in Slack by now.
  const owners = address === null ? [] : await currentOwner(address);
  if (owners.some(({ subject }) => subject === null || humans.humanOf(subject) !== behalf)) return;
  if (behalf !== null && humans.first(behalf).is_deleted) return;
  const submitted = await api
    .submit(caller, makeSubmission({ resource: `of/${quorum}`, on_behalf_of: address }))
    .catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'quorum_unreachable' });
      return null;
    });
  if (submitted === null) return meet('unreachable');
  const of = { tenant_id: TENANT, request_id: submitted.id, team_id: TEAM };
  for (const address of await addressesOfUntied(world.service, of)) {
    const found = await humans.findAccount(address);
    if (found.kind === 'found') await tieAccount(world.service, { tenant_id: TENANT, address, account: found.account });
  }
  const behind = new Set(behalf === null ? [owner] : [owner, behalf]);
  run.requests.push({ view: submitted, caller, behind, quorum: quorum === 9 ? 2 : quorum });
}

/** Refusals that name a cause and a cure of who the account is, or one that everybody understands. */
const NAMED_CAUSES = [
  'is_requester',
  'address_changed',
  'address_of_another',
  'address_taken',
  'account_of_another',
  'was_requester',
];

async function click(run: Run, account: SlackAccount, pending: PendingAsk): Promise<void> {
  const { humans } = run;
  const user_ids = [...humans.group];
  const answers = [userGroupAnswer('S0DBA', user_ids)];
  const profile = humans.profileOf(account);
  const answer = await decide(world.deps, makeClick(pending.view, 'somebody', { profile, answers }));
  meet(answer.kind === 'counted' ? 'counted' : answer.refusal);
  if (answer.kind === 'counted') expect([...pending.behind]).not.toContain(account.human);
  const isListed =
    pending.view.resource === 'of/9' ? user_ids.includes(account.user_id) : run.listed.includes(account.address);
  if (answer.kind === 'refused' && isListed && !account.is_deleted && !pending.behind.has(account.human)) {
    const isOver = answer.record.request.state !== 'pending';
    const has_decided = answer.record.decisions.some((made) => humans.humanOf(made.account) === account.human);
    if (!isOver && !has_decided) expect(NAMED_CAUSES).toContain(answer.refusal);
  }
  await checkCounting(run, pending);
}

/** Whatever is approved was approved by as many humans as it takes, none of them behind it. */
async function checkCounting({ humans }: Run, { view, behind, quorum, caller }: PendingAsk): Promise<void> {
  const { state } = await api.readRequest(caller, view.id);
  if (state !== 'approved') return;
  const rows = await database.asSuperuser<{ account: string }>(
    "select account from placet.decisions where request_id = $1 and decision = 'approve'",
    [view.id],
  );
  const counted = rows.map(({ account }) => humans.humanOf(account));
  expect(new Set(counted).size).toBeGreaterThanOrEqual(quorum);
  for (const each of counted) expect([...behind]).not.toContain(each);
  meet('approved');
}

/** What an operator would join: two people of which each is known by nothing but what this human has. */
async function merge({ humans }: Run, of: number): Promise<void> {
  const subjects = humans.accounts.filter((each) => each.human === of).map(({ user_id }) => `${TEAM}/${user_id}`);
  const rows = await database.asSuperuser<{ person_id: string }>(
    `select distinct person_id from placet.person_identities where until_at is null and subject = any ($1)
     union
     select e.person_id from placet.person_emails e where e.until_at is null and e.address = $2
       and not exists (select from placet.person_identities i where i.person_id = e.person_id)`,
    [subjects, humans.first(of).address],
  );
  const [into, ...others] = rows.map(({ person_id }) => person_id);
  for (const who of others) {
    await mergePeople(world.service, { tenant_id: TENANT, who, into: into ?? '', operator: OPERATOR });
    meet('merged');
  }
}

async function play(run: Run, step: Step): Promise<void> {
  const { humans } = run;
  const accountAt = (place: number) => humans.accounts[place % humans.accounts.length] as SlackAccount;
  const pending = 'request' in step ? run.requests.at(-1 - step.request) : undefined;
  switch (step.kind) {
    case 'ask':
      return ask(run, step as Extract<Step, { kind: 'ask' }>);
    case 'click':
      return pending === undefined ? undefined : click(run, accountAt(step.account), pending);
    case 'rename':
      return humans.rename(accountAt(step.account), step.isRecycled);
    case 'apply':
      return applyListed(
        run,
        step.members.map((each) =>
          step.stale ? (humans.free[each] ?? humans.first(each).address) : humans.first(each).address,
        ),
      );
    case 'second':
      return humans.addSecond(step.human);
    case 'group': {
      const { user_id } = accountAt(step.account);
      if (!humans.group.delete(user_id)) humans.group.add(user_id);
      return;
    }
    case 'leave': {
      const account = accountAt(step.account);
      account.is_deleted = !account.is_deleted;
      return;
    }
    case 'merge':
      return merge(run, step.human);
    case 'claim':
      // Slack lists them for the claim as it listed them for the clicks.
      await createPlaygroundClient(playground.url).setUserGroup('S0DBA', [...run.humans.group], { date_delete: 0 });
      for (const each of run.requests) await claim(run, each);
  }
}

async function claim(run: Run, pending: PendingAsk): Promise<void> {
  const end = await api.claim(pending.caller, pending.view.id).then(
    () => 'claimed',
    (error: { readonly code?: string }) => error.code,
  );
  expect(['claimed', 'not_approved', 'already_claimed', 'quorum_lost']).toContain(end);
  meet(end ?? '');
  if (end === 'claimed') await checkCounting(run, pending);
}

test('no human counts twice, no human behind a request counts, and no listed one is refused without the cause (INV-1, INV-2)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 15, maxLength: STEPS_MAX }), async (program) => {
      const tag = randomBytes(4).toString('hex');
      const run: Run = { humans: createHumans(HUMANS, tag), tag, agents: new Map(), requests: [], listed: [] };
      await applyListed(
        run,
        run.humans.accounts.map(({ address }) => address),
      );
      for (const step of program) await play(run, step);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  for (const what of ['counted', 'approved', 'is_requester', 'address_changed', 'already_counted', 'claimed']) {
    expect([what, (met.get(what) ?? 0) > 0]).toEqual([what, true]);
  }
}, 240_000);
