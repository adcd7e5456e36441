// What every error of every Web API method that we call means: a fault of the moment, of somebody's configuration, or of ours.
// Data, from the methods' pages at https://docs.slack.dev/reference/methods and what all of them have in common.

/**
 * `moment`: the same call may succeed as it is, soon. `configuration`: once somebody changes something in Slack or in our
 * settings. `ours`: we sent what Slack does not take. While people are asked all of them are tried again, the first at once.
 */
export type Meaning = 'moment' | 'configuration' | 'ours';

type Meanings = Readonly<Record<string, Meaning>>;

function each(meaning: Meaning, codes: readonly string[]): Meanings {
  return Object.fromEntries(codes.map((code) => [code, meaning]));
}

/** Errors that any method may answer. A token may be refused for a moment, so what is said of it is tried again at once. */
export const COMMON_ERRORS: Meanings = {
  ...each('moment', [
    'accesslimited',
    'account_inactive',
    'fatal_error',
    'internal_error',
    'invalid_auth',
    'not_authed',
    'org_login_required',
    'rate_limited',
    'ratelimited',
    'request_timeout',
    'service_unavailable',
    'team_added_to_org',
    'token_expired',
    'token_revoked',
  ]),
  ...each('configuration', [
    'access_denied',
    'ekm_access_denied',
    'enterprise_is_restricted',
    'missing_scope',
    'no_permission',
    'not_allowed_token_type',
    'team_access_not_granted',
    'two_factor_setup_required',
  ]),
  ...each('ours', [
    'deprecated_endpoint',
    'invalid_arg_name',
    'invalid_arguments',
    'invalid_array_arg',
    'invalid_charset',
    'invalid_form_data',
    'invalid_json',
    'invalid_post_type',
    'json_not_object',
    'method_deprecated',
    'missing_argument',
    'missing_post_type',
    'missing_charset',
    'superfluous_charset',
    'unknown_method',
  ]),
};

const BLOCKS = ['block_mismatch', 'invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long'];
const METADATA = [
  'invalid_metadata_format',
  'invalid_metadata_schema',
  'metadata_must_be_sent_from_app',
  'metadata_too_large',
];
const CONTENT = [
  ...BLOCKS,
  ...METADATA,
  'as_user_not_supported',
  'attachment_payload_limit_exceeded',
  'invalid_attachments',
  'markdown_text_conflict',
  'msg_too_long',
  'no_text',
  'too_many_attachments',
  'too_many_contact_cards',
];
/** The channel is not one that we may write to, until somebody changes it or names another one in the policy file. */
const CHANNEL = [
  'channel_is_limited_access',
  'channel_not_found',
  'is_archived',
  'is_inactive',
  'not_in_channel',
  'restricted_action',
  'restricted_action_non_threadable_channel',
  'restricted_action_read_only_channel',
  'restricted_action_thread_locked',
  'restricted_action_thread_only_channel',
  'slack_connect_canvas_sharing_blocked',
  'slack_connect_file_link_sharing_blocked',
  'slack_connect_lists_sharing_blocked',
  'team_not_found',
];
/** The person takes no message of ours, until somebody changes that. */
const PERSON = [
  'cannot_dm_bot',
  'invalid_user_combination',
  'messages_tab_disabled',
  'user_disabled',
  'user_not_found',
  'user_not_visible',
  'users_not_found',
];
const VIEW = ['duplicate_external_id', 'view_too_large', 'invalid_blocks', 'invalid_blocks_format'];

/** What stands in one method's own list. A method that is not here may not be called: a test looks for each. */
export const METHOD_ERRORS: Readonly<Record<string, Meanings>> = {
  'auth.test': {},
  'chat.getPermalink': each('configuration', ['channel_not_found', 'message_not_found']),
  'chat.postEphemeral': {
    ...each('configuration', [...CHANNEL, ...PERSON, 'message_limit_exceeded', 'user_not_in_channel']),
    ...each('ours', [...CONTENT, 'cannot_reply_to_message']),
  },
  'chat.postMessage': {
    ...each('moment', ['duplicate_channel_not_found', 'duplicate_message_not_found']),
    ...each('configuration', [...CHANNEL, ...PERSON, 'cannot_reply_to_message', 'message_limit_exceeded']),
    ...each('configuration', ['message_not_found', 'thread_not_found']),
    ...each('ours', [...CONTENT, 'missing_file_data']),
  },
  'chat.update': {
    ...each('moment', ['external_channel_migrating', 'streaming_state_conflict', 'update_failed']),
    ...each('configuration', [...CHANNEL, 'cant_update_message', 'edit_window_closed', 'message_not_found']),
    ...each('ours', [...CONTENT, 'cant_broadcast_message', 'no_dual_broadcast_content_update']),
  },
  'conversations.history': {
    ...each('configuration', [...CHANNEL]),
    ...each('ours', ['invalid_cursor', 'invalid_metadata_filter_keys', 'invalid_ts_latest', 'invalid_ts_oldest']),
  },
  'conversations.info': each('configuration', [...CHANNEL]),
  'conversations.members': {
    ...each('moment', ['fetch_members_failed']),
    ...each('configuration', [...CHANNEL]),
    ...each('ours', ['invalid_cursor', 'invalid_limit']),
  },
  'conversations.open': {
    ...each('configuration', [...CHANNEL, ...PERSON, 'app_cannot_join_channel']),
    ...each('ours', [
      'method_not_supported_for_channel_type',
      'not_enough_users',
      'too_many_users',
      'users_list_not_supplied',
    ]),
  },
  'conversations.replies': {
    ...each('moment', ['list_record_comment_fetch_failed']),
    ...each('configuration', [...CHANNEL, 'thread_not_found']),
    ...each('ours', ['invalid_cursor', 'invalid_metadata_filter_keys', 'invalid_ts_latest', 'invalid_ts_oldest']),
  },
  'usergroups.list': each('configuration', ['permission_denied', 'plan_upgrade_required']),
  'usergroups.users.list': {
    ...each('configuration', ['no_such_subteam', 'permission_denied', 'plan_upgrade_required', 'subteam_disabled']),
    ...each('ours', ['invalid_cursor']),
  },
  'users.info': {
    ...each('configuration', ['user_not_found', 'user_not_visible']),
    ...each('ours', ['too_many_users']),
  },
  'users.lookupByEmail': each('configuration', ['user_not_found', 'user_not_visible', 'users_not_found']),
  'views.open': {
    ...each('moment', ['exchanged_trigger_id', 'expired_trigger_id']),
    ...each('ours', [...VIEW, 'invalid_trigger_id', 'push_limit_reached']),
  },
  'views.publish': {
    ...each('moment', ['hash_conflict']),
    ...each('configuration', ['not_enabled', 'user_not_found']),
    ...each('ours', [...VIEW, 'missing_profile_id', 'not_implemented']),
  },
  'views.update': {
    ...each('moment', ['hash_conflict', 'not_found']),
    ...each('ours', VIEW),
  },
};

/** The layout is not what Slack takes: something simpler may be. */
export function isAboutBlocks(code: string): boolean {
  return BLOCKS.includes(code);
}

/** Too many calls, said in the answer itself instead of by its status. */
export function isLimit(code: string): boolean {
  return code === 'ratelimited' || code === 'rate_limited';
}

/** The message that was to be drawn again, or replied to, is not there for us any more. */
export function isGone(code: string): boolean {
  return ['cannot_reply_to_message', 'cant_update_message', 'message_not_found', 'thread_not_found'].includes(code);
}

/** Of a direct message: the person takes none of ours, whenever we try. Of a channel the same codes mean something else. */
export function isAboutPerson(code: string): boolean {
  return PERSON.includes(code) || code === 'channel_not_found';
}

/** What an error of a method means; one that no page tells of is somebody's configuration, so that it is tried again slowly. */
export function meaningOf(method: string, code: string): Meaning {
  return METHOD_ERRORS[method]?.[code] ?? COMMON_ERRORS[code] ?? 'configuration';
}

/** Answers of users.info and users.lookupByEmail that mean "not one of yours": strangers may be invisible to us. */
export const UNKNOWN_USER_CODES: readonly string[] = ['user_not_found', 'user_not_visible', 'users_not_found'];
