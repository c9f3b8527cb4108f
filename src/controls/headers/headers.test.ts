import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultsOf, readOptions } from '../../core/options.ts';
import { Problems } from '../../core/problems.ts';
import { FakeHead, sketchExchange } from '../../../test/support/exchange.ts';
import { OWASP_FINGERPRINTS } from './fingerprint-headers.ts';
import { headersGuard, REMOVED_HEADERS } from './headers.ts';
import { headersOptions, type HeadersSettings } from './headers.options.ts';

const HTML = { 'content-type': 'text/html; charset=utf-8' };
const defaults = defaultsOf(headersOptions);

/** The head after the guard. */
function after(
  headers: Record<string, string | string[]> = {},
  settings: Partial<HeadersSettings> = {},
): FakeHead {
  const head = new FakeHead(200, headers);
  headersGuard({ ...defaults, ...settings }).onResponse?.(sketchExchange(), head);
  return head;
}

/** One header after the guard, where the application set it to `own`. */
function check(
  name: string,
  own: string | string[],
  expected: unknown,
  settings: Partial<HeadersSettings> = {},
): void {
  assert.equal(after({ [name]: own }, settings).getHeader(name), expected);
}

function read(input: unknown): { settings: HeadersSettings; problems: Problems } {
  const problems = new Problems('production');
  return { settings: readOptions('headers', headersOptions, input, problems), problems };
}

test('v5.0.0-3.4.4 v5.0.0-3.4.5 v5.0.0-3.4.8 v5.0.0-3.5.8 every answer carries the static headers', () => {
  assert.deepEqual(Object.fromEntries(after().headers), {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'strict-origin-when-cross-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'permissions-policy': 'camera=(),microphone=(),geolocation=(),usb=()',
    'x-permitted-cross-domain-policies': 'none',
  });
});

test('past failure 2: the default referrer policy keeps the Origin of same-origin form posts', () => {
  assert.notEqual(defaults.referrerPolicy, 'no-referrer');
});

test('a page carries all but the one on cross-domain policy files, in 290 bytes at most', () => {
  const head = after(HTML);
  head.removeHeader('content-type');
  const { headers } = head;
  assert.ok(!headers.has('x-permitted-cross-domain-policies'));
  const bytes = [...headers].reduce((sum, [name, value]) => sum + `${name}: ${String(value)}\r\n`.length, 0);
  assert.ok(bytes <= 290, `${bytes} bytes`);
});

test('raises what the application set weaker', () => {
  check('x-content-type-options', 'sniff', 'nosniff');
  check('x-frame-options', 'SAMEORIGIN', 'DENY');
  check('x-frame-options', 'ALLOW-FROM https://evil.example', 'DENY');
  check('referrer-policy', 'unsafe-url', 'strict-origin-when-cross-origin');
  check('referrer-policy', 'no-referrer, unsafe-url', 'strict-origin-when-cross-origin');
  check('referrer-policy', '', 'strict-origin-when-cross-origin');
  check('cross-origin-opener-policy', 'unsafe-none', 'same-origin');
  check('cross-origin-resource-policy', 'cross-origin', 'same-origin');
  check('origin-agent-cluster', '?0', '?1');
  check('x-permitted-cross-domain-policies', 'all', 'none');
});

test('keeps what the application set stronger', () => {
  check('referrer-policy', 'no-referrer', 'no-referrer');
  check('referrer-policy', 'Same-Origin', 'Same-Origin');
  check('x-frame-options', 'DENY', 'DENY', { frameOptions: 'SAMEORIGIN' });
  check('cross-origin-opener-policy', 'same-origin', 'same-origin', {
    crossOriginOpenerPolicy: 'unsafe-none',
  });
  check('cross-origin-resource-policy', 'same-site', 'same-site', {
    crossOriginResourcePolicy: 'cross-origin',
  });
  check('x-permitted-cross-domain-policies', 'none-this-response', 'none-this-response');
  check('x-permitted-cross-domain-policies', 'none', 'none', { permittedCrossDomainPolicies: 'master-only' });
});

test('makes one line of two, which browsers do not agree on', () => {
  check('x-frame-options', ['DENY', 'SAMEORIGIN'], 'DENY');
  check('x-frame-options', ['DENY', 'DENY'], 'DENY');
});

test('joins the permissions of the application, and a malformed one never takes ours along', () => {
  check('permissions-policy', 'payment=()', 'payment=(),camera=(),microphone=(),geolocation=(),usb=()');
  check(
    'permissions-policy',
    ['payment=()', 'camera=*'],
    'payment=(),camera=(),microphone=(),geolocation=(),usb=()',
  );
  check('permissions-policy', 'payment=(', 'camera=(),microphone=(),geolocation=(),usb=()');
});

test('v5.0.0-13.4.6 (in part) past failure 20: names of servers and frameworks do not leave', () => {
  const head = after(Object.fromEntries(REMOVED_HEADERS.map((name) => [name, 'Express 4.1'])));
  for (const name of REMOVED_HEADERS) assert.equal(head.getHeader(name), undefined, name);
  assert.equal(after({ via: '1.1 proxy' }).getHeader('via'), '1.1 proxy');
});

test('v5.0.0-13.4.6 none of the 87 names of the OWASP Secure Headers Project leaves, in any case of letters', () => {
  assert.equal(new Set(OWASP_FINGERPRINTS).size, 87);
  for (const name of ['X-Joomla-Version', 'x-kong-proxy-latency', 'X-PHP-VERSION', '$wsep', 'X-Nextjs-Cache'])
    assert.equal(after({ [name]: '1' }).getHeader(name), undefined, name);
});

test('a header that somebody reads stays where the policy names it, in any case, and no other with it', () => {
  const keep = readOptions(
    'headers',
    headersOptions,
    { keep: ['x-nextjs-Redirect'] },
    new Problems('production'),
  );
  const head = after({ 'X-Nextjs-Redirect': '/a', 'X-Nextjs-Cache': 'HIT' }, keep);
  assert.equal(head.getHeader('X-Nextjs-Redirect'), '/a');
  assert.equal(head.getHeader('X-Nextjs-Cache'), undefined);
});

test('sends an integrity policy where the policy asks for one', () => {
  assert.equal(
    after({}, { integrityPolicy: 'report-only' }).getHeader('integrity-policy-report-only'),
    'blocked-destinations=(script)',
  );
  const enforced = after({}, { integrityPolicy: 'enforce' });
  assert.equal(enforced.getHeader('integrity-policy'), 'blocked-destinations=(script)');
  assert.equal(enforced.getHeader('integrity-policy-report-only'), undefined);
});

test('origin-keyed memory can be left to the application', () => {
  assert.equal(after({}, { originAgentCluster: false }).getHeader('origin-agent-cluster'), undefined);
});

test('reads every option', () => {
  const input = {
    mode: 'observe',
    frameOptions: 'SAMEORIGIN',
    referrerPolicy: 'no-referrer',
    crossOriginOpenerPolicy: 'same-origin-allow-popups',
    crossOriginResourcePolicy: 'same-site',
    originAgentCluster: false,
    permissionsPolicy: {},
    permittedCrossDomainPolicies: 'master-only',
    integrityPolicy: 'enforce',
    keep: ['X-Nextjs-Redirect'],
  };
  const { settings, problems } = read(input);
  assert.deepEqual(problems.errors, []);
  assert.deepEqual(settings, { ...input, permissionsPolicy: defaults.permissionsPolicy });
});

test('refuses values that leak or frame, all at once', () => {
  const { problems } = read({
    frameOptions: 'ALLOWALL',
    referrerPolicy: 'unsafe-url',
    crossOriginOpenerPolicy: 'none',
    contentTypeOptions: false,
    permissionPolicy: {},
  });
  assert.deepEqual(
    problems.errors.map((problem) => [problem.option, problem.code]),
    [
      ['headers.frameOptions', 'ERR_BULWARK_INVALID_OPTION'],
      ['headers.referrerPolicy', 'ERR_BULWARK_INVALID_OPTION'],
      ['headers.crossOriginOpenerPolicy', 'ERR_BULWARK_INVALID_OPTION'],
      ['headers.contentTypeOptions', 'ERR_BULWARK_UNKNOWN_OPTION'],
      ['headers.permissionPolicy', 'ERR_BULWARK_UNKNOWN_OPTION'],
    ],
  );
  assert.match(problems.errors.at(-1)?.fix ?? '', /permissionsPolicy/);
});
