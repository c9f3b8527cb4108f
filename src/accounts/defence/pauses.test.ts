import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyRing } from '../../core/key-ring.ts';
import { memory } from '../../stores/memory/state.ts';
import type { CounterStore } from '../../stores/ports/counters.ts';
import { sqlite } from '../../stores/sqlite/state.ts';
import { pauseOf, Pauses, type PauseVerdict } from './pauses.ts';

const SIGN_IN = { form: 'sign-in', client: '192.0.2.1', level: 0 };
const PAUSE = 30_000;

class Site {
  now = Date.UTC(2026, 0, 1);
  readonly pauses: Pauses;

  constructor(counters: CounterStore = memory().counters, keys = new KeyRing([Buffer.alloc(32, 1)])) {
    this.pauses = new Pauses({ keys, counters, clock: () => this.now });
  }
}

test('v5.0.0-2.4.2 (in part) a form is taken when its pause is over, and not a moment earlier', async () => {
  const site = new Site();
  const { token, leftMs } = site.pauses.begin(SIGN_IN);
  assert.equal(leftMs, PAUSE);
  site.now += PAUSE - 1;
  // Who sends it too early goes on with the same pause.
  const early = await site.pauses.take(SIGN_IN, token);
  assert.deepEqual(early, { ok: false, reason: 'early', next: { token, leftMs: 1 } });
  site.now += 1;
  assert.deepEqual(await site.pauses.take(SIGN_IN, token), { ok: true });
});

test('a clock that is set back an hour asks for one pause more, and for no more than that', async () => {
  const site = new Site();
  const { token } = site.pauses.begin(SIGN_IN);
  site.now -= 60 * 60_000;
  const verdict = await site.pauses.take(SIGN_IN, token);
  assert.equal(reasonOf(verdict), 'early');
  assert.equal(nextOf(verdict).leftMs, PAUSE);
  site.now += PAUSE;
  assert.deepEqual(await site.pauses.take(SIGN_IN, nextOf(verdict).token), { ok: true });
});

test('a clock that is set back after a pause was taken keeps nobody waiting for longer than two', async () => {
  const site = new Site();
  const { token } = site.pauses.begin(SIGN_IN);
  site.now += PAUSE;
  assert.deepEqual(await site.pauses.take(SIGN_IN, token), { ok: true });
  site.now -= 60 * 60_000;
  let next = site.pauses.begin(SIGN_IN);
  for (let pauses = 0; pauses < 3; pauses += 1) {
    assert.ok(next.leftMs <= PAUSE);
    site.now += next.leftMs;
    const verdict = await site.pauses.take(SIGN_IN, next.token);
    if (verdict.ok) return;
    next = verdict.next;
  }
  assert.fail('still waiting');
});

test('a pause counts once, and one that was taken begins anew', async () => {
  const site = new Site();
  const { token } = site.pauses.begin(SIGN_IN);
  site.now += 2 * PAUSE;
  assert.deepEqual(await site.pauses.take(SIGN_IN, token), { ok: true });
  site.now += 2 * PAUSE;
  const again = await site.pauses.take(SIGN_IN, token);
  assert.equal(reasonOf(again), 'stale');
  assert.equal(nextOf(again).leftMs, PAUSE);
  assert.notEqual(nextOf(again).token, token);
});

test('of a hundred pauses that one client began at once, one is taken in the length of one', async () => {
  const site = new Site();
  // For all forms together: none is a way around another.
  const forms = ['sign-in', 'register', 'reset'];
  const hoard = Array.from({ length: 100 }, (_none, index) => {
    const subject = { ...SIGN_IN, form: forms[index % 3] ?? '' };
    return { subject, token: site.pauses.begin(subject).token };
  });
  let taken = 0;
  const began = site.now;
  for (const { subject, token } of hoard) {
    site.now += 1000;
    if ((await site.pauses.take(subject, token)).ok) taken += 1;
  }
  // 100 seconds, the first 30 of them in the pause itself.
  assert.equal(site.now - began, 100_000);
  assert.equal(taken, 3);
});

test('who waited and comes second is told when, and gets in then', async () => {
  const site = new Site();
  const [mine, theirs] = [site.pauses.begin(SIGN_IN), site.pauses.begin(SIGN_IN)];
  site.now += PAUSE;
  assert.ok((await site.pauses.take(SIGN_IN, theirs.token)).ok);
  site.now += 10_000;
  const second = await site.pauses.take(SIGN_IN, mine.token);
  assert.equal(reasonOf(second), 'early');
  assert.equal(nextOf(second).leftMs, PAUSE - 10_000);
  site.now += PAUSE - 10_000;
  assert.deepEqual(await site.pauses.take(SIGN_IN, nextOf(second).token), { ok: true });
  // Another client waits for nobody.
  const other = { ...SIGN_IN, client: '192.0.2.2' };
  const { token } = site.pauses.begin(other);
  site.now += PAUSE;
  assert.ok((await site.pauses.take(other, token)).ok);
});

test('exactly one of many simultaneous answers is taken, over two processes on one store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-pauses-'));
  const state = sqlite(folder);
  const [site, other] = [new Site(state.counters), new Site(state.counters)];
  const tokens = Array.from({ length: 10 }, () => site.pauses.begin(SIGN_IN).token);
  site.now += PAUSE;
  other.now = site.now;
  const verdicts = await Promise.all(
    tokens.flatMap((token) => [site.pauses.take(SIGN_IN, token), other.pauses.take(SIGN_IN, token)]),
  );
  assert.equal(verdicts.filter(({ ok }) => ok).length, 1);
  await state.close();
  rmSync(folder, { recursive: true });
});

test('a pause is as long as what is asked by now, and what was waited counts', async () => {
  const site = new Site();
  const { token } = site.pauses.begin(SIGN_IN);
  site.now += PAUSE;
  const harder = { ...SIGN_IN, level: 3 };
  const early = await site.pauses.take(harder, token);
  assert.deepEqual(early, { ok: false, reason: 'early', next: { token, leftMs: 7 * PAUSE } });
  site.now += 7 * PAUSE;
  assert.deepEqual(await site.pauses.take(harder, token), { ok: true });
  assert.deepEqual([0, 1, 2, 3].map(pauseOf), [30_000, 60_000, 120_000, 240_000]);
});

test('a pause of another form or client, of no key of ours, or too old, is none', async () => {
  const site = new Site();
  const stranger = new Site(undefined, new KeyRing([Buffer.alloc(32, 2)]));
  const { token } = site.pauses.begin(SIGN_IN);
  const forged = stranger.pauses.begin(SIGN_IN).token;
  site.now += PAUSE;
  const [since = '', ...rest] = token.split('.');
  for (const [subject, answer] of [
    [{ ...SIGN_IN, form: 'reset' }, token],
    [{ ...SIGN_IN, client: '192.0.2.2' }, token],
    [SIGN_IN, forged],
    [SIGN_IN, [String(Number(since) - 1), ...rest].join('.')],
    [SIGN_IN, ''],
  ] as const) {
    assert.equal(
      reasonOf(await site.pauses.take(subject, answer)),
      'stale',
      JSON.stringify([subject, answer]),
    );
  }
  site.now += 30 * 60_000 - PAUSE;
  assert.equal(reasonOf(await site.pauses.take(SIGN_IN, token)), 'stale');
  site.now -= 1;
  assert.ok((await site.pauses.take(SIGN_IN, token)).ok);
});

test('takes what was signed before the key was rotated', async () => {
  const [old, fresh] = [Buffer.alloc(32, 3), Buffer.alloc(32, 4)];
  const before = new Site(undefined, new KeyRing([old]));
  const after = new Site(undefined, new KeyRing([fresh, old]));
  const { token } = before.pauses.begin(SIGN_IN);
  after.now += PAUSE;
  assert.deepEqual(await after.pauses.take(SIGN_IN, token), { ok: true });
});

test('whatever it is sent, nothing is taken, and nothing is stored for it', async () => {
  const state = memory();
  const site = new Site(state.counters);
  const { token } = site.pauses.begin(SIGN_IN);
  site.now += PAUSE;
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...token.split('.'), '', '.', '1')).map((parts) => parts.join('.')),
  );
  await fc.assert(
    fc.asyncProperty(text, async (answer) => {
      if (answer !== token) assert.equal((await site.pauses.take(SIGN_IN, answer)).ok, false);
    }),
  );
  assert.equal(await state.counters.count(), 0);
});

function reasonOf(verdict: PauseVerdict): string {
  return verdict.ok ? 'ok' : verdict.reason;
}

function nextOf(verdict: PauseVerdict): { readonly token: string; readonly leftMs: number } {
  assert.ok(!verdict.ok);
  return verdict.next;
}
