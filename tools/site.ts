/** `npm run site [FOLDER]`: the documents as a site, by default in site/dist. What it is built with is installed first. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const SITE = join(import.meta.dirname, '../site');
/** Which lock file was installed. */
const INSTALLED = join(SITE, 'node_modules/.installed');

const lock = createHash('sha256')
  .update(readFileSync(join(SITE, 'package-lock.json')))
  .digest('hex');
if (!existsSync(INSTALLED) || readFileSync(INSTALLED, 'utf8') !== lock) {
  run('npm', 'ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund');
  writeFileSync(INSTALLED, lock);
}
const folder = process.argv.slice(2).map((name) => resolve(name));
run('node', '--conditions=bulwark-source', 'build.ts', ...folder);

function run(program: string, ...args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, { cwd: SITE, stdio: 'inherit' });
  if (status === 0) return;
  console.error(`site: ${program} ${args[0]} failed${error === undefined ? '' : `: ${error.message}`}`);
  process.exit(1);
}
