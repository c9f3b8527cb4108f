import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { readSection } from '../../../test/support/read-section.ts';
import { sketchExchange } from '../../../test/support/exchange.ts';
import { type Exchange, SIGNED } from '../../core/exchange.ts';
import { PolicyError } from '../../core/errors.ts';
import type { WebhookRule } from '../../core/route-rules.ts';
import type { Verdict } from '../../core/verdict.ts';
import { readWebhook, type WebhookOptions } from './webhook-rule.ts';
import { webhookGuard } from './webhooks.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const SECONDS = NOW / 1000;
const BODY = '{"event":"paid","id":7}';
const SECRET = 'a secret of sixteen or more';
const WHSEC = `whsec_${Buffer.from(SECRET).toString('base64')}`;

function hmac(secret: string, text: string, encoding: 'hex' | 'base64' = 'hex'): string {
  return createHmac('sha256', secret).update(text).digest(encoding);
}

function ruleOf(webhook: unknown): WebhookRule {
  const table = {
    webhook: { default: undefined, read: readWebhook, reason: '', source: '', example: '' },
  };
  const read = readSection<{ webhook: WebhookRule | undefined }>('route', table, { webhook });
  return read.webhook ?? assert.fail();
}

/** Headers of a good delivery, by scheme. */
const GOOD: Readonly<
  Record<WebhookOptions['scheme'], (body: string, at?: number) => Record<string, string>>
> = {
  standard: (body, at = SECONDS) => ({
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(at),
    'webhook-signature': `v1,${hmac(SECRET, `msg_1.${at}.${body}`, 'base64')}`,
  }),
  github: (body) => ({
    'x-hub-signature-256': `sha256=${hmac(SECRET, body)}`,
    'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
  }),
  stripe: (body, at = SECONDS) => ({
    'stripe-signature': `t=${at},v0=00,v1=${hmac(SECRET, `${at}.${body}`)}`,
  }),
  slack: (body, at = SECONDS) => ({
    'x-slack-request-timestamp': String(at),
    'x-slack-signature': `v0=${hmac(SECRET, `v0:${at}:${body}`)}`,
  }),
};

function deliver(
  scheme: WebhookOptions['scheme'],
  headers: Readonly<Record<string, string>>,
  body = BODY,
  more: Partial<WebhookOptions> = {},
): { exchange: Exchange; verdict: Promise<Verdict> } {
  const exchange = sketchExchange({
    method: 'POST',
    now: NOW,
    headers: { 'content-length': String(body.length), ...headers },
    body,
  });
  const secrets = [scheme === 'standard' ? WHSEC : SECRET];
  exchange.rules = { webhook: ruleOf({ scheme, secrets, ...more }) };
  return { exchange, verdict: Promise.resolve(webhookGuard().onRequest?.(exchange)) };
}

for (const scheme of Object.keys(GOOD) as (keyof typeof GOOD)[]) {
  test(`${scheme}: takes what its sender signed, and tells the handler what it is`, async () => {
    const { exchange, verdict } = deliver(scheme, GOOD[scheme](BODY));
    assert.equal(await verdict, undefined);
    const signed = exchange.get(SIGNED);
    assert.equal(signed?.scheme, scheme);
    assert.equal(signed.sentAt, scheme === 'github' ? undefined : NOW);
    const ids: Readonly<Record<string, string>> = {
      standard: 'msg_1',
      github: '72d3162e-cc78-11e3-81ab-4c9367dc0958',
    };
    // No text that all deliveries of a scheme would share: a handler that takes each id once would drop them.
    assert.equal(signed.id, ids[scheme]);
  });

  test(`${scheme}: refuses another body, another secret, no signature, and one of another scheme`, async () => {
    const good = GOOD[scheme](BODY);
    const others = Object.entries(GOOD).filter(([name]) => name !== scheme);
    const tampered = Object.fromEntries(
      Object.entries(good).map(([name, value]) => [
        name,
        value.replace(/([\da-f])(?=[^\da-f]*$)/i, (digit) => (digit === 'a' ? 'b' : 'a')),
      ]),
    );
    for (const [headers, body] of [
      [good, `${BODY} `],
      [tampered, BODY],
      [{}, BODY],
      ...others.map(([, make]) => [make(BODY), BODY] as const),
      [Object.fromEntries(Object.keys(good).map((name) => [name, ''])), BODY],
      [Object.fromEntries(Object.keys(good).map((name) => [name, 'x'.repeat(7000)])), BODY],
    ] as const) {
      const { exchange, verdict } = deliver(scheme, headers, body);
      assert.equal((await verdict)?.status, 401, JSON.stringify(headers).slice(0, 200));
      assert.equal(exchange.get(SIGNED), undefined);
    }
    const foreign = deliver(scheme, good, BODY, {
      secrets: [
        scheme === 'standard'
          ? `whsec_${Buffer.from('another secret, as long').toString('base64')}`
          : 'another secret, as long',
      ],
    });
    assert.equal((await foreign.verdict)?.status, 401);
  });

  test(`${scheme}: both secrets hold while one is changed`, async () => {
    const secrets =
      scheme === 'standard'
        ? [`whsec_${Buffer.from('the new secret, as long').toString('base64')}`, WHSEC]
        : ['the new secret, as long', SECRET];
    assert.equal(await deliver(scheme, GOOD[scheme](BODY), BODY, { secrets }).verdict, undefined);
  });

  if (scheme === 'github') continue;
  test(`${scheme}: a signature is worth nothing five minutes later or sooner`, async () => {
    for (const [apart, status] of [
      [299, undefined],
      [301, 401],
      [-299, undefined],
      [-301, 401],
    ] as const)
      assert.equal(
        (await deliver(scheme, GOOD[scheme](BODY, SECONDS + apart)).verdict)?.status,
        status,
        String(apart),
      );
  });
}

test('one right tag of several is enough, and too many are not all looked at', async () => {
  const right = GOOD.standard(BODY)['webhook-signature'] ?? '';
  const wrong = `v1,${Buffer.alloc(32).toString('base64')}`;
  const take = (signature: string): Promise<Verdict> =>
    deliver('standard', { ...GOOD.standard(BODY), 'webhook-signature': signature }).verdict;
  assert.equal(await take(`${wrong} v2,abc ${right}`), undefined);
  assert.equal((await take(`${`${wrong} `.repeat(8)}${right}`))?.status, 401);
});

test('holds no more than the size', async () => {
  const large = JSON.stringify('a'.repeat(3000));
  assert.equal((await deliver('github', GOOD.github(large), large, { size: '1KB' }).verdict)?.status, 413);
  assert.equal(await deliver('github', GOOD.github(large), large).verdict, undefined);
});

test('a start tells what is missing, and never a secret', () => {
  for (const [options, reason] of [
    [{ scheme: 'stripe' }, /secrets: no signature can be judged/],
    [{ secrets: [SECRET] }, /scheme: no signature can be judged/],
    [{ scheme: 'stripe', secrets: [undefined] }, /secrets/],
    [{ scheme: 'stripe', secrets: ['short'] }, /16 characters/],
    [{ scheme: 'standard', secrets: ['whsec_c2hvcnQ='.padEnd(20, '=')] }, /fewer than 16 bytes/],
    [{ scheme: 'paypal', secrets: [SECRET] }, /one of 'standard'/],
    [{ scheme: 'stripe', secrets: [SECRET], tolerence: '5m' }, /tolerance/],
  ] as const) {
    assert.throws(
      () => ruleOf(options),
      (error) =>
        error instanceof PolicyError &&
        reason.test(error.message) &&
        !error.message.includes(SECRET) &&
        !error.message.includes('c2hvcnQ'),
      JSON.stringify(options),
    );
  }
});

test('what is wrong with a rule is told once', () => {
  for (const webhook of [
    { scheme: 'stripe', secrets: [''] },
    { scheme: 'gitlab', secrets: [SECRET] },
    { scheme: 'stripe', secrets: [] },
    { secrets: [SECRET] },
  ])
    assert.throws(
      () => ruleOf(webhook),
      (error) => error instanceof PolicyError && error.problems.length === 1,
      JSON.stringify(webhook),
    );
});
