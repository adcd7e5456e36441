// Submitting and closing a modal: view_submission with its response actions, view_closed.
import { isObject } from '../blocks/schema.ts';
import { findViewFault } from '../blocks/view.ts';
import { makeTrigger } from '../core/triggers.ts';
import { findView, keepView, makeView, putStack, replaceView, STACK_MAX, stackOf, wireView } from '../core/views.ts';
import type { World } from '../core/world.ts';
import type { ActResult, CloseViewRequest, Json, JsonObject, SubmitRequest, User, View } from '../protocol.ts';
import { type ActDeps, ActRefusal, actor, badResponse, refused, resultOf, TROUBLE } from './act.ts';
import { usableView } from './click.ts';
import { stateOf } from './elements.ts';
import { checkFields } from './field-checks.ts';
import { payloadHead, userTeam } from './payload.ts';

/** A person presses the submit button of the modal on top. */
export async function submit({ world, transport }: ActDeps, request: SubmitRequest): Promise<ActResult> {
  const user = actor(world, request.as);
  const open = usableView(world, user, request.view_id);
  if (!open.submit) throw new ActRefusal('no_submit_button');
  if (open.submit_disabled) throw new ActRefusal('submit_disabled');
  const state = stateOf(open.blocks, request.values, open.state.values);
  const errors = checkFields(open.blocks, state);
  const view: View = { ...open, state: { values: state }, errors, warning: null };
  keepView(world, view);
  if (Object.keys(errors).length > 0) return { ...refused('field_errors'), errors, view };

  const trigger = makeTrigger(world, user.id);
  const payload: JsonObject = {
    type: 'view_submission',
    ...payloadHead(world, user),
    team: userTeam(world, user),
    trigger_id: trigger,
    view: wireView(view),
    response_urls: [],
  };
  const sent = await transport.deliver('interactive', payload, true);
  const where = { view_id: view.id };
  if (!sent.acked) {
    warn(world, view.id);
    return resultOf(world, sent, { user: user.id, trigger, where });
  }
  const answer = applyAnswer(world, user, view, sent.ack);
  const result = resultOf(world, sent, { user: user.id, trigger, where });
  if (typeof answer === 'string') {
    warn(world, view.id);
    return { ...badResponse(world, result, user.id, answer), view: findView(world, { id: view.id }) ?? null };
  }
  return answer.errors ? { ...result, ...answer, ok: false, error: 'field_errors' } : { ...result, ...answer };
}

/** Slack keeps the modal open under a banner, and the person submits again. */
function warn(world: World, viewId: string): void {
  const view = findView(world, { id: viewId });
  if (view) keepView(world, { ...view, warning: TROUBLE });
}

type Applied = Pick<ActResult, 'response_action' | 'errors'>;

/** Does what the acknowledgement says; a text: why Slack would not take it. */
function applyAnswer(world: World, user: User, view: View, ack: Json | undefined): Applied | string {
  const action = isObject(ack) ? ack['response_action'] : undefined;
  if (!isObject(ack) || action === undefined) {
    putStack(
      world,
      user.id,
      stackOf(world, user.id).filter((open) => open.id !== view.id),
    );
    return {};
  }
  switch (action) {
    case 'clear':
      putStack(world, user.id, []);
      return { response_action: 'clear' };
    case 'errors':
      return applyErrors(world, view, ack['errors']);
    case 'update':
    case 'push':
      return applyView(world, view, action, ack['view']);
    default:
      return `unknown response_action: ${String(action)}`;
  }
}

function applyErrors(world: World, view: View, errors: Json | undefined): Applied | string {
  if (!isObject(errors) || Object.keys(errors).length === 0) return 'response_action errors needs errors by block_id';
  const inputs = new Set(view.blocks.filter((block) => block['type'] === 'input').map((block) => block['block_id']));
  const told: Record<string, string> = {};
  for (const [blockId, text] of Object.entries(errors)) {
    if (!inputs.has(blockId)) return `there is no input block ${blockId}`;
    if (typeof text !== 'string' || text === '') return `the error of ${blockId} is no text`;
    told[blockId] = text;
  }
  const now = findView(world, { id: view.id });
  if (now) keepView(world, { ...now, errors: told });
  return { response_action: 'errors', errors: told };
}

function applyView(world: World, view: View, action: 'update' | 'push', given: Json | undefined): Applied | string {
  if (!isObject(given)) return `response_action ${action} needs a view`;
  const fault = findViewFault(given, 'modal');
  if (fault) return [fault.code, ...fault.messages].join(' ');
  const stack = stackOf(world, view.user_id);
  const now = stack.find((open) => open.id === view.id);
  if (!now) return 'the view is closed';
  if (action === 'update') {
    keepView(world, replaceView(world, now, given));
    return { response_action: 'update' };
  }
  if (stack.length >= STACK_MAX) return 'push_limit_reached';
  putStack(world, view.user_id, [...stack, makeView(world, view.user_id, given, stack.at(-1) ?? null)]);
  return { response_action: 'push' };
}

/** A person closes the modal on top, or all of them at once. */
export async function closeView({ world, transport }: ActDeps, request: CloseViewRequest): Promise<ActResult> {
  const user = actor(world, request.as);
  const view = usableView(world, user, request.view_id);
  if (view.type === 'home') throw new ActRefusal('view_not_found');
  const isCleared = request.is_cleared === true || view.clear_on_close;
  const stack = stackOf(world, user.id);
  const closed = isCleared ? [...stack].reverse() : [view];
  putStack(world, user.id, isCleared ? [] : stack.slice(0, -1));
  let result: ActResult = { ok: true, delivered: false, acked: false, ack_ms: null };
  for (const gone of closed.filter((open) => open.notify_on_close)) {
    const payload: JsonObject = {
      type: 'view_closed',
      ...payloadHead(world, user),
      team: userTeam(world, user),
      view: wireView(gone),
      is_cleared: isCleared,
    };
    result = resultOf(world, await transport.deliver('interactive', payload), { user: user.id });
  }
  return { ...result, view: stackOf(world, user.id).at(-1) ?? null };
}
