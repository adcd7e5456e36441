// Go's own implementation of logs and signed notes, built from the Go module proxy into Placet's cache folder. Says what is
// missing; skips nothing.
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { defaultCache } from '../../dev/temporal-find.ts';

const run = promisify(execFile);

const SOURCES = fileURLToPath(new URL('./tlog-check/', import.meta.url));
const NEEDED = 'This test needs Go 1.24 or later (Debian: apt-get install golang), and its module proxy once';
const BYTES_MAX = 256 * 1024 * 1024;

export type Proof = { readonly index: number; readonly size: number; readonly proof: readonly Buffer[] };
export type Signed = { readonly note: string; readonly key: string; readonly text: string };

export type CheckInput = {
  readonly leaves: readonly Buffer[];
  /** The root of each size from 0 on. */
  readonly roots?: readonly Buffer[];
  readonly inclusions?: readonly Proof[];
  readonly consistencies?: readonly Proof[];
  readonly tiles?: readonly { readonly path: string; readonly data: Buffer }[];
  readonly notes?: readonly Signed[];
};

export type Checked = {
  readonly faults: readonly string[];
  /** Go's own proofs of the same. */
  readonly inclusions: readonly Proof[];
  readonly consistencies: readonly Proof[];
  /** A note that Go signed with a key of its own. */
  readonly note: Signed;
};

/** Checks a log with it. */
export async function checkWithGo(input: CheckInput): Promise<Checked> {
  const program = await findProgram();
  const text = JSON.stringify(input, (_name, value) =>
    value?.type === 'Buffer' ? Buffer.from(value.data).toString('base64') : value,
  );
  const { status, stdout, stderr } = spawnSync(program, { input: text, encoding: 'utf8', maxBuffer: BYTES_MAX });
  if (status !== 0) throw new Error(stderr);
  const answer = JSON.parse(stdout) as Checked;
  const proofsOf = (proofs: readonly Proof[] | null) =>
    (proofs ?? []).map(({ index, size, proof }) => ({ index, size, proof: (proof ?? []).map(fromText) }));
  return { ...answer, inclusions: proofsOf(answer.inclusions), consistencies: proofsOf(answer.consistencies) };
}

const fromText = (hash: unknown) => Buffer.from(hash as string, 'base64');

async function findProgram(): Promise<string> {
  const digest = createHash('sha256');
  for (const file of readdirSync(SOURCES).sort()) digest.update(readFileSync(join(SOURCES, file)));
  const folder = join(process.env['PLACET_CACHE'] ?? defaultCache(process.env), 'tlog-check');
  const program = join(folder, digest.digest('hex').slice(0, 16));
  if (!existsSync(program)) await build(folder, program);
  return program;
}

/** Built beside its place and moved there whole, so that an interrupted run leaves nothing that looks ready. */
async function build(folder: string, program: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(folder, 'build-'));
  try {
    cpSync(SOURCES, join(work, 'source'), { recursive: true });
    const env = {
      ...process.env,
      CGO_ENABLED: '0',
      GOPATH: join(work, 'path'),
      GOCACHE: join(work, 'cache'),
      GOFLAGS: '-modcacherw',
      GOWORK: 'off',
    };
    await run('go', ['build', '-trimpath', '-o', join(work, 'program'), '.'], { cwd: join(work, 'source'), env });
    renameSync(join(work, 'program'), program);
  } catch (cause) {
    throw new Error(`${NEEDED}.`, { cause });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
