// Receipts: what one proves is proven by the SDK and by the program of docs/verify.md alike, and what is none is refused by both.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { canonicalBytes, type JsonValue } from '@placet/sdk/canonical';
import {
  formatCheckpoint,
  formatLogKey,
  formatReceipt,
  LogError,
  type Receipt,
  verifyReceipt,
  verifyReceipts,
} from '@placet/sdk/log';
import { EMPTY_ROOT } from '../../src/audit/tree.ts';
import { type ForgedEvent, forgeLog, makeKeys, ORIGIN, REQUEST_ID } from '../support/forged-log.ts';
import { newFolder } from '../support/processes.ts';
import { findPython, type Python } from '../support/python.ts';
import { readTree } from '../tidy/tree.ts';
import {
  ACTION,
  approved,
  CONTENT,
  created,
  DIGEST,
  decided,
  granted,
  issuedAs,
  LEASE_ID,
  leaseEnd,
  revoked,
  STORY,
  usedAs,
} from './receipt-events.ts';

let log: Awaited<ReturnType<typeof forgeLog>>;
let python: Python;
beforeAll(async () => {
  log = await forgeLog(STORY);
  python = await findPython();
}, 300_000);

const page = readTree().find(({ path }) => path === 'docs/verify.md')?.text ?? '';
const program = /^```python receipt\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? 'raise SystemExit("no such example")';
/** Runs the program for each receipt, from the beginning, in one process: what it says of it, or `refused`. */
const EACH = `
import contextlib, io, json, os
program, said = compile(os.environ["PROGRAM"], "docs/verify.md", "exec"), []
for name in sorted(os.listdir(os.environ["FOLDER"])):
    os.environ["RECEIPT"], output = os.path.join(os.environ["FOLDER"], name), io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            exec(program, {})
        said.append(output.getvalue())
    except (SystemExit, Exception):
        said.append("refused")
print(json.dumps(said))
`;
const inPython = async (receipts: readonly string[], key = log.key): Promise<string[]> => {
  const FOLDER = newFolder();
  for (const [at, receipt] of receipts.entries()) writeFileSync(join(FOLDER, String(at).padStart(3, '0')), receipt);
  return JSON.parse(await python(EACH, { LOG_KEY: key, FOLDER, PROGRAM: program }));
};
const textOf = (value: JsonValue) => new TextDecoder().decode(canonicalBytes(value));
const codeOf = (check: () => unknown): string => {
  try {
    check();
  } catch (error) {
    if (error instanceof LogError) return error.code;
    throw error;
  }
  return 'none';
};

test('the receipts of a request tell what was asked, who decided, what was issued, and that it ran once', () => {
  expect(verifyReceipts(log.receipts, log)).toMatchObject({
    request_id: REQUEST_ID,
    digest: DIGEST,
    submission: { agent_id: 'agt_1', action: ACTION.action, content: CONTENT, justification: 'broken parcel' },
    decisions: [{ person_id: 'prs_1', decision: 'approve', reason: 'as asked', stage: 0 }],
    outcome: { state: 'approved' },
    uses_max: 1,
    issued: [{ lease_id: LEASE_ID, use: 1, audience: 'https://orders.example' }],
    executions: [{ use: 1, lease_id: LEASE_ID }],
    results: [{ use: 1, status: 'succeeded' }],
    size: STORY.length,
  });
});

test('a revocation is told, and how each lease ended', async () => {
  const own = await forgeLog([created, approved, granted, issuedAs(1), leaseEnd('revoked'), revoked]);
  expect(verifyReceipts(own.receipts, own)).toMatchObject({
    executions: [],
    lease_ends: [{ lease_id: LEASE_ID, state: 'revoked' }],
    revocation: { by_kind: 'person', by_id: 'prs_1' },
  });
  expect(verifyReceipts(log.receipts, log)).toMatchObject({ revocation: null, lease_ends: [{ state: 'used' }] });
});

test('the same receipt twice, and receipts in any order, say the same', () => {
  const all = [...log.receipts, ...log.receipts].reverse();
  expect(verifyReceipts(all, log)).toEqual(verifyReceipts(log.receipts, log));
});

test('each receipt is genuine to the program of docs/verify.md, which prints what it tells', async () => {
  const printed = await inPython(log.receipts);
  for (const [at, { type, values = {} }] of STORY.entries()) {
    expect(printed[at]).toContain(`${type} of ${REQUEST_ID}, number ${at} of ${STORY.length}`);
    for (const value of Object.values(values)) expect(printed[at]).toContain(textOf(value));
  }
});

/** The receipt of the fourth event, written otherwise. */
type Change = (parts: Receipt) => string | Receipt;
const altered =
  (change: (receipt: string) => string): Change =>
  (parts) =>
    change(formatReceipt(parts));
const noted =
  (change: (note: string) => string): Change =>
  (parts) => ({ ...parts, note: change(parts.note) });
const checkpointOf = (checkpoint: { readonly origin?: string; readonly size?: number; readonly root?: Buffer }) =>
  noted(() => log.signed(formatCheckpoint({ origin: ORIGIN, size: STORY.length, root: log.root, ...checkpoint })));
const signatureOf = (note: string) => note.slice(note.indexOf('— '));

/** What it is called, the code of its refusal, and how it is made. */
const WRONG: readonly (readonly [string, string, () => Change])[] = [
  ['a tree of nothing', 'proof_invalid', () => checkpointOf({ size: 0, root: EMPTY_ROOT })],
  ['a tree that is shorter', 'proof_invalid', () => checkpointOf({ size: 3 })],
  ['a tree that is longer', 'proof_invalid', () => checkpointOf({ size: 9 })],
  ['an index that is the size', 'proof_invalid', () => (parts) => ({ ...parts, index: STORY.length })],
  ['the index of another leaf', 'proof_invalid', () => (parts) => ({ ...parts, index: 2 })],
  ['an index with a zero before it', 'receipt_invalid', () => altered((it) => it.replace('index 3', 'index 03'))],
  ['no index', 'receipt_invalid', () => altered((it) => it.replace('index 3\n', ''))],
  ['another root', 'proof_invalid', () => checkpointOf({ root: EMPTY_ROOT })],
  ['another origin', 'origin_mismatch', () => checkpointOf({ origin: 'placet.example/other' })],
  ['one hash too many', 'proof_invalid', () => (parts) => ({ ...parts, proof: [...parts.proof, EMPTY_ROOT] })],
  ['one hash too few', 'proof_invalid', () => (parts) => ({ ...parts, proof: parts.proof.slice(1) })],
  ['a short hash', 'receipt_invalid', () => (parts) => ({ ...parts, proof: parts.proof.map((it) => it.subarray(1)) })],
  ['base64 with bits left over', 'receipt_invalid', () => altered((it) => it.replace(/^(.{42}).=$/m, nextOf))],
  ['base64 without its padding', 'receipt_invalid', () => altered((it) => it.replace(/^(.{43})=$/m, '$1'))],
  ['a text before it', 'receipt_invalid', () => altered((it) => `\n${it}`)],
  ['another format', 'receipt_invalid', () => altered((it) => it.replace('@v1', '@v2'))],
  ['no event', 'receipt_invalid', () => altered((it) => it.replace(/^extra .*\n/m, ''))],
  ['ends of lines as of Windows', 'receipt_invalid', () => altered((it) => it.replaceAll('\n', '\r\n'))],
  ['a line after its end', 'note_invalid', () => altered((it) => `${it}more\n`)],
  ['an empty line after its end', 'note_invalid', () => altered((it) => `${it}\n`)],
  ['two signatures of the key', 'note_invalid', () => noted((it) => `${it}${signatureOf(it)}`)],
  ['no signature', 'note_invalid', () => noted((it) => it.slice(0, it.indexOf('— ')))],
  ['a signature of another text', 'signature_invalid', () => noted((it) => it.replace(/\n7\n/, '\n8\n'))],
  ['an altered event', 'proof_invalid', () => (parts) => ({ ...parts, leaf: replaced(parts.leaf, 'grant', 'grand') })],
  ['a value that is another one', 'commitment_mismatch', () => (parts) => valued(parts, { value: Buffer.from('"1"') })],
  ['a value of another name', 'commitment_mismatch', () => (parts) => valued(parts, { name: 'reason' })],
  ['a value under another salt', 'commitment_mismatch', () => (parts) => valued(parts, { salt: Buffer.alloc(16, 9) })],
  ['a salt that is short', 'receipt_invalid', () => (parts) => valued(parts, { salt: Buffer.alloc(15) })],
];
const makeWrong = async (change: () => Change): Promise<string> => {
  const made = change()(await log.parts(3));
  const receipt = typeof made === 'string' ? made : formatReceipt(made);
  expect(receipt).not.toBe(log.receipts[3]);
  return receipt;
};

describe('what is no receipt is refused', () => {
  test.each(WRONG)('%s', async (_, code, change) => {
    const receipt = await makeWrong(change);
    expect(codeOf(() => verifyReceipt(receipt, log))).toBe(code);
  });

  test('a receipt of a log with another key', async () => {
    const key = formatLogKey(makeKeys().key);
    expect(codeOf(() => verifyReceipt(log.receipts[0] ?? '', { key }))).toBe('signature_missing');
    expect(await inPython(log.receipts.slice(0, 1), key)).toEqual(['refused']);
  });

  test('each of them by the program of docs/verify.md, too', async () => {
    const receipts = await Promise.all(WRONG.map(([, , change]) => makeWrong(change)));
    expect(await inPython(receipts)).toEqual(WRONG.map(() => 'refused'));
  });
});

const nextOf = (_: string, begin: string) => `${begin}B=`;
const replaced = (leaf: Uint8Array, one: string, other: string) =>
  Buffer.from(String(Buffer.from(leaf)).replace(one, other));
const valued = (parts: Receipt, change: Partial<Receipt['values'][number]>): Receipt => ({
  ...parts,
  values: parts.values.map((value) => ({ ...value, ...change })),
});

const behind: ForgedEvent = { ...created, facts: { ...created.facts, excluded_people: ['prs_1'] } };
const insteadOf = {
  actor: { kind: 'person', id: 'prs_2' },
  facts: { decision: 'approve', stage: 0, stands_in_for: [{ person_id: 'prs_1' }] },
};
const OTHER = { ...CONTENT, resource: 'order/B-2' };

describe('receipts that contradict each other tell nothing', () => {
  test.each<readonly [string, readonly ForgedEvent[]]>([
    ['of two requests', [created, { ...decided, request_id: 'apr_2' }]],
    ['of none at all', []],
    ['of no request', [{ type: 'signing_key.created', request_id: null }]],
    ['made twice', [created, created]],
    ['ended twice', [created, approved, { type: 'approval_request.denied' }]],
    ['about two digests', [created, { ...decided, values: { digest: `sha256:${'0'.repeat(64)}` } }]],
    ['begun by a decision', [decided, created]],
    ['decided after its end', [created, approved, decided]],
    ['issued before its end', [created, issuedAs(1), approved]],
    ['run though it was denied', [created, { type: 'approval_request.denied' }, usedAs(1)]],
    ['run twice as one use', [created, approved, granted, issuedAs(1), usedAs(1), usedAs(1)]],
    ['run more often than was granted', [created, approved, granted, issuedAs(1), usedAs(1), issuedAs(2), usedAs(2)]],
    ['issued after it was revoked', [created, approved, granted, revoked, issuedAs(1)]],
    ['run after it was revoked', [created, approved, granted, issuedAs(1), revoked, usedAs(1)]],
    ['revoked twice', [created, approved, revoked, revoked]],
    ['revoked before its end', [created, revoked, approved]],
    ['run under a lease that was revoked', [created, approved, granted, issuedAs(1), leaseEnd('revoked'), usedAs(1)]],
    ['run under a lease that had expired', [created, approved, granted, issuedAs(1), leaseEnd('expired'), usedAs(1)]],
    ['run before it was issued', [created, approved, granted, usedAs(1), issuedAs(1)]],
    ['issued before it was granted', [created, approved, issuedAs(1), granted]],
    ['denied by somebody and approved', [created, { ...decided, facts: { decision: 'deny', stage: 0 } }, approved]],
    ['decided by one who stands behind it', [behind, decided]],
    ['decided in place of one who stands behind it', [behind, { ...decided, ...insteadOf }]],
    ['of a content that is not of the others’ digest', [{ ...created, values: { content: OTHER } }, decided]],
    ['with one event at two places', [created, decided, { ...decided, id: 'evt_1' }]],
    ['run under another lease', [created, approved, granted, issuedAs(1), usedAs(1, 'lse_2')]],
  ])('%s', async (_, events) => {
    const own = await forgeLog(events);
    expect(codeOf(() => verifyReceipts(own.receipts, own))).toBe('receipts_disagree');
  });

  test('two events at one place, and two trees of one size', async () => {
    const other = await forgeLog([created, { ...decided, values: { digest: DIGEST, reason: 'otherwise' } }]);
    const [one, two] = [await forgeLog([created, decided]), other];
    expect(codeOf(() => verifyReceipts([one.receipts[1] ?? '', two.receipts[1] ?? ''], one))).toBe('receipts_disagree');
    expect(codeOf(() => verifyReceipts([one.receipts[0] ?? '', two.receipts[1] ?? ''], one))).toBe('receipts_disagree');
  });

  test('receipts under two checkpoints', async () => {
    const [short, long] = [await forgeLog([created]), await forgeLog([created, decided])];
    const both = [short.receipts[0] ?? '', long.receipts[1] ?? ''];
    expect(codeOf(() => verifyReceipts(both, long))).toBe('receipts_disagree');
  });

  test('a content that is not the one of its digest', async () => {
    const values = { content: OTHER, digest: DIGEST };
    const { receipts, ...own } = await forgeLog([{ ...created, values }]);
    expect(codeOf(() => verifyReceipt(receipts[0] ?? '', own))).toBe('commitment_mismatch');
    expect(await inPython(receipts, own.key)).toEqual(['refused']);
  });
});
