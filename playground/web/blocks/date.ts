// Slack's date tokens as words in the viewer's own zone. Pure: the clock, locale and zone are passed in.

export type DateViewer = { nowMs: number; locale: string; timeZone: string };

const STYLES: Record<string, Intl.DateTimeFormatOptions> = {
  date: { month: 'long', day: 'numeric', year: 'numeric' },
  date_short: { month: 'short', day: 'numeric', year: 'numeric' },
  date_long: { weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' },
  time: { timeStyle: 'short' },
  time_secs: { timeStyle: 'medium' },
};
const DAY_MS = 86_400_000;

/** The text of one `<!date^unix^format|…>` token (https://docs.slack.dev/messaging/formatting-message-text#date-formatting). */
export function formatDate(unix: number, format: string, viewer: DateViewer): string {
  const at = new Date(unix * 1000);
  return format.replace(/\{([a-z_]+)\}/g, (whole, name: string, offset: number) => {
    if (name === 'ago') return relative(unix * 1000, viewer);
    if (name === 'date_num') return dayKey(at, viewer.timeZone);
    const style = STYLES[name.replace(/_pretty$/, '')];
    if (style === undefined) return whole;
    const near = name.endsWith('_pretty') ? nearDay(at, viewer) : undefined;
    if (near !== undefined) return offset === 0 ? capital(near) : near;
    return new Intl.DateTimeFormat(viewer.locale, { ...style, timeZone: viewer.timeZone }).format(at);
  });
}

/** Hours and minutes in the viewer's zone, for a message's time stamp. */
export function clockTime(ms: number, viewer: DateViewer): string {
  return formatDate(ms / 1000, '{time}', viewer);
}

/** The heading over a day's messages. */
export function dayTitle(ms: number, viewer: DateViewer): string {
  return formatDate(ms / 1000, '{date_long_pretty}', viewer);
}

function dayKey(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone }).format(at);
}

function nearDay(at: Date, viewer: DateViewer): string | undefined {
  const key = dayKey(at, viewer.timeZone);
  const words = new Intl.RelativeTimeFormat(viewer.locale, { numeric: 'auto' });
  return [0, -1, 1]
    .filter((days) => dayKey(new Date(viewer.nowMs + days * DAY_MS), viewer.timeZone) === key)
    .map((days) => words.format(days, 'day'))[0];
}

function relative(ms: number, viewer: DateViewer): string {
  const seconds = Math.round((ms - viewer.nowMs) / 1000);
  const words = new Intl.RelativeTimeFormat(viewer.locale, { numeric: 'always' });
  const size = Math.abs(seconds);
  if (size < 60) return words.format(seconds, 'second');
  if (size < 3_600) return words.format(Math.round(seconds / 60), 'minute');
  if (size < 86_400) return words.format(Math.round(seconds / 3_600), 'hour');
  return words.format(Math.round(seconds / 86_400), 'day');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
