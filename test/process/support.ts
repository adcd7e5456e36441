// The settings with which a role of the built program serves on the test's own servers.
import { randomBytes } from 'node:crypto';
import type { Playground } from '@placet/playground';
import type { PolicyDocument } from '../../src/domain/policy/policy.ts';
import type { TestDatabase } from '../support/database.ts';
import { PRODUCT_POLICY } from '../support/product-policy.ts';
import { temporalAddress } from '../support/stack.ts';

/** Settings with which every role serves; a test changes one and sees what is said of it. */
export function goodSettings(database: Pick<TestDatabase, 'app_url'>, playground: Playground): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return {
    PATH,
    HOME,
    DATABASE_URL: database.app_url,
    TEMPORAL_ADDRESS: temporalAddress(),
    SLACK_API_URL: playground.apiUrl,
    SLACK_BOT_TOKEN: playground.botToken,
    SLACK_APP_TOKEN: playground.appToken,
    PLACET_MASTER_KEY: randomBytes(32).toString('base64url'),
  };
}

/** The product's policy without the member who has left Slack. */
export const KNOWN_PEOPLE: PolicyDocument = {
  ...PRODUCT_POLICY,
  approver_groups: Object.fromEntries(
    Object.entries(PRODUCT_POLICY.approver_groups).map(([name, group]) => [
      name,
      { ...group, members: group.members.filter((address) => address !== 'gone@example.com') },
    ]),
  ),
};

type Line = { readonly name: string; readonly ok: boolean; readonly detail: string; readonly remedy: string | null };

/** What the doctor of the built program finds with these settings, by the name of the check; in this process. */
export async function runDoctor(environment: NodeJS.ProcessEnv): Promise<ReadonlyMap<string, Line>> {
  const built = (path: string) => import(`../../dist/src/${path}`);
  const { runDoctor: report }: typeof import('../../src/cli/doctor.ts') = await built('cli/doctor.js');
  const { requireConfig }: typeof import('../../src/process/config.ts') = await built('process/config.js');
  const { doctorChecks }: typeof import('../../src/process/doctor-checks.ts') = await built('process/doctor-checks.js');
  const printed: string[] = [];
  await report(doctorChecks(requireConfig(environment)), { out: (text) => void printed.push(text) }, true);
  const { checks } = JSON.parse(printed.join('')) as { checks: Line[] };
  return new Map(checks.map((line) => [line.name, line]));
}
