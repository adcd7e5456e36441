// What an operator sees of the slack process: one log line for each decision, and a count of what became of them.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { COLLEAGUE, FINANCE_LEAD } from '@placet/playground';
import { openSlackDoor, type SlackDoor } from '../threats/slack-door.ts';

let door: SlackDoor;
beforeAll(async () => {
  door = await openSlackDoor();
});
afterAll(() => door.close());

test('each decision has one log line and is counted, whether it counts or not', async () => {
  const card = await door.card('order/watched');
  const [approval, posed] = [await door.catchClick(card, 'approve'), await door.catchClick(card, 'approve', COLLEAGUE)];
  const denial = await door.catchSubmission(card, 'deny', { reason: 'Too late for that.' });
  for (const payload of [posed, approval, denial]) await door.send(payload);
  await door.slack.faults({ kind: 'api_error', method: 'users.info', error: 'internal_error' });
  await door.send(posed);
  const lines = door.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'decision answered');
  expect(lines.map(({ request_id }) => request_id)).toEqual(Array(4).fill(card.id));
  expect(lines.map((line) => [line.slack_user_id, line.decision, line.outcome])).toEqual([
    [COLLEAGUE, 'approve', 'not_linked'],
    [FINANCE_LEAD, 'approve', 'counted'],
    [FINANCE_LEAD, 'deny', 'already_counted'],
    [COLLEAGUE, 'approve', 'click_error'],
  ]);
  const counts = (await door.metrics()).split('\n').filter((line) => line.startsWith('placet_decisions_total{'));
  expect(counts.sort()).toEqual([
    'placet_decisions_total{decision="approve",outcome="click_error"} 1',
    'placet_decisions_total{decision="approve",outcome="counted"} 1',
    'placet_decisions_total{decision="approve",outcome="not_linked"} 1',
    'placet_decisions_total{decision="deny",outcome="already_counted"} 1',
  ]);
});
