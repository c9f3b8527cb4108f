import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PolicyError } from '../../core/errors.ts';
import type { Exchange } from '../../core/exchange.ts';
import { defaultsOf, readOptions } from '../../core/options.ts';
import { Problems } from '../../core/problems.ts';
import { FakeHead, sketchExchange } from '../../../test/support/exchange.ts';
import { cspGuard } from './csp.ts';
import { checkCsp, cspOptions, type CspSettings } from './csp.options.ts';

const ENFORCED = 'content-security-policy';
const REPORTED = 'content-security-policy-report-only';
const HTML = { 'content-type': 'text/html; charset=utf-8' };
const STRICT = "default-src 'none';frame-ancestors 'none';base-uri 'none';form-action 'none'";

interface Answer {
  exchange: Exchange;
  head: FakeHead;
}

function read(input: unknown): { settings: CspSettings; problems: Problems } {
  const problems = new Problems('production');
  const settings = readOptions('csp', cspOptions, input, problems);
  checkCsp(settings, problems);
  return { settings, problems };
}

/** An answer after the guard, its policy read from what a person would write. */
function answer(
  input: unknown = {},
  headers: Record<string, string | string[]> = HTML,
  status = 200,
): Answer {
  const { settings, problems } = read(input);
  assert.deepEqual(problems.errors, []);
  const exchange = sketchExchange();
  const head = new FakeHead(status, headers);
  cspGuard(settings).onResponse?.(exchange, head);
  return { exchange, head };
}

/** The policy of a page, with its nonce put back to `N`. */
function pagePolicy(input: unknown = {}, name = ENFORCED): string {
  const { exchange, head } = answer(input);
  return String(head.getHeader(name)).replaceAll(exchange.nonce, 'N');
}

test('v5.0.0-3.4.3 v5.0.0-3.4.6 (in part) a page gets the whole default policy', () => {
  assert.deepEqual(pagePolicy().split(';'), [
    "default-src 'none'",
    "script-src 'nonce-N' 'strict-dynamic'",
    "style-src 'self' 'nonce-N'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ]);
});

test('the policy of a page takes 325 bytes at most', () => {
  const { head } = answer();
  const bytes = `Content-Security-Policy: ${String(head.getHeader(ENFORCED))}\r\n`.length;
  assert.ok(bytes <= 325, `${bytes} bytes`);
});

test('past failure 3: the nonce of the header is the one that templates are given, another in each response', () => {
  const guard = cspGuard(defaultsOf(cspOptions));
  const seen = new Set<string>();
  for (let count = 0; count < 100; count += 1) {
    const exchange = sketchExchange();
    const template = exchange.nonce;
    const head = new FakeHead(200, HTML);
    guard.onResponse?.(exchange, head);
    assert.match(String(head.getHeader(ENFORCED)), new RegExp(`script-src 'nonce-${template}'`));
    assert.match(template, /^[\w-]{22}$/);
    seen.add(template);
  }
  assert.equal(seen.size, 100);
});

test('v5.0.0-3.2.1 v5.0.0-3.4.6 everything else gets the strict policy: JSON, uploads, SVG, answers without a type', () => {
  for (const type of [
    'application/json',
    'image/svg+xml',
    'application/xml',
    'application/pdf',
    'text/plain',
  ]) {
    assert.equal(answer({}, { 'content-type': type }).head.getHeader(ENFORCED), STRICT, type);
  }
  assert.equal(answer({}, {}).head.getHeader(ENFORCED), STRICT);
  assert.equal(answer({}, {}, 302).head.getHeader(ENFORCED), STRICT);
});

const JAVASCRIPT = [
  'text/javascript',
  'Text/JavaScript; charset=utf-8',
  'application/javascript',
  'application/x-javascript',
  'text/ecmascript',
];

test('a script may be a worker, which may load what its pages may, and runs what comes from here', () => {
  for (const type of JAVASCRIPT) {
    assert.equal(
      answer({}, { 'content-type': type }).head.getHeader(ENFORCED),
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;font-src 'self';connect-src 'self';" +
        "frame-ancestors 'none';base-uri 'none';form-action 'none'",
      type,
    );
  }
});

test('audio and video may load themselves, and what pages play', () => {
  const directives = { 'media-src': ["'self'", 'https://media.example'] };
  for (const type of ['audio/mpeg', 'video/mp4', 'VIDEO/webm;codecs=vp9', 'application/vnd.apple.mpegurl']) {
    const policyOf = (input: unknown): unknown =>
      answer(input, { 'content-type': type }).head.getHeader(ENFORCED);
    assert.equal(policyOf({}), STRICT.replace(';', ";media-src 'self';"), type);
    assert.equal(policyOf({ directives }), STRICT.replace(';', ";media-src 'self' https://media.example;"));
    assert.equal(
      policyOf({ directives: { 'media-src': ["'none'"] } }),
      STRICT.replace(';', ";media-src 'self';"),
    );
  }
});

/** The directives of a script's answer, by name. */
function workerPolicy(input: unknown): ReadonlyMap<string, string> {
  const policy = String(answer(input, { 'content-type': 'text/javascript' }).head.getHeader(ENFORCED));
  return new Map(
    policy.split(';').map((part) => [part.split(' ', 1)[0] ?? '', part.slice(part.indexOf(' ') + 1)]),
  );
}

test('csp.directives reaches workers: where they connect, what they import, which workers they start', () => {
  const policy = workerPolicy({
    directives: {
      'connect-src': ["'self'", 'https://api.example', 'wss://live.example'],
      'script-src': ["'nonce'", "'strict-dynamic'", "'wasm-unsafe-eval'", 'https://cdn.example'],
      'worker-src': ["'self'", 'https://workers.example'],
      'frame-ancestors': ["'self'"],
      'frame-src': ['https://frames.example'],
    },
  });
  assert.equal(policy.get('connect-src'), "'self' https://api.example wss://live.example");
  assert.equal(policy.get('script-src'), "'self' 'wasm-unsafe-eval' https://cdn.example");
  assert.equal(policy.get('worker-src'), "'self' https://workers.example");
  assert.equal(policy.get('frame-ancestors'), "'self'");
  assert.equal(policy.get('frame-src'), undefined);
});

test('a worker is given nothing that its pages are not', () => {
  const policy = workerPolicy({ directives: { 'script-src': ["'none'"], 'connect-src': ["'none'"] } });
  assert.equal(policy.get('script-src'), "'none'");
  assert.equal(policy.get('connect-src'), "'none'");
});

test('what browsers ignore in a page beside a nonce opens nothing in a worker', () => {
  const sources = ["'nonce'", "'strict-dynamic'", 'https:', '*', "'sha256-" + 'a'.repeat(43) + "='"];
  const policy = workerPolicy({
    directives: { 'script-src': sources },
    dangerouslyAllow: ['script-src https:', 'script-src *'],
  });
  assert.equal(policy.get('script-src'), "'self'");
});

test('a worker reports where pages do, without an endpoint of a name that its answer does not give', () => {
  assert.equal(workerPolicy({ report: '/csp-reports' }).get('report-uri'), '/csp-reports');
  assert.equal(workerPolicy({ report: '/csp-reports' }).get('report-to'), undefined);
});

test('a kind is told by its type after a flood of made-up types', () => {
  for (let index = 0; index < 300; index += 1) answer({}, { 'content-type': `text/x-${index}` });
  assert.equal(
    answer({}, { 'content-type': 'text/html' }).head.getHeader(ENFORCED)?.toString().includes('nonce'),
    true,
  );
  assert.equal(answer({}, { 'content-type': 'text/x-1' }).head.getHeader(ENFORCED), STRICT);
});

test('a 304 brings no new nonce to a page that is stored with its old one', () => {
  assert.deepEqual([...answer({}, HTML, 304).head.headers.keys()], ['content-type']);
});

test('past failure 18: naming one directive loses none of the others', () => {
  const policy = pagePolicy({ directives: { 'img-src': ["'self'", 'https://img.example'] } });
  assert.equal(policy, pagePolicy().replace("img-src 'self' data:", "img-src 'self' https://img.example"));
});

test('a directive that the default has not is added behind it', () => {
  const policy = pagePolicy({ directives: { 'frame-src': ["'self'"], 'upgrade-insecure-requests': [] } });
  assert.match(policy, /;frame-src 'self';upgrade-insecure-requests;require-trusted-types-for 'script'$/);
});

test('who may frame a page may frame a document', () => {
  const framed = { directives: { 'frame-ancestors': ["'self'"] } };
  const policy = answer(framed, { 'content-type': 'application/pdf' }).head.getHeader(ENFORCED);
  assert.equal(policy, STRICT.replace("frame-ancestors 'none'", "frame-ancestors 'self'"));
});

test('a policy without a nonce asks for none', () => {
  const policy = pagePolicy({ directives: { 'script-src': ["'self'"], 'style-src': ["'self'"] } });
  assert.match(policy, /script-src 'self';style-src 'self'/);
  assert.doesNotMatch(policy, /nonce/);
});

test('trusted types can be left out alone', () => {
  assert.equal(
    pagePolicy({ trustedTypes: false }),
    pagePolicy().replace(";require-trusted-types-for 'script'", ''),
  );
});

test('past failure 22: a policy is tried out beside the enforced one, not instead', () => {
  const input = { reportOnly: { 'style-src': ["'self'"] } };
  assert.equal(pagePolicy(input), pagePolicy());
  assert.equal(pagePolicy(input, REPORTED), "style-src 'self'");
  assert.equal(answer({}).head.getHeader(REPORTED), undefined);
  assert.equal(answer(input, {}).head.getHeader(REPORTED), undefined);
});

test('v5.0.0-3.4.7 (in part) names where reports go, for old browsers and new ones', () => {
  const input = { report: '/csp-reports', reportOnly: { 'style-src': ["'self'"] } };
  assert.match(pagePolicy(input), /;report-uri \/csp-reports;report-to csp$/);
  assert.match(pagePolicy(input, REPORTED), /;report-uri \/csp-reports;report-to csp$/);
  assert.equal(answer(input).head.getHeader('reporting-endpoints'), 'csp="/csp-reports"');
  assert.equal(answer({}).head.getHeader('reporting-endpoints'), undefined);
  assert.deepEqual(
    answer(input, { ...HTML, 'reporting-endpoints': 'own="/own"' }).head.getHeader('reporting-endpoints'),
    ['own="/own"', 'csp="/csp-reports"'],
  );
});

test("the application's own policy stays beside ours", () => {
  const own = "default-src 'self'";
  const { head } = answer({}, { ...HTML, [ENFORCED]: own });
  const lines = head.getHeader(ENFORCED);
  assert.ok(Array.isArray(lines));
  assert.equal(lines[0], own);
  assert.match(String(lines[1]), /strict-dynamic/);
  const three = answer({}, { [ENFORCED]: [own, own] }).head.getHeader(ENFORCED);
  assert.deepEqual(three, [own, own, STRICT]);
});

test('observe: the policy is reported, not enforced', () => {
  const guard = cspGuard(read({ mode: 'observe', reportOnly: { 'style-src': ["'self'"] } }).settings);
  const observed = (headers: Record<string, string>): FakeHead => {
    const head = new FakeHead(200, headers);
    guard.onObserve?.(sketchExchange(), head);
    return head;
  };
  const head = observed(HTML);
  assert.equal(head.getHeader(ENFORCED), undefined);
  const lines = head.getHeader(REPORTED);
  assert.ok(Array.isArray(lines));
  assert.equal(lines.length, 2);
  assert.equal(observed({}).getHeader(REPORTED), STRICT);
});

test('refuses each source that lets script in, unless it is named as dangerous', () => {
  for (const [directive, source] of [
    ['script-src', "'unsafe-inline'"],
    ['script-src', "'unsafe-eval'"],
    ['script-src', '*'],
    ['script-src', 'https:'],
    ['script-src', 'http:'],
    ['script-src', 'data:'],
    ['script-src', 'https://*'],
    ['script-src', '*:443'],
    ['script-src', '*.com'],
    ['script-src', 'https://*.com'],
    ['script-src', 'https://*.CO.UK:443/lib/'],
    ['script-src', '*.com.au'],
    ['script-src', 'https://*.github.io'],
    ['script-src', 'https://*.s3.eu-central-1.amazonaws.com'],
    ['worker-src', 'https://*.xn--p1ai'],
    ['frame-ancestors', 'https://*.org'],
    ['form-action', 'https://*.or.jp'],
    ['script-src', 'http://cdn.example'],
    ['script-src-elem', "'unsafe-inline'"],
    ['script-src-attr', "'unsafe-hashes'"],
    ['worker-src', 'blob:'],
    ['object-src', '*'],
    ['object-src', 'data:'],
    ['base-uri', '*'],
    ['base-uri', 'https:'],
    ['form-action', '*'],
    ['frame-ancestors', '*'],
    ['default-src', '*'],
  ] as const) {
    const input = { directives: { [directive]: [source] } };
    const { problems } = read(input);
    assert.deepEqual(
      problems.errors.map((problem) => [problem.code, problem.option]),
      [['ERR_BULWARK_UNSAFE_OPTION', `csp.directives.${directive}`]],
    );
    const line = `${directive} ${source}`;
    assert.ok(problems.errors[0]?.fix.includes(`dangerouslyAllow: ["${line}"]`));
    const allowed = read({ ...input, dangerouslyAllow: [line] }).problems;
    assert.deepEqual([allowed.errors, allowed.warnings], [[], []], line);
  }
});

test('takes wildcards below a name that one owner has', () => {
  for (const source of [
    '*.example.com',
    'https://*.example.co.uk',
    'https://*.cdn.example.io',
    'https://co.uk.example',
  ])
    assert.deepEqual(read({ directives: { 'script-src': [source] } }).problems.errors, [], source);
});

test('a line in dangerouslyAllow opens its own directive only', () => {
  const directives = { 'script-src': ["'unsafe-eval'"], 'object-src': ['data:'] };
  const { problems } = read({ directives, dangerouslyAllow: ["script-src 'unsafe-eval'"] });
  assert.deepEqual(
    problems.errors.map((problem) => problem.option),
    ['csp.directives.object-src'],
  );
});

test('tells of lines in dangerouslyAllow that nothing needs, and refuses what is no line', () => {
  const unused = read({ dangerouslyAllow: ["script-src 'unsafe-eval'"] }).problems;
  assert.deepEqual([unused.errors.length, unused.warnings.length], [0, 1]);
  assert.equal(read({ dangerouslyAllow: ["'unsafe-eval'"] }).problems.errors.length, 1);
  assert.equal(read({ dangerouslyAllow: true }).problems.errors.length, 1);
});

test('a policy under trial may hold what it likes: it opens nothing', () => {
  assert.deepEqual(read({ reportOnly: { 'script-src': ["'unsafe-inline'"] } }).problems.errors, []);
});

test('the guard itself refuses a source that slipped past the loader', () => {
  const settings = { ...defaultsOf(cspOptions), directives: { 'script-src': ["'unsafe-inline'"] } };
  assert.throws(() => cspGuard(settings), PolicyError);
});

test('refuses places for reports that are no place, or start something else', () => {
  for (const report of [
    'http://a.example',
    '//a.example',
    'a',
    '',
    '/a b',
    '/a;b',
    '/a,b',
    '/a"b',
    '/a\r\nb',
    'https://u:p@a.example/',
    'https://[',
    7,
  ]) {
    assert.equal(read({ report }).problems.errors[0]?.option, 'csp.report', String(report));
  }
  assert.equal(
    read({ report: 'https://Reports.example/csp?x=1' }).settings.report,
    'https://reports.example/csp?x=1',
  );
});
