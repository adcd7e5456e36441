// What a round did, line by line: time since its start, step, id, outcome. Printed with the seed when something is wrong.
import { appendFileSync } from 'node:fs';

export type Trace = {
  readonly note: (step: string, id?: string, outcome?: string) => void;
  readonly text: () => string;
};

/** An empty trace that begins now; kept in the file as it grows, where one is named. */
export function createTrace(file?: string): Trace {
  const begun_ms = performance.now();
  const lines: string[] = [];
  return {
    note: (step, id = '', outcome = '') => {
      const at = ((performance.now() - begun_ms) / 1_000).toFixed(3).padStart(9);
      const line = [at, step, id, outcome].filter((part) => part !== '').join('  ');
      lines.push(line);
      if (file !== undefined) appendFileSync(file, `${line}\n`);
    },
    text: () => lines.join('\n'),
  };
}
