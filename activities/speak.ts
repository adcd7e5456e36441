// Brings Slack up to the record: posts or redraws cards, reminds once, tells the owner the outcome. Safe to run again:
// what was said stands in slack_messages, and what is drawn comes from the record, never from an earlier message.

import type { Dossier } from '../src/domain/dossier.ts';
import { PlacetError } from '../src/domain/errors.ts';
import type { ApprovalInput } from '../src/domain/protocol.ts';
import { isOutcomeUntold, isReminderDue, staleChannels, unreminded } from '../src/domain/situation.ts';
import { drawCard } from '../src/notify/card.ts';
import { drawMinimalCard, drawOutcome, drawReminder } from '../src/notify/small-cards.ts';
import type { LookDeps } from './look.ts';
import { type Messenger, type Said, sayOnce } from './say.ts';

export type SpeakDeps = LookDeps & { readonly messenger: Messenger };

type Seen = Said & { readonly tenant_id: string };

/** Says everything that is due now; one message that Slack does not take keeps no other. Throws SlackUnavailable then. */
export async function speak(deps: SpeakDeps, input: ApprovalInput): Promise<void> {
  const seen = await see(deps, input);
  const { dossier, messages, now } = seen;
  const sayings = [
    ...staleChannels(dossier, messages, now).map((channel) => () => sayCard(deps, seen, channel)),
    ...(isReminderDue(dossier, messages, now) ? unreminded(dossier, messages) : []).map(
      (channel) => () => sayReminder(deps, seen, channel),
    ),
    ...(isOutcomeUntold(dossier, messages) ? [() => sayOutcome(deps, seen)] : []),
  ];
  const failures: unknown[] = [];
  for (const say of sayings) await say().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

function see(deps: SpeakDeps, { tenant_id, request_id }: ApprovalInput): Promise<Seen> {
  return deps.transact(tenant_id, async (tx) => {
    const dossier = await deps.store.dossiers.readDossier(tx, request_id);
    if (dossier === null) throw new PlacetError('not_found');
    return { tenant_id, dossier, messages: await deps.store.messages.listMessages(tx, request_id), now: tx.now };
  });
}

async function sayCard(deps: SpeakDeps, seen: Seen, destination: string): Promise<void> {
  const { dossier, now } = seen;
  const message = { card: drawCard(dossier, now), minimal: drawMinimalCard(dossier, now) };
  await sayOnce(deps, seen, {
    kind: 'card',
    destination,
    post: () => deps.messenger.postCard(destination, message),
    redraw: (place) => deps.messenger.updateCard(place, message),
  });
}

async function sayReminder(deps: SpeakDeps, seen: Seen, destination: string): Promise<void> {
  const card = seen.messages.find((message) => message.kind === 'card' && message.destination === destination);
  if (card?.channel_id == null || card.ts === null) return;
  const place = { channel_id: card.channel_id, ts: card.ts };
  const post = () => deps.messenger.postReply(place, drawReminder(seen.dossier));
  await sayOnce(deps, seen, { kind: 'reminder', destination, post, redraw: null });
}

async function sayOutcome(deps: SpeakDeps, seen: Seen): Promise<void> {
  const { owner } = seen.dossier.agent;
  const post = async () => {
    const user_id = (await linkedAccount(deps, seen)) ?? (await deps.messenger.findByEmail(owner.email));
    if (user_id === null) return { kind: 'permanent', code: 'users_not_found' } as const;
    return deps.messenger.postDm(user_id, drawOutcome(seen.dossier, seen.now));
  };
  await sayOnce(deps, seen, { kind: 'outcome', destination: owner.id, post, redraw: null });
}

async function linkedAccount(deps: SpeakDeps, { tenant_id, dossier }: Seen): Promise<string | null> {
  const team_id = await deps.messenger.teamId();
  const accounts = await deps.transact(tenant_id, (tx) => deps.store.people.listAccounts(tx, [ownerOf(dossier)]));
  return accounts.find((account) => account.team_id === team_id)?.user_id ?? null;
}

function ownerOf({ agent }: Dossier): string {
  return agent.owner.id;
}
