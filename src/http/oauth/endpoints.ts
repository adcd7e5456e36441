// The OAuth endpoints together: their bodies are forms, and their errors are those of RFC 6749.

import type { AnswerLog } from '../answer-log.ts';
import type { RouteContext } from '../route-context.ts';
import { registerBackchannel } from './backchannel.ts';
import { sendOAuthError } from './errors.ts';
import { registerFormParser } from './form.ts';
import { registerIntrospection } from './introspection.ts';
import { registerRevocation } from './revocation.ts';
import { registerToken } from './token.ts';

/** Registers every route under /oauth; in a scope of its own, since nothing else takes forms. */
export function registerOAuth(context: RouteContext, answerLog: AnswerLog): void {
  const { app } = context;
  registerFormParser(app);
  app.setErrorHandler((error, request, reply) => sendOAuthError(request, reply, answerLog.note(error, request)));
  registerToken(context);
  registerBackchannel(context);
  registerIntrospection(context);
  registerRevocation(context);
}
