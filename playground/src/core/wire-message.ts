// A stored message as Slack's API and payloads show it.
import type { JsonObject, Message } from '../protocol.ts';
import type { World } from './world.ts';

/** The message without the playground's own fields. */
export function wireMessage(world: World, message: Message): JsonObject {
  const { text, ts, user, blocks, thread_ts, reply_count, latest_reply, edited, attachments, metadata } = message;
  const { identity } = world;
  return {
    type: 'message',
    user,
    ts,
    text,
    team: identity.team.id,
    ...(message.bot_id
      ? {
          bot_id: message.bot_id,
          app_id: identity.appId,
          bot_profile: {
            id: identity.botId,
            app_id: identity.appId,
            user_id: identity.botUserId,
            name: identity.appName,
            team_id: identity.team.id,
            deleted: false,
            updated: 0,
            icons: {},
          },
        }
      : {}),
    ...(blocks.length > 0 ? { blocks } : {}),
    ...(attachments ? { attachments } : {}),
    ...(metadata ? { metadata } : {}),
    ...(thread_ts ? { thread_ts } : {}),
    ...(reply_count ? { reply_count, latest_reply: latest_reply ?? ts } : {}),
    ...(edited ? { edited } : {}),
  };
}
