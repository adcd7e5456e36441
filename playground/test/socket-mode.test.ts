// A real Bolt app over Socket Mode: clicks, modals, commands, Home, sockets.
import { expect, test } from '@jest/globals';
import { buttonBlock, open, reasonModal, socketApp } from './support.ts';

test('a Bolt app gets a click, answers in time and opens a modal whose submission it reads', async () => {
  const { playground, client, web } = await open();
  const reasons: unknown[] = [];
  await socketApp(playground, (app) => {
    app.action('approve', async ({ ack, body, client: slack }) => {
      await ack();
      await slack.views.open({ trigger_id: (body as { trigger_id: string }).trigger_id, view: reasonModal() });
    });
    app.view('deny', async ({ ack, view, body }) => {
      reasons.push([body.user.id, view.state.values['reason']?.['text']?.value]);
      await ack();
    });
  });
  const { ts } = await web.chat.postMessage({ channel: 'C0PAYMENTS', text: 'Refund?', blocks: [buttonBlock()] });
  const clicked = await client.click({ as: 'U0FINLEAD', channel: 'C0PAYMENTS', ts: ts ?? '', action_id: 'approve' });
  expect(clicked).toMatchObject({ ok: true, delivered: true, acked: true });

  const view = await client.waitFor((state) => state.views['U0FINLEAD']?.[0]);
  const submitted = await client.submit({ as: 'U0FINLEAD', view_id: view.id, values: { text: 'too much' } });
  expect(submitted).toMatchObject({ ok: true, view: null });
  expect(reasons).toEqual([['U0FINLEAD', 'too much']]);
});
