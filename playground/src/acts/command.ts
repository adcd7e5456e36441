// Slash commands. https://docs.slack.dev/interactivity/implementing-slash-commands
import { isObject } from '../blocks/schema.ts';
import { addEphemeral, addMessage, type Content } from '../core/messages.ts';
import { makeTrigger } from '../core/triggers.ts';
import { settingsOf, type World } from '../core/world.ts';
import type { ActResult, CommandRequest, Json, JsonObject } from '../protocol.ts';
import { readContent } from '../web-api/content.ts';
import { SlackApiError } from '../web-api/errors.ts';
import { type ActDeps, ActRefusal, actor, badResponse, needInstalledTeam, resultOf, visibleChannel } from './act.ts';
import { makeResponseUrl, payloadChannelName, VERIFICATION_TOKEN } from './payload.ts';

/** A person sends a slash command in a channel. */
export async function command({ world, transport }: ActDeps, request: CommandRequest): Promise<ActResult> {
  const user = actor(world, request.as);
  const channel = visibleChannel(world, user, request.channel);
  if (!channel.members.includes(user.id)) throw new ActRefusal('not_in_channel');
  needInstalledTeam(world, user);
  const name = request.command.startsWith('/') ? request.command : `/${request.command}`;
  if (!settingsOf(world).commands.includes(name)) throw new ActRefusal('unknown_command');
  const trigger = makeTrigger(world, user.id);
  const { team, appId } = world.identity;
  const place = { channel: channel.id, user: user.id, ts: null, thread_ts: null, is_ephemeral: true };
  const payload: JsonObject = {
    token: VERIFICATION_TOKEN,
    team_id: team.id,
    team_domain: team.domain,
    channel_id: channel.id,
    channel_name: payloadChannelName(channel),
    user_id: user.id,
    user_name: user.name,
    command: name,
    text: (request.text ?? '').trim(),
    api_app_id: appId,
    is_enterprise_install: 'false',
    response_url: makeResponseUrl(world, place),
    trigger_id: trigger,
  };
  const sent = await transport.deliver('slash_commands', payload, true);
  const result = resultOf(world, sent, { user: user.id, trigger, where: { channel: channel.id } });
  if (!sent.acked) return result;
  try {
    showAnswer(world, channel.id, user.id, sent.ack);
    return result;
  } catch (error) {
    if (error instanceof SlackApiError) return badResponse(world, result, user.id, error.code);
    throw error;
  }
}

/** An acknowledgement may be the answer itself: a text, or a message for all or for the person only. */
function showAnswer(world: World, channel: string, user: string, ack: Json | undefined): void {
  const given = typeof ack === 'string' ? { text: ack } : ack;
  if (!isObject(given) || (given['text'] === undefined && given['blocks'] === undefined)) return;
  const content: Content = readContent(given);
  if (given['response_type'] === 'in_channel') addMessage(world, { channel }, content);
  else addEphemeral(world, { channel }, content, user);
}
