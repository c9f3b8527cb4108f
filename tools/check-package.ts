/** Builds the package and checks its shape: every export loads, and every page it leads to is in it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingPages } from './packed-pages.ts';

const IMPORT_ALL = `
import { existsSync } from 'node:fs';
import manifest from 'bulwark/package.json' with { type: 'json' };
for (const path of Object.keys(manifest.exports)) {
  if (path !== './package.json') await import('bulwark' + path.slice(1));
}
const { passkeyScriptFile } = await import('bulwark/mfa');
if (!existsSync(passkeyScriptFile)) throw new Error(passkeyScriptFile + ' is not there');
`;

const folder = mkdtempSync(join(tmpdir(), 'bulwark-pack-'));
try {
  run('node', 'tools/build.ts');
  // As whoever has installed it: what a file of the package reads on import must be where it looks.
  run('node', '--input-type=module', '--eval', IMPORT_ALL);
  const [packed] = JSON.parse(
    run('npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', folder),
  ) as [{ filename: string; files: readonly { path: string }[] }];
  // Over the tarball: left to itself it packs once more.
  run('publint', join(folder, packed.filename), '--strict');
  const missing = missingPages(packed.files.map(({ path }) => path));
  if (missing.length > 0) fail(`the package lacks pages that it leads to:\n${missing.join('\n')}\n`);
} finally {
  rmSync(folder, { recursive: true });
}

function run(command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    return fail(`${command} ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`);
  }
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
