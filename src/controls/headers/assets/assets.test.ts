import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Assets } from './assets.ts';

const NONCE = 'AAAAAAAAAAAAAAAAAAAAAA';
let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-assets-'));
  mkdirSync(join(folder, 'lib/.git'), { recursive: true });
  writeFileSync(join(folder, 'app.js'), 'console.log(1)');
  writeFileSync(join(folder, 'site.css'), 'body{}');
  writeFileSync(join(folder, 'lib/a b"<.mjs'), 'export {}');
  writeFileSync(join(folder, 'lib/.git/hook.js'), '1');
  writeFileSync(join(folder, 'notes.txt'), 'no script');
  symlinkSync('/etc/hostname', join(folder, 'link.js'));
});
after(() => rmSync(folder, { recursive: true }));

const hash = (text: string): string => `sha384-${createHash('sha384').update(text).digest('base64')}`;

test('every tag has the hash of its file, crossorigin and the nonce', () => {
  const assets = Assets.of(folder, { at: '/static/' });
  const [app, css] = [hash('console.log(1)'), hash('body{}')];
  assert.equal(assets.integrity('/static/app.js'), app);
  assert.equal(
    assets.script('/static/app.js', NONCE),
    `<script src="/static/app.js" integrity="${app}" crossorigin="anonymous" nonce="${NONCE}"></script>`,
  );
  assert.equal(
    assets.module('/static/app.js', NONCE),
    `<script type="module" src="/static/app.js" integrity="${app}" crossorigin="anonymous" nonce="${NONCE}"></script>`,
  );
  assert.equal(
    assets.style('/static/site.css', NONCE),
    `<link rel="stylesheet" href="/static/site.css" integrity="${css}" crossorigin="anonymous" nonce="${NONCE}">`,
  );
  assert.equal(
    assets.preload('/static/app.js'),
    `<link rel="modulepreload" href="/static/app.js" integrity="${app}" crossorigin="anonymous">`,
  );
});

test('an import map has the hash of every script, and ends where it ends', () => {
  const map = Assets.of(folder).importMap({ '</script><b>': '/app.js' }, NONCE);
  const [, json = ''] = /^<script type="importmap" nonce="A{22}">(.*)<\/script>$/s.exec(map) ?? [];
  assert.ok(!json.includes('<'));
  assert.deepEqual(JSON.parse(json), {
    imports: { '</script><b>': '/app.js' },
    integrity: { '/app.js': hash('console.log(1)'), '/lib/a%20b%22%3C.mjs': hash('export {}') },
  });
});

test('links, what is hidden and what is neither script nor style are none of them', () => {
  const assets = Assets.of(folder);
  for (const path of [
    '/link.js',
    '/lib/.git/hook.js',
    '/notes.txt',
    '/../etc/passwd.js',
    'app.js',
    '/app.js?v=1',
  ])
    assert.throws(() => assets.integrity(path), { code: 'ERR_BULWARK_INVALID_ARGUMENT' }, path);
  assert.throws(() => assets.integrity('/ap.js'), /did you mean \/app\.js\?/);
});

test('a file that changes keeps the hash that it had, but where files are said to change', () => {
  const file = join(folder, 'later.js');
  writeFileSync(file, '1');
  const [fixed, changing] = [Assets.of(folder), Assets.of(folder, { changing: true })];
  writeFileSync(file, '22');
  assert.equal(fixed.integrity('/later.js'), hash('1'));
  assert.equal(changing.integrity('/later.js'), hash('22'));
});

test('a folder that is not there, and places that are no paths, are refused', () => {
  assert.throws(() => Assets.of(join(folder, 'none')), /a folder that can be read/);
  for (const at of ['static', '/static', 'https://cdn.example/', '//cdn.example/', '/a"b/'])
    assert.throws(() => Assets.of(folder, { at }), /options\.at/, at);
});

test('a folder that a link leads to is none of it, be it elsewhere or the folder itself', () => {
  const [outside, inside] = [mkdtempSync(join(tmpdir(), 'bulwark-outside-')), join(folder, 'lib')];
  const links = [join(inside, 'linked'), join(inside, 'loop'), join(inside, 'again')];
  try {
    writeFileSync(join(outside, 'theirs.js'), '1');
    symlinkSync(outside, join(inside, 'linked'));
    symlinkSync(folder, join(inside, 'loop'));
    symlinkSync(inside, join(inside, 'again'));
    const assets = Assets.of(folder);
    assert.equal(assets.integrity('/app.js'), hash('console.log(1)'));
    for (const path of ['/lib/linked/theirs.js', '/lib/loop/app.js'])
      assert.throws(() => assets.integrity(path), /no file of the folder has it/, path);
  } finally {
    for (const link of links) rmSync(link, { force: true });
    rmSync(outside, { recursive: true });
  }
});

test('a file that is gone, and an import map of no paths, are errors of ours', () => {
  const file = join(folder, 'gone.js');
  writeFileSync(file, '1');
  const assets = Assets.of(folder, { changing: true });
  rmSync(file);
  const ours = { code: 'ERR_BULWARK_INVALID_ARGUMENT' };
  assert.throws(() => assets.script('/gone.js', NONCE), {
    ...ours,
    message: /assets\.script: path: .* build it again/,
  });
  for (const imports of [{ app: 5 }, { app: undefined }, ['/app.js', 5], null])
    assert.throws(() => assets.importMap(imports as unknown as Record<string, string>, NONCE), {
      ...ours,
      message: /an object of names and paths/,
    });
});
