/** The head that an upstream gets, where a gateway is the host. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenSite } from '../../test/support/api-tokens.ts';
import { growth, LINEAR_AT_MOST, repeated } from '../../test/support/growth.ts';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import { sketchExchange } from '../../test/support/exchange.ts';
import { ForwardLines } from '../core/forward-head.ts';
import type { Guard, Mode } from '../core/guard.ts';
import type { PolicyOptions } from '../policy/policy.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { memory } from '../stores/memory/state.ts';
import { type Arrange, Layer } from './layer.ts';

async function layerOf(options: PolicyOptions = {}, arrange?: Arrange): Promise<Layer> {
  const policy = await readPolicy({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: () => undefined },
    ...options,
  });
  return new Layer(policy, undefined, arrange);
}

test('an API token of ours is not handed on, in any spelling, and the token of another is', async () => {
  const site = new TokenSite();
  const { exchange } = await site.call(await site.token('ann'), '/api/files');
  const head = new ForwardLines([...exchange.request.rawHeaders, 'Author.ization', 'x']);
  assert.equal(site.layer.forward(exchange, head), undefined);
  assert.ok(!head.has('authorization'));
  const other = sketchExchange({ headers: { authorization: 'Bearer of-the-application' } });
  const kept = new ForwardLines(other.request.rawHeaders);
  site.layer.forward(other, kept);
  assert.equal(kept.get('authorization'), 'Bearer of-the-application');
});

test('the nonce of the page is handed on wherever a policy is sent, and never the one that a client wrote', async () => {
  const sent = {
    'X-Bulwark-Nonce': 'planted',
    'Content-Security-Policy': "script-src 'nonce-planted'",
    'Content-Security-Policy-Report-Only': "script-src 'nonce-planted'",
  };
  for (const mode of ['enforce', 'observe', 'off'] as const) {
    const layer = await layerOf({ csp: { mode } });
    const exchange = sketchExchange({ headers: sent });
    const head = new ForwardLines(exchange.request.rawHeaders);
    layer.forward(exchange, head);
    if (mode === 'off') {
      // Our name says nothing that we have not said.
      assert.ok(!head.has('x-bulwark-nonce'));
      continue;
    }
    assert.equal(head.get('x-bulwark-nonce'), exchange.nonce);
    assert.equal(head.get('content-security-policy'), `script-src 'nonce-${exchange.nonce}'`);
    assert.ok(!head.has('content-security-policy-report-only'));
    assert.ok(!head.rawHeaders.join(' ').includes('planted'));
  }
});

test("a token for forms of another make is the upstream's own", async () => {
  const layer = await layerOf();
  const exchange = sketchExchange({ headers: { 'x-csrf-token': `${'a'.repeat(86)}==` } });
  const head = new ForwardLines(exchange.request.rawHeaders);
  layer.forward(exchange, head);
  assert.ok(head.has('x-csrf-token'));
});

function brokenBefore(mode: Mode): Arrange {
  const broken: Guard = {
    name: 'broken',
    mode,
    onForward: () => {
      throw new Error('broken');
    },
  };
  return (guards) => [broken, ...guards];
}

test('nothing goes to an upstream where a guard broke: what it would have taken away is still there', async () => {
  const cookie = `__Host-sid=${'a'.repeat(32)}`;
  const exchange = sketchExchange({ headers: { cookie } });
  const enforcing = await layerOf({}, brokenBefore('enforce'));
  assert.equal(enforcing.forward(exchange, new ForwardLines(exchange.request.rawHeaders))?.status, 500);
  const observing = await layerOf({}, brokenBefore('observe'));
  const head = new ForwardLines(exchange.request.rawHeaders);
  assert.equal(observing.forward(exchange, head), undefined);
  assert.ok(!head.has('cookie'), 'the others have had their turn');
});

const LARGEST = 16 * 1024;

for (const mode of ['enforce', 'observe'] as const) {
  test(`${mode}: a head of four times the lines, or of four times the cookies, takes work in proportion`, async () => {
    const sections = ['firewall', 'csrf', 'csp', 'cookies', 'headers'];
    const layer = await layerOf(Object.fromEntries(sections.map((section) => [section, { mode }])));
    const lines = (size: number): string[] =>
      Array.from({ length: Math.floor(size / 40) }, (_, index) => [`X_Forwarded.${index}`, 'x']).flat();
    const cookies = (size: number): string[] => ['Cookie', repeated('__Host-sid=a;', size)];
    for (const make of [lines, cookies]) {
      const exchange = sketchExchange();
      const ratio = growth(make, (raw) => layer.forward(exchange, new ForwardLines(raw)), LARGEST / 4);
      assert.ok(ratio < LINEAR_AT_MOST, `${ratio}`);
    }
  });
}
