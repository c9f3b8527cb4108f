/** The package as it is published, built once for all frameworks: a bundler meets what users install, and no TypeScript of ours. */
import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
const CACHE = join(ROOT, 'node_modules/.cache/frameworks');

/** What the package is made from. */
export function sourceHash(): string {
  const hash = createHash('sha256');
  const sources = globSync('src/**/*.{ts,js}', { cwd: ROOT }).filter((file) => !file.endsWith('.test.ts'));
  for (const file of ['package.json', 'tools/build.ts', ...sources.toSorted()])
    hash.update(file).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

/** Puts the package into an application, where it is not there as it is now. */
export function putPackage(application: string): void {
  const hash = sourceHash();
  const home = join(application, 'node_modules/bulwark');
  const mark = join(home, '.made-from');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === hash) return;
  rmSync(home, { recursive: true, force: true });
  // No link: bundlers look for the folder behind it, and find it outside of theirs.
  cpSync(builtPackage(hash), home, { recursive: true });
  writeFileSync(mark, hash);
}

/** Where it is built. Two tests may build it at once: each apart, and the first one counts. */
function builtPackage(hash: string): string {
  const folder = join(CACHE, hash);
  if (existsSync(folder)) return folder;
  const staging = join(CACHE, `.${randomUUID()}`);
  mkdirSync(staging, { recursive: true });
  execFileSync('node', ['tools/build.ts', join(staging, 'dist')], { cwd: ROOT, stdio: 'inherit' });
  for (const map of globSync('dist/**/*.map', { cwd: staging })) rmSync(join(staging, map));
  cpSync(join(ROOT, 'package.json'), join(staging, 'package.json'));
  // Not the one of this hash: the other test may have put it there meanwhile, and be taking it.
  for (const old of globSync('[0-9a-f]*', { cwd: CACHE }))
    if (old !== hash) rmSync(join(CACHE, old), { recursive: true, force: true });
  try {
    renameSync(staging, folder);
  } catch {
    // The other one was first: a folder that is not empty is not replaced.
    rmSync(staging, { recursive: true });
  }
  return folder;
}
