import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { FakeHead, sketchExchange } from '../../../../test/support/exchange.ts';
import { PolicyError } from '../../../core/errors.ts';
import { readOptions } from '../../../core/options.ts';
import { type Environment, Problems } from '../../../core/problems.ts';
import type { Directives } from '../csp-grammar.ts';
import { cspGuard } from '../csp.ts';
import { cspOptions } from '../csp.options.ts';
import { type BuiltFolder, BuiltPages } from './built-pages.ts';
import { BuiltPolicies } from './built-policy.ts';
import { hashesOfPage } from './page-hashes.ts';

const root = mkdtempSync(join(tmpdir(), 'built-'));
after(() => rmSync(root, { recursive: true }));

const ORIGIN = 'https://shop.example.com';

/** By another way than the code's own. */
function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(Buffer.from(text)).digest('base64')}'`;
}

let count = 0;
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = join(root, String((count += 1)));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

interface Asked {
  readonly path: string;
  readonly built?: unknown;
  readonly csp?: object;
  readonly own?: string;
  readonly origins?: readonly string[];
  readonly type?: string;
}

function policyOf({ path, built, csp = {}, own, origins = [ORIGIN], type = 'text/html' }: Asked): string[] {
  const exchange = sketchExchange();
  exchange.path = path;
  const head = new FakeHead(200, {
    'content-type': type,
    ...(own !== undefined && { 'content-security-policy': own }),
  });
  guardOf({ ...csp, built }, origins).onResponse?.(exchange, head);
  const sent = head.getHeader('content-security-policy');
  const ours = Array.isArray(sent) ? String(sent.at(-1)) : String(sent);
  return ours.replaceAll(exchange.nonce, 'N').split(';');
}

function guardOf(
  section: object,
  origins: readonly string[] = [ORIGIN],
  environment: Environment = 'production',
): ReturnType<typeof cspGuard> {
  const problems = new Problems('production');
  const settings = readOptions('csp', cspOptions, section, problems);
  problems.throwIfAny();
  return cspGuard(settings, { origins, environment });
}

function pagesOf(folder: BuiltFolder): BuiltPages {
  const pages = BuiltPages.read(folder, new Problems('production'));
  assert.ok(pages);
  return pages;
}

function sourcesOf(policy: readonly string[], directive: string): readonly string[] {
  return (policy.find((part) => part.startsWith(`${directive} `)) ?? '').split(' ').slice(1);
}

const PAGE =
  '<!doctype html><style>h1{color:red}</style><script>start()</script><script src="/_app/a.js"></script>';
const BUILT = {
  'index.html': '<script>first()</script>',
  'about.html': '<script>about()</script>',
  'shop/index.html': PAGE,
  '_app/a.js': '',
  '_app/deep/b.mjs': '',
  'main.js': '',
  'robots.txt': '',
};

test('v5.0.0-3.4.3 (in part) a page of the build runs what stands in it, and scripts of the build: no other text, no other file', () => {
  const built = folderOf(BUILT);
  for (const path of ['/shop', '/shop/', '/shop/index.html']) {
    const policy = policyOf({ path, built });
    assert.deepEqual(sourcesOf(policy, 'script-src'), [
      "'nonce-N'",
      `${ORIGIN}/_app/`,
      `${ORIGIN}/main.js`,
      hashOf('start()'),
    ]);
    assert.deepEqual(sourcesOf(policy, 'style-src'), ["'self'", "'nonce-N'", hashOf('h1{color:red}')]);
    assert.ok(policy.includes("require-trusted-types-for 'script'"));
  }
});

test('pages are known by each path that servers of files answer with them', () => {
  const built = folderOf(BUILT);
  for (const [path, text] of [
    ['/', 'first()'],
    ['/index.html', 'first()'],
    ['/about', 'about()'],
    ['/about.html', 'about()'],
  ] as const)
    assert.ok(sourcesOf(policyOf({ path, built }), 'script-src').includes(hashOf(text)), path);
});

test('what is no page of the build has the policy of every page', () => {
  const built = folderOf(BUILT);
  for (const path of ['/account', '/shop/cart', '/about/', '/shop/index'])
    assert.deepEqual(sourcesOf(policyOf({ path, built }), 'script-src'), ["'nonce-N'", "'strict-dynamic'"]);
  assert.deepEqual(policyOf({ path: '/shop', built, type: 'application/json' })[0], "default-src 'none'");
});

test('hashes that a framework names in its own policy are taken on, and nothing else of it', () => {
  const built = folderOf(BUILT);
  const own = `script-src 'self' 'unsafe-inline' https://evil.example 'nonce-abc' ${hashOf('island()')}; style-src * ${hashOf('a{}')}; img-src *`;
  const policy = policyOf({ path: '/cart', built, own });
  assert.deepEqual(sourcesOf(policy, 'script-src'), [
    "'nonce-N'",
    `${ORIGIN}/_app/`,
    `${ORIGIN}/main.js`,
    hashOf('island()'),
  ]);
  assert.deepEqual(sourcesOf(policy, 'style-src'), ["'self'", "'nonce-N'", hashOf('a{}')]);
  assert.deepEqual(sourcesOf(policy, 'img-src'), ["'self'", 'data:']);
});

test('without the option no hash of an application is taken on', () => {
  const own = `script-src ${hashOf('island()')}`;
  assert.deepEqual(sourcesOf(policyOf({ path: '/', own }), 'script-src'), ["'nonce-N'", "'strict-dynamic'"]);
});

test('a policy that forbids scripts, or allows all styles, stays what it is', () => {
  const built = folderOf(BUILT);
  const csp = { directives: { 'script-src': ["'none'"], 'style-src': ["'self'", "'unsafe-inline'"] } };
  const policy = policyOf({ path: '/shop', built, csp });
  assert.deepEqual(sourcesOf(policy, 'script-src'), ["'none'"]);
  assert.deepEqual(sourcesOf(policy, 'style-src'), ["'self'", "'unsafe-inline'"]);
});

test('where no origin is known, scripts of this site are those of the build; below another path, those below it', () => {
  const built = folderOf(BUILT);
  assert.ok(sourcesOf(policyOf({ path: '/shop', built, origins: [] }), 'script-src').includes("'self'"));
  const below = policyOf({ path: '/de/shop', built: { folder: built, at: '/de/' } });
  assert.ok(sourcesOf(below, 'script-src').includes(`${ORIGIN}/de/_app/`));
});

test('where one page answers at every path, its scripts run there', () => {
  const built = { folder: folderOf(BUILT), otherwise: 'index.html' };
  assert.ok(sourcesOf(policyOf({ path: '/inbox/7', built }), 'script-src').includes(hashOf('first()')));
  assert.ok(sourcesOf(policyOf({ path: '/about', built }), 'script-src').includes(hashOf('about()')));
  assert.throws(() => guardOf({ built: { ...built, otherwise: 'none.html' } }), PolicyError);
  assert.throws(() => guardOf({ built: { ...built, otherwize: 'index.html' } }), PolicyError);
});

test('where it answers below a path, pages elsewhere, and pages that name their own hashes, are none of it', () => {
  const built = { folder: folderOf(BUILT), at: '/shop/', otherwise: 'index.html' };
  const scripts = (path: string, own?: string): readonly string[] =>
    sourcesOf(policyOf({ path, built, ...(own !== undefined && { own }) }), 'script-src');
  for (const path of ['/shop/inbox', '/shop']) assert.ok(scripts(path).includes(hashOf('first()')), path);
  for (const path of ['/admin/panel', '/shopping', '/'])
    assert.deepEqual(scripts(path), ["'nonce-N'", "'strict-dynamic'"], path);
  for (const path of ['/admin/panel', '/shop/cart']) {
    const sent = scripts(path, `script-src ${hashOf('island()')}`);
    assert.ok(sent.includes(hashOf('island()')) && !sent.includes(hashOf('first()')), path);
  }
});

test("with 'strict-dynamic' goes what it had made void: no host or scheme that no page could load from opens one of these", () => {
  const built = folderOf(BUILT);
  const beside = ["'self'", 'https:', 'https://cdn.example', 'cdn.example/lib/', "'wasm-unsafe-eval'"];
  const scripts = (sources: readonly string[]): readonly string[] => {
    const dangerouslyAllow = ['script-src https:'];
    const csp = { directives: { 'script-src': ["'nonce'", ...sources] }, dangerouslyAllow };
    return sourcesOf(policyOf({ path: '/shop', built, csp }), 'script-src');
  };
  const folders = [`${ORIGIN}/_app/`, `${ORIGIN}/main.js`, hashOf('start()')];
  assert.deepEqual(scripts(["'strict-dynamic'", ...beside]), ["'nonce-N'", "'wasm-unsafe-eval'", ...folders]);
  assert.deepEqual(scripts(beside), ["'nonce-N'", ...beside, ...folders], 'they counted all along');
});

test('policies of hashes are kept by the hashes, and the recent ones', () => {
  const written: string[] = [];
  const policies = new BuiltPolicies<{ readonly directives: Directives }>(
    pagesOf({ folder: folderOf(BUILT), at: '/', otherwise: undefined }),
    [ORIGIN],
    (_base, directives) => {
      written.push((directives['script-src'] ?? []).join(' '));
      return { directives };
    },
  );
  const base = { directives: { 'script-src': ["'nonce'"] } };
  const ask = (text: string, nonce: string): unknown =>
    policies.of(base, '/cart', `script-src 'nonce-${nonce}' ${hashOf(text)}`);
  for (let count = 0; count < 300; count += 1) ask('island()', String(count));
  assert.equal(written.length, 1, 'one for all headers of the same hashes');
  for (let count = 0; count < 300; count += 1) ask(`page(${count})`, 'a');
  written.length = 0;
  const again = ask('late()', 'a');
  assert.equal(ask('late()', 'b'), again);
  assert.equal(written.length, 1, 'those of a page that came late stay too');
});

test('links lead out of no folder, and what begins with a dot is not served', () => {
  const outside = folderOf({ 'secret.html': '<script>secret()</script>' });
  const built = folderOf({ '.well-known/x.html': '<script>dot()</script>', 'index.html': '' });
  symlinkSync(outside, join(built, 'link'));
  for (const path of ['/link/secret', '/.well-known/x'])
    assert.deepEqual(sourcesOf(policyOf({ path, built }), 'script-src'), ["'nonce-N'", "'strict-dynamic'"]);
});

test('a folder that is not there ends the start, but in development, where a page may be built later', () => {
  const missing = { built: join(root, 'missing') };
  assert.throws(
    () => guardOf(missing),
    (error) => error instanceof PolicyError && error.problems[0]?.option === 'csp.built',
  );
  assert.doesNotThrow(() => guardOf(missing, [ORIGIN], 'development'));
  assert.throws(() => guardOf({ built: { folder: 'dist', at: 'shop' } }), PolicyError);
});

test('more than a head can hold is refused at the start', () => {
  const scripts = Array.from({ length: 41 }, (_, index) => `<script>run(${index})</script>`).join('');
  assert.throws(() => guardOf({ built: folderOf({ 'index.html': scripts }) }), PolicyError);
  const files = Object.fromEntries(Array.from({ length: 61 }, (_, index) => [`chunk-${index}.js`, '']));
  assert.throws(() => guardOf({ built: folderOf(files) }), PolicyError);
});

test('a page is read as browsers read it', () => {
  const { scripts, styles } = hashesOfPage(`<!-- <script>comment()</script> -->
    <title><script>title()</script></title><textarea><script>area()</script></textarea>
    <p title="<script>attribute()</script>" data-x='>'>1 < 2</p>
    <script type="application/json">{"a":1}</script><script SRC=x.js>passed()</script>
    <SCRIPT type=module async>one("</scripts>")</SCRIPT >
    <script type="text/javascript">two()\r\nthree()</script><script> </script>
    <style media="print">a{}</style><script>unfinished(`);
  assert.deepEqual(scripts, [hashOf('one("</scripts>")'), hashOf('two()\nthree()')]);
  assert.deepEqual(styles, [hashOf('a{}')]);
});

test('a tag of SVG or MathML that ends itself swallows no script behind it', () => {
  for (const drawing of [
    '<svg viewBox="0 0 1 1"><title/><path d="M0"/></svg>',
    '<svg><style/><script href=/a.js /></svg>',
    '<math><title/><textarea/></math>',
    '<svg><title>a <b>name</b></title><desc><title>text</title></desc></svg>',
    '<svg><xmp><iframe></svg>',
    '<svg><![CDATA[ > <script>no()</script> ]]></svg>',
    '<svg><foreignObject><style>a{}</style></foreignObject><style/></svg>',
    '<math><mi><svg/></mi><annotation-xml encoding="text/html"><p></annotation-xml><title/></math>',
    // HTML again from there, where a title is text and ends with its end tag alone.
    '<svg><p><title/><script>no()</script></title>',
    '<svg><font color=red><title/><script>no()</script></title>',
    '<svg/><title/><script>no()</script></title>',
    // The slash is the value's.
    '<svg a=/><title/></svg>',
    '<svg><title a=/></title></svg>',
  ]) {
    const { scripts } = hashesOfPage(`${drawing}<script>one()</script><script>two()</script>`);
    assert.deepEqual(scripts, [hashOf('one()'), hashOf('two()')], drawing);
  }
});

test('script and style of SVG are hashed as the text that browsers make of them, or not at all', () => {
  for (const [written, read] of [
    ['.a &gt; .b{}', '.a > .b{}'],
    ['a&#x26;&#38;&AMP;', undefined],
    ['a &#x26;&#38; && &quot;&apos;', `a && && "'`],
    ['\r\n<![CDATA[.a > .b{}]]>\n', '\n.a > .b{}\n'],
    ['<!-- a -->b{}<!-- c --!>', 'b{}'],
    ['a < b', 'a < b'],
    ['a &copy b', undefined],
    ['a &#128; b', undefined],
    ['a <g>b</g>', undefined],
  ] as const) {
    const page = `<svg><style>${written}</style><script>${written}</script></svg><script>one()</script>`;
    const own = read === undefined ? [] : [hashOf(read)];
    assert.deepEqual(hashesOfPage(page), { styles: own, scripts: [...own, hashOf('one()')] }, written);
  }
});

test('a comment ends where it ends in browsers', () => {
  for (const comment of [
    '<!-- a --!>',
    '<!-->',
    '<!--->',
    '<!---->',
    '<!----!>',
    '<!a ">',
    '<?a ">',
    '</ ">',
  ])
    assert.deepEqual(
      hashesOfPage(`${comment}<script>one()</script>"-->`).scripts,
      [hashOf('one()')],
      comment,
    );
  for (const comment of ['<!--!>', '<!---!>', '<!-- -- >'])
    assert.deepEqual(hashesOfPage(`${comment}<script>no()</script>-->`).scripts, [], comment);
});

test('behind plaintext all is text, to the end of the page; in SVG it is an element like others', () => {
  const script = '<script>one()</script>';
  for (const page of [`<plaintext>${script}</plaintext>${script}`, `<PlainText a="/">${script}`])
    assert.deepEqual(hashesOfPage(page).scripts, [], page);
  assert.deepEqual(hashesOfPage(`<svg><plaintext/></svg></plaintext>${script}`).scripts, [hashOf('one()')]);
});

test('styles and scripts of a template have their hashes: a shadow root runs them', () => {
  const page = '<template shadowrootmode="open"><style>a{}</style><script>one()</script></template>';
  assert.deepEqual(hashesOfPage(page), { scripts: [hashOf('one()')], styles: [hashOf('a{}')] });
});

test('reading is linear work: pages that are all beginnings take no longer for it', () => {
  for (const piece of [
    '<',
    '<a ',
    '<a b="',
    '<!--',
    '<script>',
    '</',
    '<a =',
    '<title><',
    '<svg>',
    '</svg>',
    '<svg><style>',
    '<svg><style>&',
    '<!--!>',
  ])
    hashesOfPage(piece.repeat(50_000));
});
