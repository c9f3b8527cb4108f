/**
 * `npm run build`: dist/ from src/, or the folder that is named. One file for each public subpath and shared ones below them: a hundred small files
 * cost whoever imports them a hundred look-ups. Types are laid out as the sources are.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, globSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { type OutputBundle, rolldown } from 'rolldown';

/** Read sources and settings for `check`; their licences: docs/licences-of-parsers.txt. */
const PARSERS =
  /^(?:@lezer\/.*|yaml|smol-toml|dockerfile-ast|vscode-languageserver-(?:types|textdocument))$/u;

const BUILTIN_IMPORT = /^import (?<names>\{[^}]+\}|\w+) from (?<module>"node:[^"]+");$/gmu;

/**
 * What every application needs is one file: each more is a millisecond or two of waiting. It is what these import, and what is
 * imported by that, however far: anything more would be read by every application, and used by few.
 */
const [MAIN = '', ...ADAPTERS] = [
  'index',
  ...['express', 'fastify', 'hono', 'node', 'web'].map((name) => `adapters/${name}`),
].map((name) => join(import.meta.dirname, `../src/${name}.ts`));
const layer = new Set<string>();
const THE_LAYER = {
  name: 'layer',
  // Helpers for syntax are tiny, and no file of their own.
  test: (id: string) => layer.has(id) || id.includes('@oxc-project'),
};

/** Bundlers put bulwark/current into pages: what it shares with the layer is a file of its own, and does not bring the layer along. */
const AT_WORK = { name: 'current-place', test: /\/src\/core\/current-place\b/u, priority: 1 };

const READ_SCRIPT =
  /\breadFileSync\(\s*new URL\('(?<path>\.[^']+\.browser\.js)', import\.meta\.url\),\s*'utf8',?\s*\)/gu;

/** As `engines` has it in package.json, which a test holds against what is thrown. */
const OLDEST = { major: 24, minor: 7 };

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
      {
        name: 'layer',
        buildEnd() {
          findLayer((id) => {
            const known = this.getModuleInfo(id);
            // Passed over, the layer would be many files, and starts slow: nobody would see why.
            if (known === null) throw new Error(`the builder knows no module ${id}`);
            return known.importedIds;
          });
        },
      },
      { name: 'inline', transform: { filter: { code: /\.browser\.js/u }, handler: putScriptsIn } },
      { name: 'builtins', renderChunk: takeBuiltinsAtRunTime },
      { name: 'scripts', renderChunk: (code, { fileName }) => findScripts(code, fileName) },
      { name: 'ascii', generateBundle: (_options, bundle) => writeInAscii(bundle) },
      { name: 'node-version', generateBundle: (_options, bundle) => refuseOldNode(bundle) },
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

/** What two adapters share is in it too: a file of its own would cost more. What is imported when it is used (`import()`) is not. */
function findLayer(importsOf: (id: string) => readonly string[]): void {
  // A policy in a file imports `definePolicy`.
  const seen = new Set(reachedFrom(MAIN, importsOf));
  for (const id of seen) if (id.includes('/src/')) layer.add(id);
  for (const adapter of ADAPTERS)
    for (const id of reachedFrom(adapter, importsOf)) {
      if (seen.has(id) && id.includes('/src/')) layer.add(id);
      seen.add(id);
    }
}

function reachedFrom(entry: string, importsOf: (id: string) => readonly string[]): ReadonlySet<string> {
  const reached = new Set([entry]);
  // A set is walked in the order of its making: what is added on the way comes too.
  for (const id of reached) for (const to of importsOf(id)) reached.add(to);
  return reached;
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

/**
 * The first thing that every application reads says what is wrong with a Node.js that is too old: otherwise it is the first
 * builtin without a name that is taken from it. Bun and Deno name a Node.js that they are like, and have parts of their own.
 */
function refuseOldNode(bundle: OutputBundle): void {
  const check =
    `{const{node,bun,deno}=process.versions,[major,minor]=node.split('.').map(Number);` +
    `if(!bun&&!deno&&(major<${OLDEST.major}||(major===${OLDEST.major}&&minor<${OLDEST.minor})))` +
    `throw new Error('Bulwark needs Node.js ${OLDEST.major}.${OLDEST.minor} or later, and this is '+node+': https://nodejs.org')}`;
  const chunks = new Map(
    Object.values(bundle).flatMap((one) => (one.type === 'chunk' ? [[one.fileName, one]] : [])),
  );
  const first = [...chunks.values()].filter(({ name }) => name === THE_LAYER.name || name === AT_WORK.name);
  // What these import is read before them. A list is walked to what is added on the way.
  for (const { imports } of first)
    for (const name of imports) {
      const one = chunks.get(name);
      if (one !== undefined && !first.includes(one)) first.push(one);
    }
  // In front of the first line, so the map holds.
  for (const one of first) one.code = `${check}${one.code}`;
}

/**
 * V8 keeps a source with one Arabic letter in it at two bytes a character, and reads all of it more slowly: a fifth of the
 * time that the layer takes to compile. A letter stands in texts and patterns only, and may be written by its number there.
 */
function writeInAscii(bundle: OutputBundle): void {
  const byNumber = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  // Not before: the builder's last look at a chunk writes letters again.
  for (const chunk of Object.values(bundle))
    if (chunk.type === 'chunk' && chunk.name === THE_LAYER.name)
      chunk.code = chunk.code.replace(/[^\0-\x7f]/g, byNumber);
}

/**
 * The text of a script, in the place of what reads it: an application that is bundled into one file has no script beside it.
 * What names the file alone, for others to serve, is left.
 */
function putScriptsIn(code: string, id: string): { code: string; map: null } {
  const written = code.replace(READ_SCRIPT, (_all, path: string) =>
    JSON.stringify(readFileSync(join(dirname(id), path), 'utf8')),
  );
  if (/readFileSync\([^;]*\.browser\.js/u.test(written))
    throw new Error(`${id} reads a script in another way`);
  // Lines stay where they are, so the map holds.
  return { code: written, map: null };
}

/** A module finds the script or the thread beside it; what it was bundled into may lie elsewhere. */
function findScripts(code: string, fileName: string): { code: string; map: null } {
  const found = [...SCRIPTS, ...WORKERS].reduce((text, script) => {
    const path = relative(dirname(fileName), script).replace(/\.ts$/u, '.js');
    return text.replaceAll(`./${basename(script)}`, path.startsWith('.') ? path : `./${path}`);
  }, code);
  return { code: found, map: null };
}
