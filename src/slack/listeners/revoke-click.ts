// A click on Revoke, on a card or in Home: what was approved is taken back, if whoever clicks may. The worker draws the card.

import { hasCode, PlacetError } from '../../domain/errors.ts';
import { answerClickError, answerRevoked } from '../draw/answers.ts';
import type { Message } from '../draw/block-kit.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import type { Click } from '../receive/payload.ts';
import { readProfile } from '../receive/profile.ts';
import { locate } from './locate.ts';

/** Revokes and answers what became of it. */
export async function revokeClick(context: ListenerContext, click: Click): Promise<Message> {
  const located = await locate(context, click);
  if (located.kind === 'nowhere') return located.answer;
  const { id: request_id } = located.clicked;
  const profile = await readProfile(context, click.actor);
  if (profile === null) return answerClickError('not_verified', request_id);
  const { tenant_id, deps, log } = context;
  const { user_id: slack_user_id } = click.actor;
  try {
    const { kind } = await deps.revokeByPerson({ tenant_id, request_id, profile });
    context.refreshHome(slack_user_id);
    log.info('revocation answered', { request_id, slack_user_id, outcome: kind });
    return answerRevoked(kind, request_id);
  } catch (error) {
    if (!(error instanceof PlacetError) || hasCode(error, 'unavailable')) throw error;
    log.info('revocation answered', { request_id, slack_user_id, outcome: error.code });
    return answerRevoked(error.code, request_id);
  }
}
