/**
 * `node tools/build-executable.ts FILE`: the command as one file that runs by itself, for machines of this kind: Node.js, with
 * all of the command's code inside it (Single Executable Applications).
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { GATEWAY_PACKAGES } from './gateway-packages.ts';

const ROOT = join(import.meta.dirname, '..');
/** Node.js looks for its resource behind this mark, which it holds once. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const OWN_PACKAGE = join(ROOT, 'src/policy/own-package.ts');
const NOTHING_EMBEDDED = 'return undefined;';
/** What a policy imports, as seen from that module. */
const EMBEDDED = {
  bulwark: '../index.ts',
  'bulwark/memory': '../stores/memory/state.ts',
  'bulwark/sqlite': '../stores/sqlite/state.ts',
  'bulwark/redis': '../stores/redis/state.ts',
  'bulwark/postgres': '../stores/postgres/state.ts',
};
/** Packages that are inside it. */
const TAKEN_IN: ReadonlySet<string> = new Set([
  ...['commander', 'yaml', 'smol-toml', 'dockerfile-ast'],
  ...GATEWAY_PACKAGES,
]);
const FILE_BESIDE = /readFileSync\(new URL\('(?<path>[^']+)', import\.meta\.url\), 'utf8'\)/gu;

/** Builds it, for the system that this runs on. */
export async function buildExecutable(into: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-executable-'));
  try {
    const script = join(folder, 'bulwark.cjs');
    await bundle(script);
    const [config, blob] = [join(folder, 'sea.json'), join(folder, 'sea.blob')];
    writeFileSync(
      config,
      JSON.stringify({ main: script, output: blob, disableExperimentalSEAWarning: true }),
    );
    execFileSync(process.execPath, ['--experimental-sea-config', config], { stdio: 'ignore' });
    copyFileSync(process.execPath, into);
    chmodSync(into, 0o755);
    const inject = [resolve(into), 'NODE_SEA_BLOB', blob, '--sentinel-fuse', FUSE];
    const mac = process.platform === 'darwin' ? ['--macho-segment-name', 'NODE_SEA'] : [];
    execFileSync('postject', [...inject, ...mac], { stdio: 'ignore' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One script: what is inside an executable can load nothing beside itself. */
async function bundle(script: string): Promise<void> {
  const build = await rolldown({
    input: join(ROOT, 'src/cli/bulwark.ts'),
    platform: 'node',
    // What an application on Node.js installs is of no use here. What our own modules import is taken in, with all that it imports.
    external: (id, from) =>
      /^[^./]/u.test(id) &&
      from?.includes('/node_modules/') !== true &&
      !TAKEN_IN.has(id) &&
      !/^(?:@lezer\/|vscode-languageserver-\w+$)/u.test(id) &&
      !id.includes('@oxc-project'),
    plugins: [
      { name: 'files', transform: (code, id) => takeIn(code, id) },
      { name: 'package', transform: (code, id) => (id === OWN_PACKAGE ? embed(code) : undefined) },
    ],
  });
  await build.write({ file: script, format: 'cjs', codeSplitting: false });
  await build.close();
}

/** Has a policy that imports this package find it within the executable. */
function embed(code: string): { code: string; map: null } {
  const table = Object.entries(EMBEDDED).map(([name, path]) => `'${name}': () => import('${path}')`);
  const embedded = code.replace(NOTHING_EMBEDDED, `return { ${table.join(', ')} };`);
  if (embedded === code) throw new Error('src/policy/own-package.ts has no place for embedded modules');
  return { code: embedded, map: null };
}

/** What a module reads beside itself is read now. */
function takeIn(code: string, id: string): { code: string; map: null } {
  const taken = code.replaceAll(FILE_BESIDE, (_all, path: string) =>
    JSON.stringify(readFileSync(join(dirname(id), path), 'utf8')),
  );
  return { code: taken, map: null };
}

if (import.meta.main) {
  const [into] = process.argv.slice(2);
  if (into === undefined) throw new Error('Name the file that the executable goes to.');
  await buildExecutable(into);
}
