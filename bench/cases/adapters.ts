// An allowed tool call through each adapter, beside the same three calls of the bare client of its language: ask, take, report.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { providePython } from '../../dev/python.ts';
import { defaultCache } from '../../dev/temporal-find.ts';
import { processEnvironment } from '../../src/process/config.ts';
import { type Finding, figure } from '../report.ts';
import type { Sizes } from '../sizes.ts';
import { percentile } from '../support/measure.ts';
import { POLICY, REQUIRED } from '../support/policy.ts';
import { openProduct } from '../support/product.ts';
import type { Servers } from '../support/servers.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** What an adapter may cost, beside the client alone. */
const RATIO_MAX = 1.2;

type Found = Readonly<Record<string, { readonly bare: readonly number[]; readonly gated: readonly number[] }>>;

/** How much longer it takes through each adapter; one that takes too long is a failure. */
export async function benchAdapters(servers: Servers, { adapterCalls }: Sizes): Promise<Finding> {
  const rules = POLICY.rules.map((rule) =>
    rule.match.action === REQUIRED ? { ...rule, effect: 'allow' as const, approvers: [] } : rule,
  );
  const environment = processEnvironment();
  const cache = environment['PLACET_CACHE'] ?? defaultCache(environment);
  const { path: python } = await providePython({ root: ROOT, cache });
  const product = await openProduct(servers, ['api'], { ...POLICY, rules });
  try {
    const env = {
      ...{ PATH: environment['PATH'], PLACET_URL: product.apiUrl, PLACET_AGENT_KEY: product.key },
      ...{ THREADS_URL: product.superuserUrl, STATE_FOLDER: join(servers.folder, 'state') },
      ROUNDS: String(adapterCalls),
    };
    const measure = async (command: string, script: string): Promise<Found> => {
      const { stdout } = await promisify(execFile)(command, [join(ROOT, 'bench', script)], { env });
      return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    };
    const inNode = await measure(process.execPath, 'adapters.mjs');
    const inPython = await measure(python, 'adapters.py');
    return tell({ inNode, inPython }, adapterCalls);
  } finally {
    await product.close();
  }
}

function tell({ inNode, inPython }: Readonly<Record<'inNode' | 'inPython', Found>>, calls: number): Finding {
  const aim = `at most ${RATIO_MAX}`;
  const rows = Object.entries({ ...inNode, ...inPython }).map(([name, { bare, gated }]) =>
    figure(`${name} beside the client`, 'x', [percentile(gated, 0.5) / percentile(bare, 0.5)], aim),
  );
  const client = (language: string, found: Found) => {
    const all = Object.values(found).flatMap(({ bare }) => bare);
    return figure(`ask, take, report by the client in ${language}`, 'ms', [percentile(all, 0.5)]);
  };
  const slow = rows.filter(({ summary }) => !(summary.median <= RATIO_MAX));
  return {
    title: `an allowed tool call through each adapter, ${calls} in turns with the three calls of the client; medians`,
    figures: [client('TypeScript', inNode), client('Python', inPython), ...rows],
    notes: ['from the ask until the approval is taken, and the report; between them the tool runs'],
    failures: slow.map(({ name, summary }) => `${name}: ${summary.median.toFixed(2)}, where ${RATIO_MAX} is the most`),
  };
}
