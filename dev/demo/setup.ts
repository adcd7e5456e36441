// Gives a new development database what the demo needs: a policy and one agent. Done once; later changes are the person's.

import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { hasCode } from '../../src/domain/errors.ts';
import { operatorPrincipal } from '../../src/domain/people/principal.ts';
import { parsePolicyFile } from '../../src/policy/read.ts';
import { buildAdmin } from '../../src/process/admin.ts';
import { requireConfig } from '../../src/process/config.ts';
import { writePrivate } from '../data-folder.ts';
import { DEMO_POLICY } from './policy.ts';

const AGENT = {
  name: 'support-agent',
  owner_email: 'support@example.com',
  is_new_owner: true,
  environment: 'development',
} as const;
const KEY_DAYS = 90;
const OPERATOR = operatorPrincipal('placet dev');
const kept = z.object({ agent_id: z.string(), agent_key: z.string() });

/** The demo agent, able to call the API. */
export type DemoAgent = z.output<typeof kept>;

async function createDemoAgent(admin: ReturnType<typeof buildAdmin>): Promise<DemoAgent> {
  const input = { ...AGENT, days: KEY_DAYS, by: OPERATOR };
  try {
    const { agent_id, key } = await admin.createAgent(input);
    return { agent_id, agent_key: key };
  } catch (error) {
    // A run that was killed right after it made the agent lost the key: it is shown only once.
    if (!hasCode(error, 'conflict')) throw error;
    const { agent_id, key } = await admin.rotateAgent({ ...input, overlap_seconds: 0 });
    return { agent_id, agent_key: key };
  }
}

/** Applies the demo policy and makes the demo agent, unless `file` says that it was done; returns the agent. */
export async function setUpDemo(environment: NodeJS.ProcessEnv, file: string): Promise<DemoAgent> {
  if (existsSync(file)) return kept.parse(JSON.parse(readFileSync(file, 'utf8')));
  const admin = buildAdmin(() => requireConfig(environment));
  const policy = parsePolicyFile(new TextEncoder().encode(DEMO_POLICY));
  if (policy.kind === 'problems') throw new Error(`The demo policy is wrong: ${JSON.stringify(policy.problems)}`);
  await admin.applyPolicy({ document: policy.document, source: DEMO_POLICY, operator: OPERATOR });
  const agent = await createDemoAgent(admin);
  writePrivate(file, JSON.stringify(agent));
  return agent;
}
