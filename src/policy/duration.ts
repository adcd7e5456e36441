// Durations as people write them in the policy file and in options: 90s, 10m, 1h30m, 2d. Whole seconds only.

export const DURATION = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/;
const UNIT_SECONDS = [86_400, 3_600, 60, 1] as const;

/** Seconds of a duration such as `1h30m`, larger units first; null for anything else, `0` alone included. */
export function parseDuration(text: string): number | null {
  const match = DURATION.exec(text);
  if (match === null || text === '') return null;
  return UNIT_SECONDS.reduce((sum, seconds, place) => sum + seconds * Number(match[place + 1] ?? 0), 0);
}

/** The shortest form that parses back: 5400 is `1h30m`. */
export function formatDuration(seconds: number): string {
  const units = ['d', 'h', 'm', 's'] as const;
  let left = seconds;
  const parts = UNIT_SECONDS.map((unit_seconds, place) => {
    const count = Math.floor(left / unit_seconds);
    left -= count * unit_seconds;
    return count === 0 ? '' : `${count}${units[place]}`;
  });
  return parts.join('') || '0s';
}

/** What people write for each unit elsewhere; a month or a year is no fixed time. */
const WORDS =
  /(\d{1,6}(?:[.,]\d{1,3})?)\s*(weeks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)(?![a-z])/g;
const SECONDS_OF: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1 };

/** How the duration is written here that a text in another form probably means; null when it is anybody's guess. */
export function meantDuration(text: string): string | null {
  const plain = text
    .normalize('NFKC')
    .replace(/["'\u2018-\u201f]/g, '')
    .trim()
    .toLowerCase();
  const clock = /^(\d{1,3}):([0-5]\d):([0-5]\d)$/.exec(plain);
  const spelled = clock === null ? plain.replace(/^p(?=[t\d])|t(?=\d)/g, ' ') : `${clock[1]}h${clock[2]}m${clock[3]}s`;
  // A number alone is most often meant in seconds, as other programs count.
  const counted = /^\d{1,9}$/.test(spelled) ? `${Number(spelled)}s` : spelled;
  if (counted.replace(WORDS, '').replace(/\band\b|[\s,]/g, '') !== '') return null;
  const seconds = [...counted.matchAll(WORDS)].reduce(
    (sum, [, count = '', unit = '']) => sum + Number(count.replace(',', '.')) * (SECONDS_OF[unit.charAt(0)] ?? 0),
    0,
  );
  return Number.isInteger(seconds) && seconds > 0 ? formatDuration(seconds) : null;
}
