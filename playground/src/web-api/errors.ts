// The one error of Web API methods: Slack's code, and what else stands in the answer.
import type { JsonObject } from '../protocol.ts';

export class SlackApiError extends Error {
  readonly code: string;
  readonly extra: JsonObject;

  constructor(code: string, extra: JsonObject = {}) {
    super(code);
    this.name = 'SlackApiError';
    this.code = code;
    this.extra = extra;
  }
}

/** invalid_arguments with Slack's explaining messages. */
export function invalidArguments(...messages: string[]): SlackApiError {
  return withMessages('invalid_arguments', messages);
}

/** An error that carries `response_metadata.messages`. */
export function withMessages(code: string, messages: string[]): SlackApiError {
  if (messages.length === 0) return new SlackApiError(code);
  const errors = messages.map((text) => text.replace('[ERROR] ', ''));
  return new SlackApiError(code, { response_metadata: { messages }, ...(code === 'invalid_blocks' ? { errors } : {}) });
}
