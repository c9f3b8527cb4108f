/**
 * `npm run build`: dist/ from src/, or the folder that is named. One file for each public subpath and shared ones below them: a hundred small files
 * cost whoever imports them a hundred look-ups. Types are laid out as the sources are.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, globSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { rolldown } from 'rolldown';

/** Read sources and settings for `check`; their licences: docs/licences-of-parsers.txt. */
const PARSERS =
  /^(?:@lezer\/.*|yaml|smol-toml|dockerfile-ast|vscode-languageserver-(?:types|textdocument))$/u;

const BUILTIN_IMPORT = /^import (?<names>\{[^}]+\}|\w+) from (?<module>"node:[^"]+");$/gmu;

// What every adapter needs is one file: each more is a millisecond or two of waiting.
const APART = [
  'account-pages',
  'accounts',
  'adapters',
  'alerts/to/',
  'audit/sentry/',
  // Bundlers put what asks for the nonce into pages: it must not bring the layer along.
  'core/nonce-at-work',
  'audit/shipping/(?:categories|cef|ecs|elastic|http-post|loki|ocsf|otlp|shipping|splunk|syslog|time-stamps|webhook)\\.(?!options)',
  'check',
  'cli',
  // What it declares of itself is read with every policy.
  'console/(?!options/|console\\.(?:control|events)\\.)',
  // For browsers: nothing else may come with it.
  'controls/csp/react',
  // Asked for by name, and for what they import of Node.js: what the layer knows of them is their declarations.
  'controls/headers/assets/',
  'controls/outbound/(?!outbound\\.(?:control|events|options)\\.)',
  'controls/uploads/(?:archive/(?:byte-reader|inspect-archive|member)|content/whole-file)\\.',
  'controls/uploads/(?:antivirus|csv|pdf|remake|scan)/',
  'controls/validation/(?:openapi(?:-document)?|form-faults|input|judge-input|known-fields)\\.',
  'controls/webhooks/sender\\.',
  // What it declares of itself is read with every policy.
  'gateway/(?!options/|gateway\\.(?:control|events|keys)\\.)',
  'identity',
  'node/mounted/',
  'secrets/(?:managers/|new-secret|rotate-files)',
  'stores/(?:memory|postgres|redis)',
  'testing',
  // Error pages of the layer escape too.
  'ui(?!/escape-html)',
];
const THE_LAYER = {
  name: 'layer',
  // Helpers for syntax are tiny, and no file of their own.
  test: new RegExp(`/src/(?!(?:${APART.join('|')})\\b)|@oxc-project`, 'u'),
};

/** Bundlers put bulwark/current into pages: what it shares with the layer is a file of its own, and does not bring the layer along. */
const AT_WORK = { name: 'current-place', test: /\/src\/core\/current-place\b/u, priority: 1 };

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly 'bulwark-source': string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** Scripts for browsers, which lie in dist/ where they lie in src/. */
const SCRIPTS = globSync('**/*.browser.js', { cwd: 'src' });
/** Threads, each a file that is started by its name. */
const WORKERS = globSync('**/*.worker.ts', { cwd: 'src' });

/** Where the files go: `dist`, or what the command line names. */
const [PLACE = 'dist'] = process.argv.slice(2);
/** Beside it until it is whole: whoever reads the old one meanwhile, such as a linter, finds all of it. */
const DIST = `${PLACE}.new`;
const OLD = `${PLACE}.old`;

for (const folder of [DIST, OLD]) rmSync(folder, { recursive: true, force: true });
await bundle();
// Declarations follow from each file by itself (isolatedDeclarations), so nothing is checked here: `npm run check` does.
execFileSync('tsc', ['-p', 'tsconfig.build.json', '--outDir', DIST, '--noCheck'], { stdio: 'inherit' });
for (const file of SCRIPTS) copyFileSync(`src/${file}`, join(DIST, file));
if (existsSync(PLACE)) renameSync(PLACE, OLD);
renameSync(DIST, PLACE);
rmSync(OLD, { recursive: true, force: true });

async function bundle(): Promise<void> {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  const build = await rolldown({
    input: entries(manifest),
    platform: 'node',
    // A helper for syntax is a file of the builder's, which nobody who installs the package has.
    // Parsers lie in the checker's own files: whoever checks a Flask application installs nothing beside.
    external: (id) => /^[^./]/u.test(id) && !id.includes('@oxc-project') && !PARSERS.test(id),
    plugins: [
      { name: 'builtins', renderChunk: takeBuiltinsAtRunTime },
      { name: 'scripts', renderChunk: (code, { fileName }) => findScripts(code, fileName) },
    ],
  });
  const { output } = await build.write({
    dir: DIST,
    format: 'esm',
    sourcemap: true,
    codeSplitting: { groups: [AT_WORK, THE_LAYER] },
    chunkFileNames: 'shared/[name]-[hash].js',
  });
  await build.close();
  const known = { ...manifest.dependencies, ...manifest.peerDependencies };
  const ours = new Set<string>(output.map(({ fileName }) => fileName));
  const imports = output.flatMap((file) => (file.type === 'chunk' ? file.imports : []));
  refuseUndeclared(
    imports.filter((specifier) => !ours.has(specifier)),
    known,
  );
}

/** Here every package is installed, so an import that the published package does not declare would fail elsewhere only. */
function refuseUndeclared(imports: readonly string[], declared: Readonly<Record<string, string>>): void {
  for (const specifier of imports) {
    const name = /^(?:@[^/]+\/)?[^/]+/u.exec(specifier)?.[0] ?? specifier;
    if (isBuiltin(specifier) || name in declared) continue;
    throw new Error(`dist/ imports ${specifier}, and package.json declares no dependency of that name`);
  }
}

/** What `package.json` exports, and the commands. */
function entries(manifest: Manifest): Record<string, string> {
  const files = Object.values(manifest.exports).flatMap((to) =>
    typeof to === 'string' ? [] : to['bulwark-source'],
  );
  files.push('./src/cli/bulwark.ts', './src/cli/main.ts', ...WORKERS.map((file) => `./src/${file}`));
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

/** A module finds the script or the thread beside it; what it was bundled into may lie elsewhere. */
function findScripts(code: string, fileName: string): { code: string; map: null } {
  const found = [...SCRIPTS, ...WORKERS].reduce((text, script) => {
    const path = relative(dirname(fileName), script).replace(/\.ts$/u, '.js');
    return text.replaceAll(`./${basename(script)}`, path.startsWith('.') ? path : `./${path}`);
  }, code);
  return { code: found, map: null };
}
