// Guards the Python package: its own tests pass and its types hold; and on the real product, installed from its wheel, it asks,
// runs once, and verifies what this language signs, for the same requests as the SDK.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { approver, FINANCE_LEAD } from '@placet/playground';
import { createPlacet } from '@placet/sdk';
import { newFolder } from '../support/processes.ts';
import { type Product, startProduct } from '../support/product.ts';
import { findPythonPackage, installWheel, type PythonPackage } from '../support/python-package.ts';
import { until } from '../support/wait.ts';

/** The first time, its libraries are fetched. */
const INSTALL_MS_MAX = 600_000;
const TESTS_MS_MAX = 300_000;

let python: PythonPackage;
let wheel: Awaited<ReturnType<typeof installWheel>>;
let product: Product;
beforeAll(async () => {
  [python, product] = await Promise.all([findPythonPackage(), startProduct()]);
  wheel = await installWheel();
}, INSTALL_MS_MAX);
afterAll(() => product.close(), INSTALL_MS_MAX);

test(
  'its own tests pass, and its types hold',
  async () => {
    const tests = await python(['-m', 'pytest', '-q', '-p', 'no:cacheprovider']).catch((error: unknown) => error);
    expect(tests).toMatchObject({ stdout: expect.stringMatching(/\n\d+ passed in /) });
    const types = await python(['-m', 'mypy', python.typesOf('package')]).catch((error: unknown) => error);
    expect(types).toMatchObject({ stdout: expect.stringContaining('no issues found') });
  },
  TESTS_MS_MAX,
);

/** Runs Python of the wheel's own environment, in a folder that has nothing of the tree. */
const installed = (program: string, environment: Readonly<Record<string, string>> = {}) =>
  promisify(execFile)(wheel.path, ['-c', program], { cwd: newFolder(), env: environment });

test('its wheel has every module and its types, and runs without the tree', async () => {
  const source = fileURLToPath(new URL('../../python/src/placet/', import.meta.url));
  const modules = readdirSync(source).filter((name) => !name.startsWith('__pycache__'));
  expect(wheel.files).toEqual(expect.arrayContaining(modules.map((name) => `placet/${name}`)));
  expect(wheel.files).toContain('placet/py.typed');
  expect(wheel.files.filter((name) => name.endsWith('/METADATA'))).toHaveLength(1);
  const { stdout } = await installed('import placet; print(placet.__file__)');
  expect(stdout.startsWith(join(dirname(dirname(wheel.path)), 'lib'))).toBe(true);
});

const GUARDED = `
import os
from placet import Placet, PlacetSpentError
from placet.verify import authorize_call, read_jwks

url, audience = os.environ["PLACET_URL"], "https://orders.example"
placet = Placet(url, os.environ["PLACET_AGENT_KEY"])

@placet.guard(
    "orders.refund",
    key=lambda order, amount: os.environ["JOB"],
    resource=lambda order, amount: f"order/{order}",
    parameters=lambda order, amount: {"amount": amount},
    credential={"audience": audience, "scopes": ["orders:refund"], "lifetime_seconds": 300},
)
def refund(order, amount, *, credential):
    about = {"action": "orders.refund", "resource": f"order/{order}", "parameters": {"amount": amount}}
    keys = read_jwks(f"{url}/.well-known/jwks.json")
    return authorize_call(credential, url=url, issuer=url, audience=audience, keys=keys, **about)["txn"]

try:
    print(refund("A-1", 120.0))
except PlacetSpentError as error:
    print(error.code)
`;

test('a function guarded by the wheel runs once its request is approved, with a credential that its tool verifies and spends', async () => {
  const agent = await product.newAgent('support@example.com');
  const env = { PLACET_URL: product.apiUrl, PLACET_AGENT_KEY: agent.key, JOB: randomUUID() };
  const running = installed(GUARDED, env);
  const request = await until(async () => (await agent.list()).items[0], { what: 'a request of the Python agent' });
  await approver.press(product, FINANCE_LEAD, await approver.cardOf(product, request));
  expect((await running).stdout.trim()).toBe(request.id);
  const { outcome } = await agent.get(request.id);
  expect(outcome).toMatchObject({ lease: { state: 'used' }, result: { status: 'succeeded' } });
  expect((await installed(GUARDED, env)).stdout.trim()).toBe('already_executed');
});

const ASKING = `
import os
from placet import Placet, ToolCall
gate = Placet(os.environ["PLACET_URL"], os.environ["PLACET_AGENT_KEY"]).gate(
    actions={"refund": lambda masked: {"action": "orders.refund", "resource": f"order/{masked['order']}"}})
call = ToolCall("thread-1", "call_1", "refund", {"order": "A-1", "note": "token ghp_${'a'.repeat(36)}", "amount": 12.5})
print(gate.pass_(call, lambda parameters: "ran " + parameters["note"][:9], wait_seconds=0).result or gate.ask(call)[0].id)
`;

test('a call that TypeScript asked for goes on in Python, and the other way round, as the same request', async () => {
  const agent = await product.newAgent('support@example.com');
  const env = { PLACET_URL: product.apiUrl, PLACET_AGENT_KEY: agent.key };
  const gate = createPlacet({ url: product.apiUrl, apiKey: agent.key }).gate({
    actions: { refund: ({ order }) => ({ action: 'orders.refund', resource: `order/${order}` }) },
  });
  const note = `token ghp_${'a'.repeat(36)}`;
  const call = { run: 'thread-1', id: 'call_1', tool: 'refund', arguments: { order: 'A-1', note, amount: 12.5 } };
  const { id } = await gate.ask(call);
  expect((await python(['-c', ASKING], env)).stdout.trim()).toBe(id);
  await approver.press(product, FINANCE_LEAD, await approver.cardOf(product, { id }));
  await agent.waitForDecision(id);
  expect((await python(['-c', ASKING], env)).stdout.trim()).toBe('ran token ghp');
  expect(await gate.pass(call, { tool: () => 'again' })).toMatchObject({ state: 'already_executed' });
});

test('no approval was run without its people or twice (INV-10)', async () => {
  for (const view of ['executed_without_approval', 'executed_twice']) {
    expect(await product.database.asSuperuser(`select * from placet.${view}`)).toEqual([]);
  }
});
