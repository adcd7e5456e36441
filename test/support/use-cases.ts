// The api's use cases on a test database, with a master key of the test's own.

import type { Playground } from '@placet/playground';
import { openListener } from '../../src/db/listen.ts';
import type { ApiDeps } from '../../src/http/deps.ts';
import { requireConfig } from '../../src/process/config.ts';
import { buildUseCases } from '../../src/process/use-cases.ts';
import { newId } from '../../src/process/wiring.ts';
import type { RequestView } from '../../src/service/agent/request-view.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { makeClick, makeSubmission, makeWorld, type World } from './builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from './database.ts';

export const ISSUER = 'https://placet.example';
export const MASTER_KEY = Buffer.from(Array.from({ length: 32 }, (_, at) => at)).toString('base64url');

export type TestUseCases = ApiDeps & { readonly close: () => Promise<void> };

/** The use cases of one tenant's installation, with a listener to close at the end; Slack can be asked where it is given. */
export function createTestUseCases(
  database: TestDatabase,
  tenant = TENANT,
  { slack, public_url = ISSUER }: { readonly slack?: Playground; readonly public_url?: string } = {},
): TestUseCases {
  const config = requireConfig({
    ...(slack === undefined
      ? {}
      : { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken, SLACK_API_URL: slack.apiUrl }),
    DATABASE_URL: database.app_url,
    PLACET_MASTER_KEY: MASTER_KEY,
    PLACET_PUBLIC_URL: public_url,
    PLACET_TENANT: tenant,
  });
  const listener = openListener({ url: database.app_url, onError: () => undefined });
  const service = { transact: database.transact, newId };
  return { ...buildUseCases({ config, database, service, listener }), close: listener.close };
}

/** A database of the file's own, the world in it and the use cases of the API, closed together. */
export async function openTestApi() {
  const database = await createTestDatabase();
  const world = await makeWorld(database);
  const api = createTestUseCases(database);
  const close = () => api.close().then(database.drop);
  return { database, world, api, close };
}

/** A request that Ann approved. */
export async function submitApproved(api: TestUseCases, world: World): Promise<RequestView> {
  const request = await api.submit(world.caller, makeSubmission());
  await decide(world.deps, makeClick(request, 'ann'));
  return request;
}
