/**
 * Where the usual recipe of eight packages fails, line by line, and the rules that show it in a source or at a running site. A line without a
 * rule is one that nobody would be told of.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RULES } from '../../src/check/rules.ts';
import { SOURCE_RULES } from '../../src/check/source/source-rules.ts';

const LINES: readonly (readonly [what: string, ...rules: readonly string[]])[] = [
  ['a lifetime of 0 makes every page an error', 'flask.session-lifetime'],
  ['no-referrer takes away what the CSRF check compares', 'flask.csrf-referrer'],
  ['header and template have nonces from two sources', 'flask.nonce', 'csp.nonce'],
  ['misspelt settings are passed over', 'flask.setting-name', 'flask.setting-case'],
  ['a wrong password raises, an unknown hash is an error', 'python.password-compare', 'python.password-hash'],
  ['a limiter counts in the memory of each worker', 'flask.limiter-storage'],
  [
    'behind a proxy all share one limit, or spoof theirs',
    'flask.proxy-fix',
    'javascript.proxy',
    'python.forwarded-header',
  ],
  [
    'a default limit is one for each endpoint, and leaves files out',
    'flask.limiter-scope',
    'rate.unknown-path',
  ],
  ['a fixed window lets twice the limit through at its edge', 'flask.limiter-scope'],
  ['sign-in is limited by address alone', 'flask.login-limit', 'rate.sign-in-many'],
  ['the time tells which accounts exist', 'flask.account-timing', 'accounts.sign-in-time'],
  [
    'the session id survives sign-in, a made-up one is adopted',
    'flask.session-fixation',
    'session.renewed',
    'session.adopted',
  ],
  [
    'a request held open across sign-out brings the session back',
    'flask.session-race',
    'javascript.session-race',
  ],
  ['private downloads are for every cache', 'flask.static-age', 'headers.cache-signed-in'],
  [
    'a body in chunks escapes the limit',
    'flask.chunked-body',
    'javascript.chunked-body',
    'firewall.body-limit-chunked',
  ],
  [
    'the way to https copies any Host, and takes forms along',
    'flask.redirect-scheme',
    'https.redirect-host',
    'https.plain-post',
  ],
  ['X-Forwarded-Proto is believed from anyone', 'flask.forwarded-header', 'firewall.forwarded-proto'],
  ['a policy that replaces the default loses its directives', 'flask.csp', 'csp.fallback'],
  ['an audit call fails on a date, or logs a secret', 'python.log-json', 'python.log-secret'],
  ["the server's header and its own errors escape the layer", 'flask.server-header', 'headers.refusals'],
  ['405 without Allow', 'flask.allow-header'],
  ['a policy is only reported, and nothing enforced', 'csp.present'],
  [
    'a page view writes a session',
    'flask.visitor-session',
    'javascript.visitor-session',
    'session.none-for-visitors',
  ],
  [
    'a picture with a script behind it passes',
    'python.upload-type',
    'javascript.upload-type',
    'uploads.served',
  ],
  ['half-sent requests stop the site', 'config.slow-clients', 'javascript.timeouts'],
  ['the store is down, and so is every page', 'flask.store-failure'],
  ['hashing holds everybody up', 'javascript.hash-blocking'],
  ['a code is accepted twice', 'python.totp-replay', 'javascript.totp-replay'],
  ['recovery codes lie in the store in clear', 'python.recovery-codes'],
  ['the limiter stops limiting when its store fails', 'flask.limiter-failure', 'javascript.limiter-failure'],
  [
    'another site opens a WebSocket',
    'flask.websocket-origin',
    'python.websocket-origin',
    'javascript.websocket-origin',
    'csrf.upgrade',
  ],
  ['readers disagree about the name of a file', 'python.multipart', 'javascript.multipart'],
];

test('each of 32 lines has a rule, and each of those is one that there is', () => {
  const ids = new Set([...RULES, ...SOURCE_RULES].map(({ id }) => id));
  assert.equal(LINES.length, 32);
  for (const [what, ...rules] of LINES) {
    assert.ok(rules.length > 0, what);
    for (const id of rules) assert.ok(ids.has(id), `${what}: ${id}`);
  }
});

test('what a source of Flask can show of them is planted in an application with an answer key', () => {
  const keys = ['guide', 'careless', 'traps', 'half-hearted', 'careless-fastapi']
    .map((name) => readFileSync(join(import.meta.dirname, 'source', name, 'key.txt'), 'utf8'))
    .join('\n');
  const unplanted = LINES.flatMap(([, ...rules]) => rules).filter(
    (id) => /^(?:flask|python)\./.test(id) && !keys.includes(` ${id} `),
  );
  assert.deepEqual(unplanted, []);
});
