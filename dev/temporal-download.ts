// A process of its own: lets the Temporal SDK download its server into a folder and prints the program's path.

import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';

const downloadDir = process.argv[2] as string;

async function download(): Promise<string> {
  mkdirSync(downloadDir, { recursive: true });
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir, version: 'default', ttl: '365 days' } },
  });
  await environment.teardown();
  const program = readdirSync(downloadDir).find(
    (name) => name.startsWith('temporal') && !name.includes('.downloading'),
  );
  return program === undefined ? '' : join(downloadDir, program);
}

try {
  console.log(await download());
} catch (error) {
  // Whoever started us tells it to a person.
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
