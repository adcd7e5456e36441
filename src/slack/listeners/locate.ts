// From a click to the request it is about: the place and the id must agree with the record. Deadens copies that are not live.

import type { RequestRecord } from '../../domain/request/record.ts';
import { hasCode } from '../../domain/errors.ts';
import { answerTrouble } from '../draw/answers.ts';
import type { Message } from '../draw/block-kit.ts';
import { deadenCard, type Place } from '../send/web-api.ts';
import type { Door } from '../receive/listener-context.ts';
import type { Click } from '../receive/payload.ts';

export type Located =
  | { readonly kind: 'found'; readonly record: RequestRecord }
  | { readonly kind: 'nowhere'; readonly answer: Message };

/** The dossier of the clicked card or Home item, or what to say when there is none. */
export async function locate(door: Door, click: Click): Promise<Located> {
  return click.place === null ? locateById(door, click.request_id) : locateCard(door, click.request_id, click.place);
}

async function locateCard(door: Door, request_id: string, place: Place): Promise<Located> {
  const { tenant_id, installation } = door;
  const found = await door.deps.findCard({ tenant_id, team_id: installation.team_id, ...place, request_id });
  switch (found.kind) {
    case 'live':
      return { kind: 'found', record: found.record };
    case 'stale':
      await deaden(door, place, request_id);
      return { kind: 'nowhere', answer: answerTrouble('stale_card', request_id) };
    case 'unknown':
      door.log.warn('a click matched no card', { ...place, request_id });
      return { kind: 'nowhere', answer: answerTrouble('unknown_card') };
  }
}

/** In Home there is no place to compare; Home is published to one person, and who that is gets checked later. */
async function locateById(door: Door, request_id: string): Promise<Located> {
  try {
    return { kind: 'found', record: await door.deps.readRequestRecord(door.tenant_id, request_id) };
  } catch (error) {
    if (!hasCode(error, 'not_found')) throw error;
    return { kind: 'nowhere', answer: answerTrouble('unknown_card') };
  }
}

async function deaden(door: Door, place: Place, request_id: string): Promise<void> {
  const answer = await deadenCard(door.client, place, request_id);
  if (answer.kind !== 'updated') {
    door.log.warn('a card out of date keeps its buttons', { ...place, request_id, code: answer.code });
  }
}
