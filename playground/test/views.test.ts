// Modals and Home: trigger ids, the stack, hashes, response actions, the client's own checks.
import { describe, expect, test } from '@jest/globals';
import type bolt from '@slack/bolt';
import { createClock } from '../src/core/clock.ts';
import type { PlaygroundOptions } from '../src/start.ts';
import { buttonBlock, codeOf, open, reasonModal, socketApp } from './support.ts';

const at = { as: 'U0FINLEAD', channel: 'C0PAYMENTS', action_id: 'approve' };

/** A card with a button whose click is acknowledged, and a fresh trigger_id per call of `trigger`. */
async function openWithCard(prepare: (app: bolt.App) => void = () => undefined, options: PlaygroundOptions = {}) {
  const table = await open(options);
  await socketApp(table.playground, (app) => {
    app.action('approve', ({ ack }) => ack());
    prepare(app);
  });
  const { ts = '' } = await table.web.chat.postMessage({ channel: at.channel, text: 'x', blocks: [buttonBlock()] });
  const trigger = async () => (await table.client.click({ ...at, ts })).trigger_id ?? '';
  return { ...table, trigger };
}

/** The same with the reason modal open; `answer` is the acknowledgement of its submission. */
async function openWithModal(answer: object = {}, modal: object = {}) {
  const table = await openWithCard((app) => {
    app.view('deny', ({ ack }) => ack(answer as never));
    app.view({ type: 'view_closed', callback_id: 'deny' }, ({ ack }) => ack());
  });
  const opened = await table.web.views.open({ trigger_id: await table.trigger(), view: reasonModal(modal) });
  const viewId = opened.view?.id ?? '';
  const submit = (text: string | null) => table.client.submit({ as: at.as, view_id: viewId, values: { reason: text } });
  return { ...table, viewId, submit };
}

describe('trigger ids', () => {
  test('a trigger_id opens one modal and no second', async () => {
    const { web, trigger } = await openWithCard();
    const id = await trigger();
    expect(await codeOf(web.views.open({ trigger_id: id, view: reasonModal() }))).toBe('ok');
    expect(await codeOf(web.views.open({ trigger_id: id, view: reasonModal() }))).toBe('exchanged_trigger_id');
  });

  test('a trigger_id ends after three seconds, and an invented one never works', async () => {
    const clock = createClock(Date.now());
    const { web, trigger } = await openWithCard(undefined, { clock });
    const id = await trigger();
    clock.advance(2_999);
    expect(await codeOf(web.views.open({ trigger_id: id, view: { ...reasonModal(), blocks: [] } }))).toBe('ok');
    const next = await trigger();
    clock.advance(3_000);
    expect(await codeOf(web.views.open({ trigger_id: next, view: reasonModal() }))).toBe('expired_trigger_id');
    expect(await codeOf(web.views.open({ trigger_id: 'nonsense', view: reasonModal() }))).toBe('invalid_trigger_id');
  });

  test('a refused view does not use the trigger_id up', async () => {
    const { web, trigger } = await openWithCard();
    const id = await trigger();
    const wrong = { ...reasonModal(), title: { type: 'plain_text' as const, text: 'x'.repeat(25) } };
    expect(await codeOf(web.views.open({ trigger_id: id, view: wrong }))).toBe('invalid_arguments');
    expect(await codeOf(web.views.open({ trigger_id: id, view: reasonModal() }))).toBe('ok');
  });
});

describe('the stack', () => {
  test('three modals lie on each other, a fourth is refused, and only the top one can be used', async () => {
    const { client, web, trigger, viewId } = await openWithModal();
    for (const code of ['ok', 'ok', 'push_limit_reached']) {
      expect(await codeOf(web.views.push({ trigger_id: await trigger(), view: reasonModal() }))).toBe(code);
    }
    const stack = await client.views(at.as);
    expect(stack.map((view) => [view.previous_view_id, view.root_view_id])).toEqual([
      [null, viewId],
      [viewId, viewId],
      [stack[1]?.id, viewId],
    ]);
    expect(await client.submit({ as: at.as, view_id: viewId })).toMatchObject({ error: 'view_not_on_top' });
    expect(await client.submit({ as: 'U0DBA', view_id: viewId })).toMatchObject({ error: 'view_not_found' });
  });

  test('an update with an old hash is refused, and one with the present hash replaces the view', async () => {
    const { client, web, viewId } = await openWithModal();
    const old = (await client.views(at.as))[0]?.hash ?? '';
    const view = reasonModal({ callback_id: 'second' });
    expect(await codeOf(web.views.update({ view_id: viewId, hash: old, view }))).toBe('ok');
    expect(await codeOf(web.views.update({ view_id: viewId, hash: old, view }))).toBe('hash_conflict');
    expect(await client.views(at.as)).toMatchObject([{ id: viewId, callback_id: 'second' }]);
    expect(await codeOf(web.views.update({ view_id: 'V0NONE', view }))).toBe('not_found');
  });

  test('an external_id stands for one open view', async () => {
    const { web, trigger } = await openWithModal({}, { external_id: 'apr_1' });
    const push = web.views.push({ trigger_id: await trigger(), view: reasonModal({ external_id: 'apr_1' }) });
    expect(await codeOf(push)).toBe('duplicate_external_id');
    expect(await codeOf(web.views.update({ external_id: 'apr_1', view: reasonModal() }))).toBe('ok');
  });
});

describe('submitting', () => {
  test('required fields and lengths are checked before anything is delivered', async () => {
    const { client, submit } = await openWithModal();
    for (const text of [null, '  ', 'ab', 'x'.repeat(501)]) {
      expect(await submit(text)).toMatchObject({
        delivered: false,
        error: 'field_errors',
        errors: { reason: expect.any(String) },
      });
    }
    expect((await client.deliveries()).filter(({ payload }) => payload['type'] === 'view_submission')).toEqual([]);
    expect(await submit('abc')).toMatchObject({ ok: true, delivered: true, view: null });
  });

  test('response_action errors keeps the modal open with the errors and what was typed', async () => {
    const { client, submit } = await openWithModal({ response_action: 'errors', errors: { reason: 'Say more.' } });
    expect(await submit('because')).toMatchObject({
      ok: false,
      response_action: 'errors',
      errors: { reason: 'Say more.' },
    });
    expect(await client.views(at.as)).toMatchObject([
      { errors: { reason: 'Say more.' }, state: { values: { reason: { text: { value: 'because' } } } } },
    ]);
  });

  test('response_action update, push and clear do what they say', async () => {
    const updated = await openWithModal({ response_action: 'update', view: reasonModal({ callback_id: 'u' }) });
    expect(await updated.submit('because')).toMatchObject({ ok: true, view: { id: updated.viewId, callback_id: 'u' } });
    const pushed = await openWithModal({ response_action: 'push', view: reasonModal({ callback_id: 'p' }) });
    expect(await pushed.submit('because')).toMatchObject({
      view: { callback_id: 'p', previous_view_id: pushed.viewId },
    });
    const cleared = await openWithModal({ response_action: 'clear' });
    await cleared.web.views.push({ trigger_id: await cleared.trigger(), view: reasonModal() });
    const [, top] = await cleared.client.views(at.as);
    const result = await cleared.client.submit({ as: at.as, view_id: top?.id ?? '', values: { reason: 'because' } });
    expect(result).toMatchObject({ ok: true, response_action: 'clear', view: null });
  });

  test('an answer that Slack would not take leaves the modal open under a warning', async () => {
    const wrong = [
      { response_action: 'errors', errors: { nothing: 'no such block' } },
      { response_action: 'errors' },
      { response_action: 'update', view: { type: 'modal' } },
      { response_action: 'explode' },
    ];
    for (const answer of wrong) {
      const { submit } = await openWithModal(answer);
      expect(await submit('because')).toMatchObject({
        ok: false,
        acked: true,
        error: 'bad_response',
        view: { warning: expect.stringContaining('trouble connecting') },
      });
    }
  });

  test('closing tells the app when the view asked for it', async () => {
    const { client, viewId } = await openWithModal({}, { notify_on_close: true });
    await client.closeView({ as: at.as, view_id: viewId });
    expect(await client.views(at.as)).toEqual([]);
    const closed = (await client.deliveries())
      .map(({ payload }) => payload)
      .filter(({ type }) => type === 'view_closed');
    expect(closed).toMatchObject([{ is_cleared: false, view: { id: viewId }, user: { id: at.as } }]);
  });
});

describe('Home', () => {
  test('opening Home tells the app, and what it publishes is this person’s alone', async () => {
    const { client } = await openWithCard((app) => {
      app.event('app_home_opened', async ({ event, client: slack }) => {
        await slack.views.publish({ user_id: event.user, view: { type: 'home', blocks: [buttonBlock()] } });
      });
    });
    await client.openHome({ as: 'U0DBA' });
    const home = await client.waitFor((state) => state.home['U0DBA']);
    expect(home).toMatchObject({ type: 'home', user_id: 'U0DBA' });
    expect((await client.state('U0MEMBER')).home).toEqual({});
    const clicked = await client.clickInView({ as: 'U0DBA', view_id: home.id, action_id: 'approve' });
    expect(clicked).toMatchObject({ ok: true });
    const { payload } = (await client.deliveries({ type: 'interactive' })).at(-1) ?? {};
    expect(payload).toMatchObject({ container: { type: 'view', view_id: home.id }, view: { type: 'home' } });
    expect(payload?.['response_url']).toBeUndefined();
  });

  test('publishing with an old hash is a hash_conflict, and a disabled Home is not_enabled', async () => {
    const { client, web } = await openWithCard();
    const view = { type: 'home' as const, blocks: [] };
    const first = await web.views.publish({ user_id: 'U0DBA', view });
    const hash = first.view?.hash ?? '';
    expect(await codeOf(web.views.publish({ user_id: 'U0DBA', view, hash }))).toBe('ok');
    expect(await codeOf(web.views.publish({ user_id: 'U0DBA', view, hash }))).toBe('hash_conflict');
    await client.settings({ is_home_enabled: false });
    expect(await codeOf(web.views.publish({ user_id: 'U0DBA', view }))).toBe('not_enabled');
    expect(await client.openHome({ as: 'U0DBA' })).toMatchObject({ error: 'home_disabled', delivered: false });
  });
});
