import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { defaultsOf } from '../../core/options.ts';
import { contextOf, runRule, verdictOf } from '../../../test/support/check-site.ts';
import { FakeHead, sketchExchange } from '../../../test/support/exchange.ts';
import { cspRules } from './csp.check.ts';
import { cspGuard } from './csp.ts';
import { cspOptions } from './csp.options.ts';
import { parsePolicy } from './seen-policy.ts';

const NAME = 'Content-Security-Policy';
const NONCE = 'abcdefghijklmnopqrstuv';

/** What a rule says of a page under these policies. */
async function check(
  id: string,
  policies: readonly string[],
  expected: readonly string[],
  body = '',
  more: readonly string[] = [],
): Promise<void> {
  const headers = [...policies.flatMap((policy) => [NAME, policy]), ...more];
  const found = await verdictOf(
    cspRules,
    id,
    contextOf(() => ({ headers, body })),
  );
  assert.deepEqual(found, expected, `${id} ${policies.join(' | ')}`);
}

test('every rule holds under the policy that the guard sends', async () => {
  const context = contextOf(() => {
    const exchange = sketchExchange();
    const head = new FakeHead(200, { 'content-type': 'text/html' });
    cspGuard(defaultsOf(cspOptions)).onResponse?.(exchange, head);
    const headers = [NAME, String(head.getHeader('content-security-policy'))];
    return { headers, body: `<script nonce="${exchange.nonce}"></script>` };
  });
  for (const { id } of cspRules) assert.deepEqual(await verdictOf(cspRules, id, context), ['held'], id);
});

test('csp.present: no policy, one that is only reported, one in the page', async () => {
  await check('csp.present', [], ['error']);
  await check('csp.present', [' ; '], ['error']);
  await check('csp.present', [], ['error'], '', [
    'Content-Security-Policy-Report-Only',
    "default-src 'none'",
  ]);
  await check('csp.present', ["default-src 'none'"], ['held']);
  await check(
    'csp.present',
    [],
    ['warning'],
    `<meta content="script-src 'self'" http-equiv=content-security-policy>`,
  );
});

test('csp.present: who only observes is told to enforce once nothing that is needed is reported', async () => {
  const outcome = await runRule(
    cspRules,
    'csp.present',
    contextOf(() => ({ headers: ['Content-Security-Policy-Report-Only', "default-src 'none'"] })),
  );
  assert.ok(outcome.outcome === 'fell-short');
  assert.match(outcome.faults[0].fix, /once nothing that the pages need is reported/);
});

test('csp.script-src: bad, absent, good', async () => {
  await check('csp.script-src', [], ['not-seen']);
  await check('csp.script-src', ["img-src 'self'"], ['error', 'error']);
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
    await check('csp.script-src', [`script-src ${bad}`], ['error']);
    await check('csp.script-src', [`default-src ${bad}`], ['error']);
    await check('csp.script-src', [`script-src 'none'; script-src-elem ${bad}`], ['error']);
  }
  await check('csp.script-src', ["script-src 'self' 'unsafe-eval'"], ['warning']);
  await check('csp.script-src', ["script-src 'self' https://cdn.example *.cdn.example"], ['held']);
  await check(
    'csp.script-src',
    ["script-src 'unsafe-inline'; script-src-elem 'self'; script-src-attr 'none'"],
    ['held'],
  );
});

test('csp.script-src: a nonce, a hash or strict-dynamic makes browsers ignore unsafe-inline', async () => {
  await check('csp.script-src', [`script-src 'unsafe-inline' 'nonce-${NONCE}'`], ['held']);
  await check('csp.script-src', [`script-src 'unsafe-inline' 'sha256-${'a'.repeat(43)}='`], ['held']);
  await check(
    'csp.script-src',
    [`script-src 'unsafe-inline' https: 'nonce-${NONCE}' 'strict-dynamic'`],
    ['held'],
  );
});

test('of several policies, in lines, in one or in the page, what one forbids is forbidden', async () => {
  await check('csp.script-src', ["script-src 'unsafe-inline'", "script-src 'self'"], ['held']);
  await check('csp.script-src', ["script-src 'unsafe-inline', script-src 'self'"], ['held']);
  await check('csp.script-src', ['script-src *', "script-src 'unsafe-eval'"], ['held']);
  await check('csp.script-src', ['script-src *', "script-src 'unsafe-inline'"], ['held']);
  await check('csp.script-src', ['script-src *', "script-src * 'unsafe-inline'"], ['error']);
  await check(
    'csp.script-src',
    ["script-src 'unsafe-inline'"],
    ['held'],
    '<meta http-equiv="Content-Security-Policy" content="script-src &#39;self&#39;">',
  );
});

test('csp.object-src, csp.base-uri, csp.form-action, csp.frame-ancestors: bad, absent, good', async () => {
  const rest = "script-src 'self'";
  for (const [id, level, wide] of [
    ['object-src', 'error', 'error'],
    ['base-uri', 'error', 'error'],
    ['form-action', 'warning', 'warning'],
    ['frame-ancestors', 'error', 'error'],
  ] as const) {
    await check(`csp.${id}`, [rest], [level]);
    await check(`csp.${id}`, [`${rest}; ${id} *`], [wide]);
    await check(`csp.${id}`, [`${rest}; ${id} https:`], [wide]);
    await check(`csp.${id}`, [`${rest}; ${id} 'none'`], ['held']);
  }
  await check('csp.object-src', [], ['not-seen']);
  await check('csp.object-src', ["default-src 'none'"], ['held']);
  await check('csp.object-src', ["default-src 'self'"], ['warning']);
  await check('csp.base-uri', ["default-src 'none'"], ['error']);
  await check('csp.base-uri', ["base-uri 'self'"], ['warning']);
  await check('csp.frame-ancestors', ["frame-ancestors 'self' https://portal.example"], ['held']);
  await check('csp.form-action', ["form-action 'self'"], ['held']);
});

test("csp.frame-ancestors: not read in a page; X-Frame-Options stops today's browsers", async () => {
  const meta = `<meta http-equiv="Content-Security-Policy" content="frame-ancestors 'none'">`;
  await check('csp.frame-ancestors', [], ['error'], meta);
  await check('csp.frame-ancestors', [], ['warning'], meta, ['X-Frame-Options', 'DENY']);
});

test('csp.nonce: too short, the same twice, another one in the page', async () => {
  await check('csp.nonce', ["script-src 'self'"], ['not-seen'], '<script nonce="other"></script>');
  await check('csp.nonce', ["script-src 'nonce-abc'"], ['warning', 'error']);
  await check(
    'csp.nonce',
    [`script-src 'nonce-${NONCE}'`],
    ['error', 'error'],
    '<script nonce="other"></script>',
  );
  let asked = 0;
  const fresh = contextOf(() => {
    asked += 1;
    const nonce = `${NONCE}${asked}`;
    return {
      headers: [NAME, `script-src 'nonce-${nonce}=='`],
      body: `<script src=a nonce='${nonce}=='></script><p nonce=x>`,
    };
  });
  assert.deepEqual(await verdictOf(cspRules, 'csp.nonce', fresh), ['held']);
});

test('no report holds a nonce: a page may be open while it is read', async () => {
  const context = contextOf(() => ({ headers: [NAME, `script-src * 'nonce-${NONCE}'`] }));
  for (const { id } of cspRules) {
    assert.ok(!JSON.stringify(await runRule(cspRules, id, context)).includes(NONCE), id);
  }
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

test('no policy and no page makes a rule throw', async () => {
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
    '<meta ',
    'http-equiv="Content-Security-Policy"',
    'content=',
    'nonce=',
    '"',
    '>',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(words).map((pieces) => pieces.join('')),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 3 }), text, async (policies, body) => {
      const headers = policies.flatMap((policy) => [NAME, policy]);
      for (const { id } of cspRules)
        await runRule(
          cspRules,
          id,
          contextOf(() => ({ headers, body })),
        );
    }),
    { numRuns: 50 },
  );
});
