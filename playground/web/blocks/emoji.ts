// The few emoji names that apps here write; an unknown name stays as it was typed, as in Slack.
const EMOJI: Record<string, string> = {
  '+1': '👍',
  '-1': '👎',
  alarm_clock: '⏰',
  arrow_right: '➡️',
  bell: '🔔',
  bulb: '💡',
  clock3: '🕒',
  credit_card: '💳',
  eyes: '👀',
  fire: '🔥',
  gear: '⚙️',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  information_source: 'ℹ️',
  key: '🔑',
  link: '🔗',
  lock: '🔒',
  mag: '🔍',
  memo: '📝',
  money_with_wings: '💸',
  no_entry: '⛔',
  no_entry_sign: '🚫',
  octagonal_sign: '🛑',
  pencil: '📝',
  robot_face: '🤖',
  rocket: '🚀',
  rotating_light: '🚨',
  shield: '🛡️',
  stopwatch: '⏱️',
  tada: '🎉',
  unlock: '🔓',
  wave: '👋',
  warning: '⚠️',
  white_check_mark: '✅',
  heavy_check_mark: '✔️',
  x: '❌',
  zap: '⚡',
};

/** The picture for an emoji's name, or undefined. */
export function emojiOf(name: string): string | undefined {
  return Object.hasOwn(EMOJI, name) ? EMOJI[name] : undefined;
}

/** The text with known `:names:` replaced, for plain_text objects with `emoji` on. */
export function withEmoji(text: string): string {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole, name: string) => emojiOf(name) ?? whole);
}
