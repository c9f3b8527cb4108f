/** An application that makes its own nonce: its scripts run, and a nonce that can be known is none. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { FakeHead, sketchExchange } from '../../../test/support/exchange.ts';
import type { SecurityEvent } from '../../core/events.ts';
import { defaultsOf } from '../../core/options.ts';
import type { RouteRules } from '../../core/route-rules.ts';
import { cspGuard } from './csp.ts';
import { cspOptions } from './csp.options.ts';

const NO_RULES = sketchExchange().rules;
const fresh = (): string => randomBytes(16).toString('base64');

interface Site {
  readonly send: (...theirs: string[]) => { ours: string; nonce: string };
  readonly told: SecurityEvent[];
  /** When pages are sent, and by the rules of what route. */
  readonly state: { now: number; rules: RouteRules };
}

/** Pages of one application, each with a policy that the application sends. */
function site(): Site {
  const state = { now: Date.parse('2026-01-01T00:00:00Z'), rules: NO_RULES };
  const told: SecurityEvent[] = [];
  const guard = cspGuard(defaultsOf(cspOptions), { tell: (_exchange, event) => void told.push(event) });
  const send = (...theirs: string[]): { ours: string; nonce: string } => {
    const exchange = sketchExchange({ now: state.now });
    exchange.rules = state.rules;
    const head = new FakeHead(200, { 'content-type': 'text/html', 'content-security-policy': theirs });
    guard.onResponse?.(exchange, head);
    const lines = [head.getHeader('content-security-policy') ?? []].flat().map(String);
    assert.deepEqual(lines.slice(0, -1), theirs, 'theirs stays beside ours');
    return { ours: lines.at(-1) ?? '', nonce: exchange.nonce };
  };
  return { send, told, state };
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
});

test('once a nonce came again, none of these routes is taken for an hour; those of another route are', () => {
  const { send, state, told } = site();
  const taken = (own = fresh()): boolean => send(`script-src 'nonce-${own}'`).ours.includes(own);
  const own = fresh();
  assert.deepEqual([taken(own), taken(own), taken()], [true, false, false]);
  const start = state.now;
  state.now = start + 3_599_000;
  assert.ok(!taken());
  state.rules = { ...NO_RULES };
  assert.ok(taken(), 'another route');
  state.rules = NO_RULES;
  state.now = start + 3_600_000;
  assert.ok(taken(), 'an hour is over');
  assert.ok(!taken(own) && !taken(), 'and begins again');
  assert.equal(told.length, 1);
});

test('whoever asks for many pages does not have a nonce forgotten that came again', () => {
  const { send, state } = site();
  const own = fresh();
  const taken = (): boolean => send(`script-src 'nonce-${own}'`).ours.includes(own);
  assert.ok(taken());
  for (let count = 0; count < 4000; count += 1) send(`script-src 'nonce-${fresh()}'`);
  assert.ok(!taken());
  for (let count = 0; count < 5000; count += 1) send(`script-src 'nonce-${fresh()}'`);
  state.now += 7_200_000;
  assert.ok(!taken());
});

test('a nonce beside the word that forbids scripts is none', () => {
  for (const none of ["'none'", "'NONE'"])
    for (const order of [(own: string) => `${none} ${own}`, (own: string) => `${own} ${none}`]) {
      const own = fresh();
      assert.ok(
        !site()
          .send(`script-src ${order(`'nonce-${own}'`)}`)
          .ours.includes(own),
      );
    }
});

test('a short nonce that was told of leaves room to tell of one that came again', () => {
  const { send, told } = site();
  const own = fresh();
  for (const one of ['abc', own, own]) send(`script-src 'nonce-${one}'`);
  assert.deepEqual(
    told.map(({ details }) => /128 bits, and|sent before/.exec(String(details['fix']))?.[0]),
    ['128 bits, and', 'sent before'],
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
