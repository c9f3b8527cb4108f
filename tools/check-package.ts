/** Builds the package and checks its shape: every export resolves, for every kind of importer, with types. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
  run('publint', '--strict');
  const [packed] = JSON.parse(
    run('npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', folder),
  ) as [{ filename: string }];
  // ESM only: `require` works on every Node.js that Bulwark runs on, but older type resolution does not see exports.
  run('attw', join(folder, packed.filename), '--profile', 'esm-only', '--no-emoji');
} finally {
  rmSync(folder, { recursive: true });
}

function run(command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    console.error(`${command} ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`);
    process.exit(1);
  }
}
