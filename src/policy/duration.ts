// Durations as people write them in the policy file and in options: 90s, 10m, 1h30m, 2d. Whole seconds only.

const DURATION = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/;
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
