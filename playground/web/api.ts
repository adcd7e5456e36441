// Calls to the playground's control routes. It holds no state; a failed call is an error with words for the person.
import {
  type ActResult,
  type ClickInViewRequest,
  type ClickRequest,
  type CloseViewRequest,
  CONTROL_ROUTES,
  type CommandRequest,
  type Fault,
  type OpenHomeRequest,
  type PlaygroundState,
  type SayRequest,
  type SocketRequest,
  type SubmitRequest,
} from '../src/protocol.ts';

/** The playground answered, but not with what was asked for. The message is for the person. */
export class ControlError extends Error {}

/** What an answer may say of how it went; `ok: false` is a failure. */
export type Answer = Partial<Pick<ActResult, 'ok' | 'error' | 'message'>>;

/** What the acting person sees; with an empty id, everything. */
export function getState(as: string): Promise<PlaygroundState> {
  return call('GET', as === '' ? CONTROL_ROUTES.state : `${CONTROL_ROUTES.state}?as=${encodeURIComponent(as)}`);
}

/** A click in a message. */
export function click(body: ClickRequest): Promise<ActResult> {
  return call('POST', CONTROL_ROUTES.click, body);
}

/** A click in a modal or Home. */
export function clickInView(body: ClickInViewRequest): Promise<ActResult> {
  return call('POST', CONTROL_ROUTES.clickInView, body);
}

/** A modal's submit button. */
export function submit(body: SubmitRequest): Promise<ActResult> {
  return call('POST', CONTROL_ROUTES.submit, body);
}

/** A modal's close button, cross or Escape. */
export function closeView(body: CloseViewRequest): Promise<ActResult> {
  return call('POST', CONTROL_ROUTES.closeView, body);
}

/** A slash command. */
export function command(body: CommandRequest): Promise<ActResult> {
  return call('POST', CONTROL_ROUTES.command, body);
}

/** Opening the app's Home. */
export function openHome(body: OpenHomeRequest): Promise<ActResult> {
  return call('POST', CONTROL_ROUTES.openHome, body);
}

/** A message by a person. */
export function say(body: SayRequest): Promise<unknown> {
  return call('POST', CONTROL_ROUTES.say, body);
}

/** Puts away one ephemeral message or notice. */
export function dismiss(as: string, id: string): Promise<Answer> {
  return call('POST', CONTROL_ROUTES.dismiss, { as, id });
}

/** Sets the faults to exactly these. */
export async function setFaults(faults: Fault[]): Promise<Answer> {
  const cleared = await call<Answer>('DELETE', CONTROL_ROUTES.faults);
  return faults.length === 0 ? cleared : call('POST', CONTROL_ROUTES.faults, faults);
}

/** Makes the sockets misbehave. */
export function sockets(body: SocketRequest): Promise<Answer> {
  return call('POST', CONTROL_ROUTES.sockets, body);
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(path, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) throw new ControlError(`The playground answered ${response.status}${wordsOf(answer)}`);
  return answer as T;
}

function wordsOf(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null) return '.';
  const { error, message } = answer as { error?: unknown; message?: unknown };
  return typeof message === 'string' ? `: ${message}` : typeof error === 'string' ? `: ${error}` : '.';
}
