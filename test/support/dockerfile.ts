// Takes the steps of our Dockerfile without Docker: each stage is a folder, COPY copies, RUN runs the same command there.
// It knows the instructions that the file uses, and refuses any other, so that none goes untried.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';

/** What an image is: its files, and how it is started. */
export type Image = {
  /** Holds the working folder as the image's root does. */
  readonly root: string;
  readonly workdir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  readonly command: readonly string[];
};

type Stage = { -readonly [Key in keyof Image]: Image[Key] } & { readonly name: string; readonly from: string };

export type Instruction = { readonly verb: string; readonly rest: string };

/** The instructions of a Dockerfile, one by one. */
export function readInstructions(text: string): Instruction[] {
  const lines = text
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [verb = '', ...rest] = line.trim().split(/\s+/);
    return { verb, rest: rest.join(' ') };
  });
}

/**
 * Builds the last stage out of the `context`; `environment` is what commands get beside the stage's own. With `isLinked` a
 * stage that installs everything takes the packages that the clone has by the same lock file, instead of unpacking them again.
 */
export function buildImage(options: {
  readonly dockerfile: string;
  readonly context: string;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly isLinked: boolean;
}): Image {
  const stages = new Map<string, Stage>();
  const ignored = readFileSync(join(options.context, '.dockerignore'), 'utf8').split('\n').map(toPattern);
  const isWanted = (path: string) => !ignored.some((pattern) => pattern?.test(path));
  let stage: Stage | undefined;
  for (const { verb, rest } of readInstructions(readFileSync(options.dockerfile, 'utf8'))) {
    if (verb === 'ARG' && stage === undefined) continue;
    if (verb === 'FROM') {
      stage = openStage(options.folder, rest, stages.size);
      stages.set(stage.name, stage);
      continue;
    }
    if (stage === undefined) throw new Error(`${verb} comes before the first FROM`);
    take(stage, { verb, rest }, { stages, isWanted, ...options });
  }
  if (stage === undefined) throw new Error('the Dockerfile has no stage');
  return stage;
}

function openStage(folder: string, rest: string, count: number): Stage {
  const [from = '', , name = `stage-${count}`] = rest.split(' ');
  const root = join(folder, name);
  mkdirSync(root, { recursive: true });
  return { name, from, root, workdir: '/', environment: {}, user: 'root', command: [] };
}

type Context = Parameters<typeof buildImage>[0] & {
  readonly stages: ReadonlyMap<string, Stage>;
  readonly isWanted: (path: string) => boolean;
};

function take(stage: Stage, { verb, rest }: Instruction, context: Context): void {
  switch (verb) {
    case 'WORKDIR':
      stage.workdir = rest;
      mkdirSync(join(stage.root, rest), { recursive: true });
      return;
    case 'ENV':
      stage.environment = {
        ...stage.environment,
        ...Object.fromEntries(rest.split(' ').map((pair) => pair.split('='))),
      };
      return;
    case 'COPY':
      copy(stage, rest.split(' '), context);
      return;
    case 'RUN': {
      const cwd = join(stage.root, stage.workdir);
      const run = (command: string) =>
        execFileSync('/bin/sh', ['-c', command], {
          ...{ cwd, stdio: 'pipe', env: { ...context.environment, ...stage.environment } },
        });
      if (!context.isLinked || !/^npm ci .*--include=dev\b/.test(rest)) return void run(rest);
      // npm still compares the manifests with the lock file.
      run(`${rest} --dry-run`);
      const packages = join(context.context, 'node_modules');
      // Not linked where the folder is on another disk.
      run(`cp -al '${packages}' . 2>/dev/null || cp -a '${packages}' .`);
      return;
    }
    case 'USER':
      stage.user = rest;
      return;
    case 'ENTRYPOINT':
      stage.command = JSON.parse(rest);
      return;
    case 'CMD':
      stage.command = [...stage.command, ...JSON.parse(rest)];
      return;
    case 'EXPOSE':
      return;
    default:
      throw new Error(`the instruction ${verb} is not known here: add it to what is tried`);
  }
}

/** As Docker: a folder's content goes into the target; a file goes into a target that is a folder, or takes its name. */
function copy(stage: Stage, words: readonly string[], { stages, context, isWanted }: Context): void {
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  const paths = words.filter((word) => !word.startsWith('--'));
  const target = paths.at(-1) ?? '';
  const into = join(stage.root, stage.workdir, target);
  for (const path of paths.slice(0, -1)) {
    const source = from === undefined ? join(context, path) : join(stages.get(from)?.root ?? '', path);
    const isFolder = isDirectory(source);
    const isInto = target.endsWith('/') || target.startsWith('.') || paths.length > 2;
    const to = isFolder || !isInto ? into : join(into, basename(path));
    mkdirSync(dirname(to), { recursive: true });
    if (from === undefined) {
      const filter = (file: string) => file === source || isWanted(relative(context, file));
      cpSync(source, to, { recursive: true, filter, verbatimSymlinks: true });
      continue;
    }
    // What a stage made is copied whole, which `cp` does in a tenth of the time.
    if (isFolder) mkdirSync(to, { recursive: true });
    execFileSync('cp', ['-a', isFolder ? `${source}/.` : source, to]);
  }
}

function isDirectory(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}

/** A line of .dockerignore as an expression over paths from the root; null for a comment. */
function toPattern(line: string): RegExp | null {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return null;
  if (text.startsWith('!')) throw new Error('exceptions in .dockerignore are not known here');
  const parts = normalize(text).split('/');
  const source = parts.map((part) =>
    part === '**' ? '(?:[^/]+/)*' : `${part.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')}/`,
  );
  return new RegExp(`^${source.join('').replace(/\/$/, '')}(?:/|$)`);
}
