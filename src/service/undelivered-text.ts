// Why people could not be asked, as the API and Slack tell it. Pure.

import type { UndeliveredGroup } from '../domain/request/undeliverable.ts';

/** Why people could not be asked, in one sentence without its end; empty when they could. */
export function undeliveredText(undelivered: readonly UndeliveredGroup[]): string {
  const groups = undelivered.map(
    ({ name, channel, error }) => `${name} (${channel}: ${error ?? 'Slack did not answer'})`,
  );
  return groups.length === 0 ? '' : `Slack showed no card to ${groups.join(', ')}`;
}
