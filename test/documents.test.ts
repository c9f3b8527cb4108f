/** What the documents say is what the code does. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ERROR_CODES } from '../src/core/errors.ts';
import { generateDocuments } from '../tools/documents.ts';

const ROOT = join(import.meta.dirname, '..');
const documents = globSync(['*.md', 'docs/**/*.md', 'src/**/*.md', 'examples/**/*.md'], {
  cwd: ROOT,
  exclude: (name) => name === 'node_modules',
});

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

test('generated documents are up to date: run `npm run docs`', () => {
  for (const { path, text } of generateDocuments()) assert.equal(read(path), text, path);
});

test('every error code is documented, and every documented one exists', () => {
  const documented = [...read('docs/errors.md').matchAll(/^## (ERR_BULWARK_\w+)$/gm)].map(
    (match) => match[1],
  );
  assert.deepEqual(documented.sort(), Object.keys(ERROR_CODES).sort());
});

test('every dependency has its line, and every line its dependency', () => {
  const listed = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \|/gm)].map(
    (match) => match[1] ?? '',
  );
  const named = ['package.json', 'examples/strongroom/package.json', 'tools/runtime/package.json'].flatMap(
    (path) => {
      const { dependencies, devDependencies, optionalDependencies, peerDependencies } = JSON.parse(
        read(path),
      ) as Record<string, Record<string, string> | undefined>;
      return Object.keys({
        ...dependencies,
        ...devDependencies,
        ...optionalDependencies,
        ...peerDependencies,
      });
    },
  );
  const expected = new Set(named.filter((name) => name !== 'bulwark'));
  assert.deepEqual(listed.sort(), [...expected].sort());
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

test('the commands that the README names exist', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = [
    ...read('README.md').matchAll(/npm (?:run )?(start|test(?::\w+)?|check|docs|strongroom)\b/g),
  ];
  for (const [, name = ''] of named) assert.ok(scripts[name] !== undefined, name);
});

test('the TypeScript in the documents compiles', () => {
  const folder = join(ROOT, 'test/.documents');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  try {
    let count = 0;
    for (const path of ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })]) {
      for (const [, code = ''] of read(path).matchAll(/^```ts\n([^]*?)^```$/gm)) {
        count += 1;
        writeFileSync(join(folder, `block-${count}.ts`), `// ${path}\n${code}\nexport {};\n`);
      }
    }
    assert.ok(count > 0);
    const loose = {
      noUnusedLocals: false,
      noUnusedParameters: false,
      isolatedDeclarations: false,
      declaration: false,
    };
    const config = { extends: '../../tsconfig.json', compilerOptions: loose, include: ['*.ts'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    execFileSync(tsc, ['-p', folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    assert.fail((error as { stdout?: string }).stdout ?? String(error));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
