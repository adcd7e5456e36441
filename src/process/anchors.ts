// The anchors that the settings name, opened.

import type { Anchor } from '../audit/anchor.ts';
import { openFileAnchor } from '../audit/anchors/file.ts';
import { openPostgresAnchor } from '../audit/anchors/postgres.ts';
import { type CheckpointChannel, openSlackAnchor } from '../audit/anchors/slack.ts';
import { PlacetError } from '../domain/errors.ts';
import type { Config } from './config.ts';

type AnchorConfig = Pick<Config, 'log_anchors' | 'slack' | 'slack_api_url'>;

/** In the order of the setting: the first is read back before each signature. */
export function openAnchors(config: AnchorConfig): readonly Anchor[] {
  return config.log_anchors.map((place) => {
    const { protocol, pathname } = new URL(place);
    switch (protocol) {
      case 'file:':
        return openFileAnchor(decodeURIComponent(pathname));
      case 'slack:':
        return openSlackAnchor(pathname, () => openChannel(config, pathname));
      default:
        return openPostgresAnchor(place);
    }
  });
}

/** Slack's library is loaded once somebody asks. */
async function openChannel({ slack, slack_api_url }: AnchorConfig, channel_id: string): Promise<CheckpointChannel> {
  if (slack.kind === 'none')
    throw new PlacetError('unavailable', {
      dependency: 'slack',
      remedy: 'set SLACK_BOT_TOKEN for the anchor in Slack',
    });
  const { createCheckpointChannel } = await import('../slack/send/checkpoints.ts');
  return createCheckpointChannel({ token: slack.bot_token, api_url: slack_api_url, channel_id });
}
