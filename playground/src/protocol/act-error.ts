// Why an act of a person came to nothing. Types only.

export type ActErrorCode =
  /** No socket is connected and no request URL answers. */
  | 'no_listener'
  /** No acknowledgement within 3 s. */
  | 'operation_timed_out'
  /** The request URL answered with another status than 200. */
  | 'http_error'
  /** The acknowledgement is not what Slack takes here. */
  | 'bad_response'
  /** The client's own checks (required, lengths) or response_action errors. */
  | 'field_errors'
  | 'user_not_found'
  /** Deactivated people and bots cannot act. */
  | 'user_deactivated'
  | 'user_is_bot'
  | 'channel_not_found'
  | 'not_in_channel'
  | 'is_archived'
  | 'message_not_found'
  /** The message or view has no such button now. */
  | 'action_not_found'
  | 'view_not_found'
  /** Only the top of the stack can be used. */
  | 'view_not_on_top'
  | 'no_submit_button'
  | 'submit_disabled'
  | 'option_not_found'
  | 'invalid_values'
  | 'unknown_command'
  /** Slack Connect: the app is not installed in the home team of this person. */
  | 'app_not_visible'
  | 'home_disabled';
