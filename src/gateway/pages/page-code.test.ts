import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { growth, LINEAR_AT_MOST, repeated } from '../../../test/support/growth.ts';
import { loadHtmlTokens } from './html-tokens.ts';
import { charsetOf, hashSource, type PageCode, PageReader } from './page-code.ts';

const tokens = await loadHtmlTokens();

async function read(page: string | Uint8Array, charset?: string, pieces = 1): Promise<readonly PageCode[]> {
  const found: PageCode[] = [];
  const reader = new PageReader(tokens, (code) => void found.push(code), charset);
  const bytes = typeof page === 'string' ? Buffer.from(page) : page;
  const step = Math.max(1, Math.ceil(bytes.length / pieces));
  for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
  await reader.end();
  return found;
}

const shown = (found: readonly PageCode[]): readonly string[] =>
  found.map(({ kind, name, text, isWhole }) => `${name ?? kind}: ${text}${isWhole ? '' : ' (cut)'}`);

test('finds what runs, where it stands, and nothing that only looks like it', async () => {
  const page = `<!doctype html><title><script>title()</script></title>
    <!-- <script>comment()</script> --><script>one()</script><SCRIPT type=" text/javascript ">two()</SCRIPT>
    <script type="module">three()</script><script type="application/json">{"data":1}</script>
    <script type="text/template"><script>data()</script><script nonce="abc">nonced()</script>
    <script src="/static/a.js" defer></script><textarea><script>area()</script></textarea>
    <script>  </script><style>p { color: red }</style><p style="color: blue" onclick="four()" title="onclick=five()">
    <svg><script>six()</script></svg>`;
  assert.deepEqual(shown(await read(page)), [
    'script: one()',
    'script: two()',
    'script: three()',
    'file: /static/a.js',
    'style: p { color: red }',
    'style: color: blue',
    'onclick: four()',
    'script: six()',
  ]);
});

test('what a script makes when it runs, what a frame has within itself, and what is data is not in the page', async () => {
  const page = `<script>eval('one()'); make('<script>two()</scr' + 'ipt>')</script>
    <iframe srcdoc="<script>three()</script>"></iframe><iframe src="data:text/html,<script>four()</script>"></iframe>
    <script type="application/json">"<p onclick='five()'>"</script>`;
  const [own, ...others] = shown(await read(page));
  assert.match(own ?? '', /^script: eval/);
  assert.deepEqual(
    others.filter((line) => /two\(\)|three\(\)|four\(\)|five\(\)/.test(line)),
    [],
  );
});

test('a script is the text that a browser hashes: line ends, NUL and `<!--` in it included', async () => {
  const texts = async (page: string): Promise<readonly string[]> =>
    (await read(page)).map(({ text }) => text);
  assert.deepEqual(await texts('<script>a\r\nb\rc\n</script>'), ['a\nb\nc\n']);
  assert.deepEqual(await texts('<script>a\0b</script>'), ['a\ufffdb']);
  // A script within a comment within a script goes on behind the first end tag (script data double escaped).
  assert.deepEqual(await texts('<script><!--<script></script>--></script>'), ['<!--<script></script>-->']);
  assert.deepEqual(await texts('<script>"</scr" + "ipt>"</script>'), ['"</scr" + "ipt>"']);
  assert.deepEqual(await texts('<script>\u00e4 \u{1f600}</script>'), ['\u00e4 \u{1f600}']);
});

test('what the page ends within is told as what no browser runs', async () => {
  assert.deepEqual(shown(await read('<script>alert(1)//')), ['script: alert(1)// (cut)']);
});

test('pieces make no difference, wherever they are cut', async () => {
  const page =
    '<p>\u00e4</p><script>one("\u00e4\u{1f600}")</script>\r\n<script>two()</script><p onclick="x()">';
  const whole = shown(await read(page));
  assert.equal(whole.length, 3);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 200 }), async (pieces) => {
      assert.deepEqual(shown(await read(page, undefined, pieces)), whole);
    }),
  );
});

test('reads the charset that the answer names', async () => {
  assert.equal(charsetOf('text/html; charset=ISO-8859-1'), 'ISO-8859-1');
  assert.equal(charsetOf('text/html;charset="utf-8"'), 'utf-8');
  assert.equal(charsetOf('text/html'), undefined);
  const [code] = await read(Buffer.from('<script>\xe4</script>', 'latin1'), 'iso-8859-1');
  assert.equal(code?.text, '\u00e4');
});

test('names a text as policies do', () => {
  // The example of CSP Level 3, 8.3.
  assert.equal(hashSource('doSubmit()'), "'sha256-jzgBGA4UWFFmpOBq0JpdsySukE1FrEN5bUpoK8Z29fY='");
});

test('never throws, reads a page of any bytes, and reads no further than its bound', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      async (bytes) => void (await read(bytes, undefined, 7)),
    ),
  );
  const filler = '<p>'.repeat(200_000);
  assert.deepEqual(await read(`${filler}<script>late()</script>`, undefined, 40), []);
  const early = await read(`<script>early()</script>${filler}`, undefined, 40);
  assert.deepEqual(shown(early), ['script: early()']);
});

test('is linear in the page, whatever it is made of', () => {
  for (const piece of [
    '<script>',
    '<script></script>',
    '<',
    '<p a=',
    '&amp',
    '<!--',
    '<svg>',
    '<math><mi>',
    '</svg>',
    '<!--<script>',
  ]) {
    const run = (page: Buffer): void => new PageReader(tokens, () => undefined).push(page);
    const ratio = growth((size) => Buffer.from(repeated(piece, size)), run, 16_000);
    assert.ok(ratio <= LINEAR_AT_MOST, `${piece}: ${ratio}`);
  }
});
