// Shows what a start is doing: one line per step, moving while it lasts.

/** Shows steps to a person. `note` prints one plain line. */
export type Progress = {
  step<T>(label: string, work: (say: (detail: string) => void) => Promise<T>): Promise<T>;
  readonly note: (text: string) => void;
};

type Output = {
  readonly isTTY?: boolean;
  readonly write: (text: string) => unknown;
};

/** A step that lasts longer shows itself before it ends. */
const SHOW_AFTER_MS = 1_000;
const TERMINAL_INTERVAL_MS = 250;
/** Without a terminal each message is a line of its own, so it comes less often. */
const PLAIN_INTERVAL_MS = 15_000;

/** Formats a duration as `4.2 s` or `2 min 5 s`. */
function formatDuration(milliseconds: number): string {
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Makes a progress that writes to a terminal or, plainly, to anything else. */
export function createProgress(out: Output = process.stderr, now: () => number = Date.now): Progress {
  const isTerminal = out.isTTY === true;
  const note = (text: string) => {
    out.write(`${text}\n`);
  };
  const step: Progress['step'] = async (label, work) => {
    const since = now();
    let detail = '';
    const show = () => {
      const line = [`  … ${label}`, detail, formatDuration(now() - since)].filter(Boolean).join(' · ');
      out.write(isTerminal ? `\r\x1b[2K${line}` : `${line}\n`);
    };
    const first = setTimeout(show, SHOW_AFTER_MS);
    const timer = setInterval(show, isTerminal ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS);
    const end = (mark: string) => {
      clearTimeout(first);
      clearInterval(timer);
      out.write(`${isTerminal ? '\r\x1b[2K' : ''}  ${mark} ${label} (${formatDuration(now() - since)})\n`);
    };
    try {
      const result = await work((text) => {
        detail = text;
      });
      end('✓');
      return result;
    } catch (error) {
      end('✗');
      throw error;
    }
  };
  return { step, note };
}
