// Where the tests find the servers that `npm test` started.
function variable(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set: run this test with \`npm test -- <file>\`, which starts what it needs`);
}

/** The superuser's URL of a real PostgreSQL; each test makes its own database in it. */
export const superuserUrl = (): string => variable('PLACET_TEST_POSTGRES_URL');

/** Where no PostgreSQL listens. */
export const CLOSED_POSTGRES_URL = 'postgres://somebody:secret@127.0.0.1:1/placet';

/** The address of a real Temporal server; each test uses its own task queue. */
export const temporalAddress = (): string => variable('PLACET_TEST_TEMPORAL_ADDRESS');

/** The workflows, bundled once for the run. */
export const workflowBundlePath = (): string => variable('PLACET_TEST_WORKFLOW_BUNDLE');
