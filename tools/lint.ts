/**
 * Lints what could have changed: files that are new or other than at the last clean run, and all that import them, since rules
 * that know types say other things of a file where what it imports changed. Everything, where the linter, its settings or the
 * packages did. `node tools/lint.ts [--all]`
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { affectedBy, importedBy } from './import-graph.ts';

const ROOT = join(import.meta.dirname, '..');
const CACHE = join(ROOT, 'node_modules/.cache/lint/clean.json');
/** What every file depends on. A file of types without imports may be seen from everywhere. */
const SETTINGS = /^(?:\.oxlintrc\.json|tsconfig(?:\.\w+)?\.json|package(?:-lock)?\.json|.*\.d\.ts)$/;
const SOURCES = /\.(?:[cm]?js|[cm]?ts|tsx)$/;

/** Digests by path, as of the last run that had nothing to say. */
type Clean = Readonly<Record<string, string>>;

const now = digests();
const names = Object.keys(now).filter((name) => SOURCES.test(name));
const before = process.argv.includes('--all') ? {} : lastClean();
const changed = [...new Set([...Object.keys(now), ...Object.keys(before)])].filter(
  (name) => now[name] !== before[name],
);
const code = lint(changed);
if (code === 0) keep(now);
process.exitCode = code;

function lint(changes: readonly string[]): number {
  if (changes.length === 0) return 0;
  if (changes.some((name) => SETTINGS.test(name))) return run([]);
  const texts = new Map(names.map((name) => [name, readFileSync(join(ROOT, name), 'utf8')]));
  const affected = affectedBy(changes, importedBy(texts, exportsOfPackage()));
  const files = [...affected].filter((name) => texts.has(name));
  // Beyond this, naming them costs more than it saves.
  return files.length > names.length / 2 ? run([]) : files.length === 0 ? 0 : run(files);
}

function run(files: readonly string[]): number {
  const { status } = spawnSync('oxlint', ['--deny-warnings', ...files], { cwd: ROOT, stdio: 'inherit' });
  return status ?? 1;
}

/** Subpaths of this package, by the files that stand behind them. */
function exportsOfPackage(): ReadonlyMap<string, string> {
  const { name, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, string | { readonly 'bulwark-source'?: string }>>;
  };
  return new Map(
    Object.entries(exports).flatMap(([subpath, targets]) => {
      const source = typeof targets === 'string' ? undefined : targets['bulwark-source'];
      return source === undefined ? [] : [[join(name, subpath), join(source)]];
    }),
  );
}

function digests(): Clean {
  const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  }).stdout.split('\0');
  const wanted = listed.filter((name) => SOURCES.test(name) || SETTINGS.test(name));
  return Object.fromEntries(
    [...new Set(wanted)].flatMap((name) => {
      const digest = digestOf(name);
      return digest === undefined ? [] : [[name, digest]];
    }),
  );
}

/** Undefined where it is listed, and was deleted. */
function digestOf(name: string): string | undefined {
  try {
    return createHash('sha256')
      .update(readFileSync(join(ROOT, name)))
      .digest('base64url');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function lastClean(): Clean {
  try {
    return JSON.parse(readFileSync(CACHE, 'utf8')) as Clean;
  } catch {
    return {};
  }
}

/** Swapped in: other checkouts may share the file by a hard link. */
function keep(clean: Clean): void {
  mkdirSync(dirname(CACHE), { recursive: true });
  const made = `${CACHE}.${process.pid}`;
  writeFileSync(made, JSON.stringify(clean));
  renameSync(made, CACHE);
}
