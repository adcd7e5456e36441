// An allowed tool call through each adapter, beside the same three calls of the bare SDK client: ask, take, report.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Finding, figure } from '../report.ts';
import type { Sizes } from '../sizes.ts';
import { percentile } from '../support/measure.ts';
import { POLICY, REQUIRED } from '../support/policy.ts';
import { openProduct } from '../support/product.ts';
import type { Servers } from '../support/servers.ts';

const SCRIPT = fileURLToPath(new URL('../../../bench/adapters.mjs', import.meta.url));
const AIM = 'at most 1.2';

type Found = Readonly<Record<string, { readonly bare: readonly number[]; readonly gated: readonly number[] }>>;

/** How much longer it takes through each adapter. */
export async function benchAdapters(servers: Servers, { adapterCalls }: Sizes): Promise<Finding> {
  const rules = POLICY.rules.map((rule) =>
    rule.match.action === REQUIRED ? { ...rule, effect: 'allow' as const, approvers: [] } : rule,
  );
  const product = await openProduct(servers, ['api'], { ...POLICY, rules });
  try {
    const env = {
      ...{ PATH: process.env['PATH'], PLACET_URL: product.apiUrl, PLACET_AGENT_KEY: product.key },
      ...{
        THREADS_URL: product.superuserUrl,
        ROUNDS: String(adapterCalls),
        STATE_FOLDER: join(servers.folder, 'state'),
      },
    };
    const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT], { env });
    const found: Found = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    const rows = Object.entries(found).map(([name, { bare, gated }]) => {
      return figure(`${name} beside the client`, 'x', [percentile(gated, 0.5) / percentile(bare, 0.5)], AIM);
    });
    const all = Object.values(found).flatMap(({ bare }) => bare);
    return {
      title: `an allowed tool call through each adapter, ${adapterCalls} in turns with the three calls of the client; medians`,
      figures: [figure('ask, take, report by the client', 'ms', [percentile(all, 0.5)]), ...rows],
      notes: ['from the ask until the approval is taken, and the report; between them the tool runs'],
    };
  } finally {
    await product.close();
  }
}
