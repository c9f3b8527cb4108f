/**
 * `npm run build`: dist/ from src/. One file for each public subpath and shared ones below them: a hundred small files
 * cost whoever imports them a hundred look-ups. Types are laid out as the sources are.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, globSync, readFileSync, rmSync } from 'node:fs';
import { rolldown } from 'rolldown';

const BUILTIN_IMPORT = /^import (?<names>\{[^}]+\}|\w+) from (?<module>"node:[^"]+");$/gmu;

// What every adapter needs is one file: each more is a millisecond or two of waiting.
const APART = [
  'accounts',
  'adapters',
  'check',
  'cli',
  'mfa',
  'oidc',
  'passwords',
  'stores/(?:conformance|memory|postgres|redis)',
];
const THE_LAYER = { name: 'layer', test: new RegExp(`/src/(?!(?:${APART.join('|')})\\b)`, 'u') };

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly 'bulwark-source': string }>>;
}

rmSync('dist', { recursive: true, force: true });
await bundle();
execFileSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
for (const file of globSync('**/*.browser.js', { cwd: 'src' })) copyFileSync(`src/${file}`, `dist/${file}`);

async function bundle(): Promise<void> {
  const build = await rolldown({
    input: entries(),
    platform: 'node',
    external: /^[^./]/u,
    plugins: [{ name: 'builtins', renderChunk: takeBuiltinsAtRunTime }],
  });
  await build.write({
    dir: 'dist',
    format: 'esm',
    sourcemap: true,
    codeSplitting: { groups: [THE_LAYER] },
    chunkFileNames: 'shared/[name]-[hash].js',
  });
  await build.close();
}

/** What `package.json` exports, and the commands. */
function entries(): Record<string, string> {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  const files = Object.values(manifest.exports).flatMap((to) =>
    typeof to === 'string' ? [] : to['bulwark-source'],
  );
  files.push('./src/cli/bulwark.ts', './src/cli/main.ts');
  return Object.fromEntries(files.map((file) => [file.replace(/^\.\/src\/|\.ts$/gu, ''), file]));
}

/**
 * An import of a module of Node.js reads every name that it has, and some are made only when they are read: fetch and
 * WebSocket in node:http, WebCrypto in node:crypto. That doubles what it takes to import bulwark/express.
 */
function takeBuiltinsAtRunTime(code: string): { code: string; map: null } {
  const taken = code.replace(BUILTIN_IMPORT, (_all, names: string, module: string) => {
    return `const ${names.replaceAll(' as ', ': ')} = process.getBuiltinModule(${module});`;
  });
  // Lines stay where they are, so the map holds.
  return { code: taken, map: null };
}
