/** Installs and builds the application of a framework in its own folder: once for each lock file, and for each state of its sources. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { putPackage, sourceHash } from './packed.ts';

/** What its commands are run with: nobody is told that they run. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What frameworks make in the folder of the application. */
const MADE =
  /^(?:node_modules|\.next|dist|build|data|\.svelte-kit|\.react-router|\.astro|\.nuxt|\.output|\.angular|\.tanstack|\.nitro|src\/routeTree\.gen\.ts)(?:\/|$)/;

/** Packages as the lock file has them, without scripts of theirs, and Bulwark as it is here. */
export function install(folder: string): void {
  const lock = digest(readFileSync(join(folder, 'package-lock.json')));
  const mark = join(folder, 'node_modules/.made-from');
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== lock) {
    // Else a run that is the first here shows nothing for a minute, and is ended as one that hangs.
    process.stderr.write(
      `${basename(folder)}: its packages are installed (a minute, once for each lock file)\n`,
    );
    // With all of this environment: where the registry is, and whose certificates count, is often said there.
    run(
      folder,
      ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'],
      process.env,
    );
    writeFileSync(mark, lock);
  }
  putPackage(folder);
}

/** Builds it by the commands that users type. Their programs are those of the application. */
export function build(folder: string, commands: readonly (readonly string[])[], env: Environment): void {
  if (commands.length === 0) return;
  const state = stateOf(folder);
  const mark = join(folder, 'node_modules/.built-from');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === state) return;
  for (const command of commands) run(folder, command, env);
  writeFileSync(mark, state);
}

/** What a build is made from. */
function stateOf(folder: string): string {
  const hash = createHash('sha256').update(sourceHash());
  const files = globSync(['*', '**/*'], { cwd: folder, exclude: (name) => MADE.test(name) });
  for (const file of [...new Set(files)].toSorted()) {
    const path = join(folder, file);
    if (!MADE.test(file) && statSync(path).isFile()) hash.update(file).update(readFileSync(path));
  }
  return hash.digest('hex');
}

/** The environment of its programs: theirs are found first, and no condition of this test run reaches them. */
export function environmentOf(folder: string, env: Environment): NodeJS.ProcessEnv {
  const { PATH = '', HOME } = process.env;
  return { PATH: [join(folder, 'node_modules/.bin'), PATH].join(delimiter), HOME, CI: 'true', ...env };
}

function run(folder: string, [program = '', ...args]: readonly string[], env: Environment): void {
  const { status, stdout, error } = spawnSync(program, args, {
    cwd: folder,
    env: environmentOf(folder, env),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 240_000,
  });
  if (status === 0) return;
  throw new Error(`${program} ${args.join(' ')} failed in ${folder}\n${stdout}`, { cause: error });
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
