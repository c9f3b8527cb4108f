/** An application that makes its own nonce: its scripts run, and a nonce that can be known is none. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { FakeHead, sketchExchange } from '../../../test/support/exchange.ts';
import type { SecurityEvent } from '../../core/events.ts';
import { defaultsOf } from '../../core/options.ts';
import { cspGuard } from './csp.ts';
import { cspOptions } from './csp.options.ts';

const fresh = (): string => randomBytes(16).toString('base64');

/** Pages of one application, each with a policy that the application sends. */
function site(): { send: (...theirs: string[]) => { ours: string; nonce: string }; told: SecurityEvent[] } {
  const told: SecurityEvent[] = [];
  const guard = cspGuard(defaultsOf(cspOptions), { tell: (_exchange, event) => void told.push(event) });
  const send = (...theirs: string[]): { ours: string; nonce: string } => {
    const exchange = sketchExchange();
    const head = new FakeHead(200, { 'content-type': 'text/html', 'content-security-policy': theirs });
    guard.onResponse?.(exchange, head);
    const lines = [head.getHeader('content-security-policy') ?? []].flat().map(String);
    assert.deepEqual(lines.slice(0, -1), theirs, 'theirs stays beside ours');
    return { ours: lines.at(-1) ?? '', nonce: exchange.nonce };
  };
  return { send, told };
}

test('takes the nonce of a policy of the application beside our own, for scripts and for styles', () => {
  const { send, told } = site();
  for (const word of ['script-src', 'script-src-elem', 'Script-Src']) {
    const own = fresh();
    const { ours, nonce } = send(`img-src 'self'; ${word} 'strict-dynamic' 'nonce-${own}'; style-src 'self'`);
    assert.ok(ours.includes(`script-src 'nonce-${nonce}' 'nonce-${own}' 'strict-dynamic';`), ours);
    assert.ok(ours.includes(`style-src 'self' 'nonce-${nonce}' 'nonce-${own}';`), ours);
  }
  assert.deepEqual(told, []);
});

test('finds it in the second of two policies too', () => {
  const own = fresh();
  const { ours } = site().send("img-src 'self'", `script-src 'nonce-${own}'`);
  assert.ok(ours.includes(`'nonce-${own}'`), ours);
});

test('a nonce that was sent before is none: it is not taken, and the log is told once', () => {
  const { send, told } = site();
  const own = fresh();
  assert.ok(send(`script-src 'nonce-${own}'`).ours.includes(own));
  for (let count = 0; count < 3; count += 1) assert.ok(!send(`script-src 'nonce-${own}'`).ours.includes(own));
  assert.equal(told.length, 1);
  assert.match(String(told[0]?.details['fix']), /was sent before/);
  assert.ok(
    send(`script-src 'nonce-${fresh()}'`).ours.includes("' 'nonce-"),
    'another is taken all the same',
  );
});

test('a nonce of fewer than 128 bits is none', () => {
  const { send, told } = site();
  for (const own of ['abc', randomBytes(15).toString('base64'), randomBytes(12).toString('hex')])
    assert.ok(!send(`script-src 'nonce-${own}'`).ours.includes(own), own);
  assert.match(String(told[0]?.details['fix']), /fewer than 128 bits/);
  const hex = randomBytes(16).toString('hex');
  assert.ok(send(`script-src 'nonce-${hex}'`).ours.includes(hex));
});

test('takes nothing but a nonce: what stands around it opens nothing of ours', () => {
  const own = fresh();
  for (const odd of [`'nonce-${own}' x'`, `'nonce-${own};`, `'nonce-${'a'.repeat(129)}'`, `nonce-${own}`]) {
    const { ours, nonce } = site().send(`script-src ${odd} 'unsafe-inline' https://cdn.example`);
    const scripts = ours.split(';').find((one) => one.startsWith('script-src '));
    const taken = odd.startsWith(`'nonce-${own}' `) ? ` 'nonce-${own}'` : '';
    assert.equal(scripts, `script-src 'nonce-${nonce}'${taken} 'strict-dynamic'`);
  }
  const { ours, nonce } = site().send(`style-src 'nonce-${own}'; img-src 'nonce-${own}'`);
  assert.ok(
    ours.includes(`script-src 'nonce-${nonce}' 'strict-dynamic'`),
    'a nonce for styles is none for scripts',
  );
});

test('our own nonce in a policy of the application stays the only one, in each answer', () => {
  const guard = cspGuard(defaultsOf(cspOptions));
  const exchange = sketchExchange();
  const theirs = `script-src 'nonce-${exchange.nonce}'`;
  const head = new FakeHead(200, { 'content-type': 'text/html', 'content-security-policy': theirs });
  guard.onResponse?.(exchange, head);
  const [, ours = ''] = [head.getHeader('content-security-policy') ?? []].flat().map(String);
  assert.ok(ours.includes(`script-src 'nonce-${exchange.nonce}' 'strict-dynamic'`), ours);
});
