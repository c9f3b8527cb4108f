import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { defaultsOf } from '../../core/options.ts';
import { FakeHead, sketchExchange } from '../../../test/support/exchange.ts';
import { cspRules, parsePolicy } from './csp.check.ts';
import { cspGuard } from './csp.ts';
import { cspOptions } from './csp.options.ts';

const NAME = 'Content-Security-Policy';
const NONCE = 'abcdefghijklmnopqrstuv';

/** The levels a rule finds under these policies. */
function check(id: string, policies: readonly string[], expected: readonly string[], body = ''): void {
  const rule = cspRules.find((candidate) => candidate.id === id);
  assert.ok(rule, id);
  const rawHeaders = policies.flatMap((policy) => [NAME, policy]);
  const found = rule.check({ method: 'GET', url: 'https://files.example/', status: 200, rawHeaders, body });
  assert.deepEqual(
    found.map((finding) => finding.level),
    expected,
    `${id} ${policies.join(' | ')}`,
  );
}

test('every rule passes both policies that the guard sends', () => {
  for (const type of ['text/html', 'application/json']) {
    const exchange = sketchExchange();
    const head = new FakeHead(200, { 'content-type': type });
    cspGuard(defaultsOf(cspOptions)).onResponse?.(exchange, head);
    const body = `<script nonce="${exchange.nonce}"></script>`;
    for (const { id } of cspRules) check(id, [String(head.getHeader('content-security-policy'))], [], body);
  }
});

test('csp.present: no policy, and one that is only reported', () => {
  check('csp.present', [], ['error']);
  check('csp.present', [' ; '], ['error']);
  check('csp.present', ["default-src 'none'"], []);
});

test('csp.present: who only observes is told to enforce once nothing that is needed is reported', () => {
  const rule = cspRules.find(({ id }) => id === 'csp.present');
  const fixes = [['Content-Security-Policy-Report-Only', "default-src 'none'"], []].map(
    (rawHeaders) =>
      rule?.check({ method: 'GET', url: 'https://files.example/', status: 200, rawHeaders, body: '' })[0]
        ?.fix,
  );
  assert.deepEqual(fixes, [
    "csp: { mode: 'enforce' }, once nothing that the pages need is reported",
    "csp: { mode: 'enforce' }",
  ]);
});

test('csp.script-src: bad, absent, good', () => {
  check('csp.script-src', [], []);
  check('csp.script-src', ["img-src 'self'"], ['error']);
  for (const bad of [
    "'unsafe-inline'",
    "'self' 'UNSAFE-INLINE'",
    '*',
    'https:',
    'https://*',
    '*:443',
    'data:',
    'HTTPS:',
  ]) {
    check('csp.script-src', [`script-src ${bad}`], ['error']);
    check('csp.script-src', [`default-src ${bad}`], ['error']);
    check('csp.script-src', [`script-src 'none'; script-src-elem ${bad}`], ['error']);
  }
  check('csp.script-src', ["script-src 'self' 'unsafe-eval'"], ['warning']);
  check('csp.script-src', ["script-src 'self' https://cdn.example *.cdn.example"], []);
});

test('csp.script-src: a nonce, a hash or strict-dynamic makes browsers ignore unsafe-inline', () => {
  check('csp.script-src', [`script-src 'unsafe-inline' 'nonce-${NONCE}'`], []);
  check('csp.script-src', [`script-src 'unsafe-inline' 'sha256-${'a'.repeat(43)}='`], []);
  check('csp.script-src', [`script-src 'unsafe-inline' https: 'nonce-${NONCE}' 'strict-dynamic'`], []);
});

test('of two policies, in two lines or in one, the stricter counts', () => {
  check('csp.script-src', ["script-src 'unsafe-inline'", "script-src 'self'"], []);
  check('csp.script-src', ["script-src 'unsafe-inline', script-src 'self'"], []);
  check('csp.script-src', ['script-src *', "script-src 'unsafe-eval'"], ['warning']);
});

test('csp.object-src, csp.base-uri, csp.form-action, csp.frame-ancestors: bad, absent, good', () => {
  const rest = "script-src 'self'";
  for (const [id, level] of [
    ['object-src', 'error'],
    ['base-uri', 'error'],
    ['form-action', 'warning'],
    ['frame-ancestors', 'error'],
  ] as const) {
    check(`csp.${id}`, [rest], [level]);
    check(`csp.${id}`, [`${rest}; ${id} *`], ['error']);
    check(`csp.${id}`, [`${rest}; ${id} https:`], ['error']);
    check(`csp.${id}`, [`${rest}; ${id} 'none'`], []);
    check(`csp.${id}`, [], []);
  }
  check('csp.object-src', ["default-src 'none'"], []);
  check('csp.object-src', ["default-src 'self'"], ['warning']);
  check('csp.base-uri', ["default-src 'none'"], ['error']);
  check('csp.base-uri', ["base-uri 'self'"], ['warning']);
  check('csp.frame-ancestors', ["frame-ancestors 'self' https://portal.example"], []);
  check('csp.form-action', ["form-action 'self'"], []);
});

test('csp.nonce: too short, or another one in the page', () => {
  check('csp.nonce', ["script-src 'nonce-abc'"], ['warning']);
  check('csp.nonce', [`script-src 'nonce-${NONCE}=='`], [], `<script src=a nonce='${NONCE}=='></script>`);
  check('csp.nonce', [`script-src 'nonce-${NONCE}'`], ['error'], '<script nonce="other"></script>');
  check('csp.nonce', [`script-src 'nonce-${NONCE}'`], [], '<p nonce="other"></p>');
  check('csp.nonce', ["script-src 'self'"], [], '<script nonce="other"></script>');
});

test('reads a policy as browsers do: first directive of a name, any case, any space', () => {
  assert.deepEqual(
    [...parsePolicy(" ;Script-SRC\t'self'  a ;; script-src *;base-uri")],
    [
      ['script-src', ["'self'", 'a']],
      ['base-uri', []],
    ],
  );
});

test('no policy and no page makes a rule throw', () => {
  const words = fc.constantFrom(
    'script-src',
    'base-uri',
    "'nonce-",
    "'",
    '*',
    ';',
    ',',
    ' ',
    'x',
    '<script ',
    'nonce=',
    '"',
    '>',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(words).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 3 }), text, (policies, body) => {
      const rawHeaders = policies.flatMap((policy) => [NAME, policy]);
      for (const rule of cspRules) rule.check({ method: 'GET', url: 'x', status: 200, rawHeaders, body });
    }),
  );
});
