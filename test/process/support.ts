// The settings with which a role of the built program serves on the test's own servers.
import { randomBytes } from 'node:crypto';
import type { Playground } from '@placet/playground';
import type { TestDatabase } from '../support/database.ts';
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
