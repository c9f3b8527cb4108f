/** What the documents say is what the code does. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { contentsOf } from '../site/contents.ts';
import { readDocuments } from '../site/documents.ts';
import { RULES } from '../src/check/rules.ts';
import { SOURCE_RULES } from '../src/check/source/source-rules.ts';
import { ERROR_CODES } from '../src/core/errors.ts';
import { readStandardFromPage } from '../tools/asvs.ts';
import { generateDocuments } from '../tools/documents.ts';
import { writeReference } from '../tools/reference/reference.ts';
import { blocksOf } from './support/blocks.ts';

const ROOT = join(import.meta.dirname, '..');
/** Read once: the compiler takes a second for it. */
const REFERENCE = writeReference();
// Inside the repository, where `bulwark/express` is this package; named by the process, since several may run at once.
const FOLDER = join(ROOT, 'test/.documents', String(process.pid));
const documents = globSync(
  ['*.md', 'docs/**/*.md', 'src/**/*.md', 'examples/**/*.md', 'bench/**/*.md', 'deploy/**/*.md', 'site/*.md'],
  {
    cwd: ROOT,
    exclude: (name) => name === 'node_modules',
  },
);

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly workspaces: readonly string[];
  readonly license?: string;
  readonly licenses?: readonly { readonly type: string }[];
}

interface Lock {
  readonly packages: Readonly<Record<string, Manifest | undefined>>;
}

before(() => {
  mkdirSync(FOLDER, { recursive: true });
});
after(() => {
  rmSync(FOLDER, { recursive: true, force: true });
});

test('generated documents are up to date: run `npm run docs`', () => {
  const standard = readStandardFromPage(read('docs/asvs.md'));
  for (const { path, text } of generateDocuments(standard, REFERENCE)) assert.equal(read(path), text, path);
});

// The site itself is built by tests that run later: a guide that moved has to be seen by `npm run check`.
test('the contents of the site name every document once, and none that is not there', () => {
  const all = readDocuments();
  const listed = contentsOf(all).flatMap((group) => group.documents.map(({ path }) => path));
  assert.deepEqual(listed.toSorted(), all.map(({ path }) => path).toSorted());
});

test('the pages about frameworks are under one heading', () => {
  const titles = contentsOf(readDocuments())
    .filter((group) => group.documents.some(({ path }) => path.startsWith('docs/guides/frameworks/')))
    .map(({ title }) => title);
  assert.deepEqual(titles, ['Under a framework']);
});

test('every rule has its page, and every page of a rule its rule', () => {
  const ids = [...RULES, ...SOURCE_RULES].map(({ id }) => `docs/checks/${id}.md`);
  assert.deepEqual(globSync('docs/checks/*', { cwd: ROOT }).toSorted(), ids.toSorted());
});

test('every public name, method and option says what it is in a doc comment', () => {
  assert.deepEqual(REFERENCE.silent, []);
});

test('the page about ASVS 5.0 holds each of its 345 requirements once', () => {
  const ids = readStandardFromPage(read('docs/asvs.md')).map(({ id }) => id);
  assert.equal(ids.length, 345);
  assert.equal(new Set(ids).size, ids.length);
});

test('every error code is documented with its meaning, why, fix and an example, and every documented one exists', () => {
  const sections = read('docs/errors.md').split(/^## /m).slice(1);
  const documented = sections.map((section) => section.slice(0, section.indexOf('\n')));
  assert.deepEqual(documented.toSorted(), Object.keys(ERROR_CODES).sort());
  for (const [code, meaning] of Object.entries(ERROR_CODES)) {
    const section = sections.find((one) => one.startsWith(`${code}\n`)) ?? '';
    assert.ok(section.includes(meaning), `${code}: ${meaning}`);
    for (const part of ['**Why it matters.**', '**Fix.**', '**Example.**']) {
      assert.ok(section.includes(part), `${code}: ${part}`);
    }
  }
});

test('the go-live list names rules that there are, each in its section', () => {
  const sections = read('docs/manual/go-live.md').split(/^## (?=\d+\. )/m);
  for (const section of sections) {
    const number = Number.parseInt(section, 10);
    for (const [, id] of section.matchAll(/`([a-z]+\.[a-z0-9]+(?:-[a-z0-9]+)*)`/g)) {
      const guides = RULES.filter((rule) => rule.id === id).map(({ guide }) => guide);
      // The introduction has one for an example.
      assert.deepEqual(guides, Number.isNaN(number) ? [3] : [number], id);
    }
  }
});

test('the eleven sections of a hardening guide name rules and tests that there are', () => {
  const sections = read('docs/manual/section-by-section.md')
    .split(/^## (?=\d+\. )/m)
    .slice(1);
  assert.deepEqual(
    sections.map((section) => Number.parseInt(section, 10)),
    Array.from({ length: 11 }, (_, at) => at + 1),
  );
  const known = new Set([...RULES, ...SOURCE_RULES].map(({ id }) => id));
  for (const section of sections) {
    const checked = /^- \*\*`check`\*\*:[^]*?(?=^- |\n\n)/m.exec(section)?.[0] ?? '';
    const ids = [...checked.matchAll(/`([a-z]+\.[a-z0-9-]+)`/g)].map(([, id = '']) => id);
    assert.ok(ids.length > 1, section.slice(0, 40));
    assert.deepEqual(
      ids.filter((id) => !known.has(id)),
      [],
    );
    const shown = /^- \*\*Shown by\*\*[^]*?(?=^- |\n\n|\n$)/m.exec(section)?.[0] ?? '';
    const names = [...shown.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    const files = [...shown.matchAll(/\]\(..\/..\/([^)]+\.test\.ts)\)/g)].map(([, file = '']) => read(file));
    assert.ok(names.length > 0 && files.length > 0, section.slice(0, 40));
    // What a past failure says stands behind its number there.
    const facts = names.map((name) => name.replace(/^past failure \d+: /, ''));
    assert.deepEqual(
      facts.filter((fact) => !files.some((text) => text.includes(fact))),
      [],
    );
  }
});

test('every file that the page about code of our own names is there', () => {
  const named = [...read('docs/own-code.md').matchAll(/`((?:bench|src|test|tools)\/[^`\s]+)`/g)].map(
    (match) => match[1] ?? '',
  );
  assert.ok(named.length > 40, `${named.length} files`);
  assert.deepEqual(
    named.filter((path) => !existsSync(join(ROOT, path))),
    [],
  );
});

test('every dependency has its line with its licence, and every line its dependency', () => {
  const lines = new Map(
    [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \| ([^|]+) \|/gm)].map((match) => [
      match[1] ?? '',
      match[2] ?? '',
    ]),
  );
  const workspaces = (JSON.parse(read('package.json')) as Manifest).workspaces;
  // The site is locked by itself, and installed by who builds it.
  const ofSite = (JSON.parse(read('site/package-lock.json')) as Lock).packages;
  const named = ['', ...workspaces, 'site'].flatMap((folder) => {
    const manifest = JSON.parse(read(join(folder, 'package.json'))) as Record<string, object | undefined>;
    const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
    return kinds.flatMap((kind) => Object.keys(manifest[kind] ?? {}));
  });
  const expected = new Set(named.filter((name) => name !== 'bulwark'));
  assert.deepEqual([...lines.keys()].sort(), [...expected].sort());
  for (const [name, licence] of lines) {
    // npm puts a package into its workspace where another version of what it needs is above.
    const places = ['', ...workspaces].map((folder) => join(folder, 'node_modules', name, 'package.json'));
    const manifest = places.find((path) => existsSync(join(ROOT, path)));
    // npm installs the Node.js of this platform only.
    if (name.startsWith('node-') && manifest === undefined) continue;
    const locked = ofSite[`node_modules/${name}`];
    if (manifest === undefined && locked !== undefined) {
      assert.equal(licence, locked.license, name);
      continue;
    }
    assert.ok(manifest !== undefined, `${name} is installed`);
    // An old package names its licences in a list.
    const { license, licenses } = JSON.parse(read(manifest)) as Manifest;
    assert.equal(licence, license ?? licenses?.[0]?.type, name);
  }
});

test('every picture of the documents is shown in one, and is made by a test', () => {
  const made = globSync('test/**/*.test.ts', { cwd: ROOT, exclude: (path) => path.includes('node_modules') })
    .map(read)
    .join();
  const pictures = globSync('docs/pictures/*.png', { cwd: ROOT });
  assert.ok(pictures.length > 3);
  for (const picture of pictures) {
    const name = basename(picture, '.png');
    assert.ok(
      documents.some((path) => read(path).includes(`pictures/${name}.png)`)),
      `${picture} is shown nowhere`,
    );
    assert.match(made, new RegExp(`['/]${name}(?:\\.png)?'`), `${picture} is made by no test`);
  }
});

test('links between documents lead somewhere', () => {
  const broken = documents.flatMap((path) => {
    const links = [...read(path).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map((match) => match[1] ?? '');
    return links
      .filter((link) => !existsSync(join(ROOT, dirname(path), link)))
      .map((link) => `${path}: ${link}`);
  });
  assert.deepEqual(broken, []);
});

test('the README leads to every page of docs', () => {
  const links = [...read('README.md').matchAll(/\]\((docs\/[^)#\s]+)/g)].map((match) => match[1] ?? '');
  const pages = globSync('docs/**/*.md', { cwd: ROOT });
  const reference = read('docs/reference/README.md');
  const rules = read('docs/manual/checks.md');
  const alerts = read('docs/guides/alerts.md');
  const frameworks = read('docs/guides/frameworks/README.md');
  const isListed = (page: string): boolean =>
    (dirname(page) === 'docs/reference' && reference.includes(`](${basename(page)})`)) ||
    (dirname(page) === 'docs/guides/frameworks' && frameworks.includes(`](${basename(page)})`)) ||
    (dirname(page) === 'docs/alerts' && alerts.includes(`](../alerts/${basename(page)})`)) ||
    (dirname(page) === 'docs/checks' && rules.includes(`](../checks/${basename(page)})`));
  assert.deepEqual(
    pages.filter((page) => !links.includes(page) && !isListed(page)),
    [],
  );
});

test('the commands that the documents name exist', () => {
  const { scripts } = JSON.parse(read('package.json')) as Manifest;
  for (const path of documents) {
    for (const [, name = ''] of read(path).matchAll(/\bnpm run (?:-s )?([a-z:]+)/g)) {
      assert.ok(scripts[name] !== undefined, `${path}: npm run ${name}`);
    }
  }
  assert.ok(read('README.md').includes('npm ci && npm start'));
  assert.ok(read('README.md').includes('npm ci && npm test'));
  assert.ok(scripts['start'] !== undefined && scripts['test'] !== undefined);
});

test('no code in the documents takes an application that is told nothing for one in development', () => {
  // The layer takes it for production. A server that was never told has no tools of developers, and no line in its policy for them.
  for (const path of documents)
    for (const [code] of read(path).matchAll(/^```[^]*?^```$/gm))
      assert.doesNotMatch(
        code,
        /NODE_ENV\W{1,4}!==?\s*["']production|["']production["']\s*!==?[^\n]*NODE_ENV/,
        path,
      );
});

test('the TypeScript in the documents compiles', () => {
  const origins = new Map<string, string>();
  const known = new Set<string>();
  for (const path of ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })]) {
    for (const code of blocksOf(read(path))) {
      // Rules of one kind are mended alike.
      if (known.has(code)) continue;
      known.add(code);
      const file = `block-${origins.size + 1}.ts`;
      origins.set(file, path);
      writeFileSync(join(FOLDER, file), `${code}\nexport {};\n`);
    }
  }
  assert.ok(origins.size > 10);
  const loose = {
    noUnusedLocals: false,
    noUnusedParameters: false,
    isolatedDeclarations: false,
    declaration: false,
  };
  const root = relative(FOLDER, ROOT);
  const config = { extends: `${root}/tsconfig.json`, compilerOptions: loose, include: ['block-*.ts'] };
  writeFileSync(join(FOLDER, 'tsconfig.json'), JSON.stringify(config));
  try {
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    execFileSync(tsc, ['-p', FOLDER, '--checkers', '1'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string };
    assert.fail(stdout.replaceAll(/block-\d+\.ts/g, (file) => `${file} of ${origins.get(file)}`));
  }
});

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
