// From a click to the request it is about: the place and the id must agree with the record. Disables copies that are not live.

import { hasCode } from '../../domain/errors.ts';
import type { ClickedRequest } from '../../service/approver/approver.ts';
import { answerClickError } from '../draw/answers.ts';
import type { Message } from '../draw/block-kit.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import type { Click } from '../receive/payload.ts';
import { disableButtons, type Place } from '../send/web-api.ts';

export type Located =
  | { readonly kind: 'found'; readonly clicked: ClickedRequest }
  | { readonly kind: 'nowhere'; readonly answer: Message };

/** The request of the clicked card or Home item, or what to say when there is none. */
export async function locate(context: ListenerContext, click: Click): Promise<Located> {
  return click.place === null
    ? locateById(context, click.request_id)
    : locateCard(context, click.request_id, click.place);
}

async function locateCard(context: ListenerContext, request_id: string, place: Place): Promise<Located> {
  const { tenant_id, installation } = context;
  const found = await context.deps.findCard({ tenant_id, team_id: installation.team_id, ...place, request_id });
  switch (found.kind) {
    case 'live':
      return { kind: 'found', clicked: found.clicked };
    case 'stale':
      await disableStale(context, place, request_id);
      return { kind: 'nowhere', answer: answerClickError('stale_card', request_id) };
    case 'unknown':
      context.log.warn('a click matched no card', { ...place, request_id });
      return { kind: 'nowhere', answer: answerClickError('unknown_card') };
  }
}

/** In Home there is no place to compare; Home is published to one person, and who that is gets checked later. */
async function locateById(context: ListenerContext, request_id: string): Promise<Located> {
  try {
    return { kind: 'found', clicked: await context.deps.readClicked(context.tenant_id, request_id) };
  } catch (error) {
    if (!hasCode(error, 'not_found')) throw error;
    return { kind: 'nowhere', answer: answerClickError('unknown_card') };
  }
}

async function disableStale(context: ListenerContext, place: Place, request_id: string): Promise<void> {
  const answer = await disableButtons(context.client, place, request_id);
  if (answer.kind !== 'updated') {
    context.log.warn('a card out of date keeps its buttons', { ...place, request_id, code: answer.code });
  }
}
