import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fromBase32 } from '../../../test/support/base32.ts';
import { FakeFactors, type FactorSite } from '../../../test/support/second-factors.ts';
import { sqlite } from '../../stores/sqlite/state.ts';
import { oneTimeCode, timeStep } from './totp-code.ts';

const STEP_MS = 30_000;
const MINUTE = 60_000;
const UNLIMITED: FactorSite = { options: { attempts: '100/hour' } };

/** An authenticator app: shows the code of a moment, `steps` time steps off. */
type App = (now: number, steps?: number) => string;

function appOf(secret: string): App {
  return (now, steps = 0) => oneTimeCode(fromBase32(secret), timeStep(now) + steps);
}

/** Enrols an app and confirms it. The clock stands one step later then, so that its next code is a new one. */
async function enrolled(site: FakeFactors, account = 'ann'): Promise<App> {
  const { secret } = await site.factors.totp.enrol(account, `${account}@example.com`);
  const app = appOf(secret);
  assert.deepEqual(await site.factors.totp.confirm(site.visit, account, app(site.now)), { ok: true });
  site.now += STEP_MS;
  return app;
}

test('an app counts once its first code has come', async () => {
  const site = new FakeFactors();
  const { totp } = site.factors;
  const enrolment = await totp.enrol('ann', 'ann@example.com');
  assert.match(enrolment.uri, /^otpauth:\/\/totp\/example\.com:ann%40example\.com\?secret=[A-Z2-7]{32}&/);
  assert.ok(enrolment.uri.includes(enrolment.secret.replaceAll(' ', '')));
  assert.equal(enrolment.expiresAt, site.now + 10 * MINUTE);
  const app = appOf(enrolment.secret);
  const before = await totp.verify(site.visit, 'ann', app(site.now));
  assert.deepEqual(before, { ok: false, reason: 'not-enrolled' });
  assert.equal((await site.factors.overview('ann')).secondFactor, false);
  assert.deepEqual(await totp.confirm(site.visit, 'ann', app(site.now)), { ok: true });
  assert.equal((await site.factors.overview('ann')).secondFactor, true);
  site.now += STEP_MS;
  assert.deepEqual(await totp.verify(site.visit, 'ann', app(site.now)), { ok: true });
});

test('v5.0.0-6.5.3 (in part) each enrolment has a secret of its own, 160 bits of it', async () => {
  const site = new FakeFactors();
  const secrets = new Set<string>();
  for (let index = 0; index < 50; index += 1) {
    const { secret } = await site.factors.totp.enrol('ann', 'ann');
    assert.equal(fromBase32(secret).byteLength, 20);
    secrets.add(secret);
  }
  assert.equal(secrets.size, 50);
});

test('v5.0.0-6.5.1 takes a code once, the one it was confirmed by included', async () => {
  const site = new FakeFactors();
  const { totp } = site.factors;
  const { secret } = await totp.enrol('ann', 'ann');
  const app = appOf(secret);
  const first = app(site.now);
  await totp.confirm(site.visit, 'ann', first);
  assert.deepEqual(await totp.verify(site.visit, 'ann', first), { ok: false, reason: 'replayed' });
  site.now += STEP_MS;
  assert.ok((await totp.verify(site.visit, 'ann', app(site.now))).ok);
  const again = await totp.verify(site.visit, 'ann', app(site.now));
  assert.deepEqual(again, { ok: false, reason: 'replayed' });
});

test('takes no code of an earlier time than one that was taken', async () => {
  const site = new FakeFactors();
  const app = await enrolled(site);
  const early = app(site.now);
  assert.ok((await site.factors.totp.verify(site.visit, 'ann', app(site.now, 1))).ok);
  const late = await site.factors.totp.verify(site.visit, 'ann', early);
  assert.deepEqual(late, { ok: false, reason: 'replayed' });
});

test('v5.0.0-15.4.2 of several simultaneous uses of one code exactly one passes, over two processes too', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'bulwark-totp-'));
  const one = new FakeFactors({ state: sqlite(directory) });
  const two = new FakeFactors({ state: sqlite(directory) });
  const app = await enrolled(one);
  two.now = one.now;
  const code = app(one.now);
  const uses = [one, two, one, two].map((site) => site.factors.totp.verify(site.visit, 'ann', code));
  const verdicts = await Promise.all(uses);
  assert.equal(verdicts.filter(({ ok }) => ok).length, 1);
  await one.state.close();
  await two.state.close();
  rmSync(directory, { recursive: true });
});

test('v5.0.0-6.5.5 (in part) takes codes of one step before and after, and none where no drift is allowed', async () => {
  for (const [drift, steps, ok] of [
    [1, -2, false],
    [1, -1, true],
    [1, 1, true],
    [1, 2, false],
    [0, -1, false],
    [0, 0, true],
    [0, 1, false],
  ] as const) {
    const site = new FakeFactors({ options: { drift } });
    const app = await enrolled(site);
    // Away from the step that confirmed it, which is taken already.
    site.now += 10 * STEP_MS;
    const verdict = await site.factors.totp.verify(site.visit, 'ann', app(site.now, steps));
    assert.equal(verdict.ok, ok, `drift ${drift}, ${steps} steps off`);
  }
});

test('v5.0.0-6.5.8 knows one clock, its own', async () => {
  const site = new FakeFactors();
  const app = await enrolled(site);
  const stale = app(site.now);
  site.now += 5 * MINUTE;
  assert.equal((await site.factors.totp.verify(site.visit, 'ann', stale)).ok, false);
  site.now -= 5 * MINUTE;
  assert.equal((await site.factors.totp.verify(site.visit, 'ann', stale)).ok, true);
});

test('an enrolment that nobody confirms ends, and a newer one takes its place', async () => {
  const site = new FakeFactors(UNLIMITED);
  const { totp } = site.factors;
  const confirm = async (app: App): Promise<string> => {
    const verdict = await totp.confirm(site.visit, 'ann', app(site.now));
    return verdict.ok ? 'ok' : verdict.reason;
  };
  const first = appOf((await totp.enrol('ann', 'ann')).secret);
  const second = appOf((await totp.enrol('ann', 'ann')).secret);
  assert.equal(await confirm(first), 'wrong');
  site.now += 10 * MINUTE;
  assert.equal(await confirm(second), 'not-enrolled');
  const third = appOf((await totp.enrol('ann', 'ann')).secret);
  assert.equal(await confirm(third), 'ok');
  assert.equal(await confirm(third), 'not-enrolled');
});

test('a new phone takes the place of the old one when it has shown a code, and not before', async () => {
  const site = new FakeFactors(UNLIMITED);
  const { totp } = site.factors;
  const old = await enrolled(site);
  const { secret } = await totp.enrol('ann', 'ann');
  assert.ok((await totp.verify(site.visit, 'ann', old(site.now))).ok);
  assert.ok((await totp.confirm(site.visit, 'ann', appOf(secret)(site.now))).ok);
  site.now += STEP_MS;
  assert.deepEqual(await totp.verify(site.visit, 'ann', old(site.now)), { ok: false, reason: 'wrong' });
  assert.ok((await totp.verify(site.visit, 'ann', appOf(secret)(site.now))).ok);
});

test('v5.0.0-6.3.1 looks at ten codes an hour, right ones included, and at none beyond', async () => {
  const site = new FakeFactors();
  const app = await enrolled(site);
  // The first one confirmed it.
  for (let index = 0; index < 9; index += 1) {
    assert.deepEqual(await site.factors.totp.verify(site.visit, 'ann', '000000'), {
      ok: false,
      reason: 'wrong',
    });
  }
  const limited = await site.factors.totp.verify(site.visit, 'ann', app(site.now));
  assert.ok(!limited.ok && limited.reason === 'limited');
  assert.equal(limited.retryAfterMs, 6 * MINUTE - STEP_MS);
  assert.match(site.visit.lastEvent, /^excess_rate_limit_exceeded .*"account":"ann"/);
  site.now += limited.retryAfterMs ?? 0;
  assert.ok((await site.factors.totp.verify(site.visit, 'ann', app(site.now))).ok);
});

test('a clock that is set back a day looks at codes again after a tenth of an hour', async () => {
  const site = new FakeFactors();
  await enrolled(site);
  site.now -= 24 * 60 * MINUTE;
  const limited = await site.factors.totp.verify(site.visit, 'ann', '000000');
  assert.ok(!limited.ok && limited.reason === 'limited');
  assert.equal(limited.retryAfterMs, 6 * MINUTE);
  site.now += 6 * MINUTE;
  const looked = await site.factors.totp.verify(site.visit, 'ann', '000000');
  assert.deepEqual(looked, { ok: false, reason: 'wrong' });
});

test('counts guesses that come all at once, and those at an enrolment', async () => {
  const site = new FakeFactors();
  await enrolled(site);
  const guesses = Array.from({ length: 30 }, () => site.factors.totp.verify(site.visit, 'ann', '000000'));
  const verdicts = await Promise.all(guesses);
  const looked = verdicts.filter((verdict) => !verdict.ok && verdict.reason === 'wrong');
  assert.equal(looked.length, 9);
  await site.factors.totp.enrol('ann', 'ann');
  const confirmed = await site.factors.totp.confirm(site.visit, 'ann', '000000');
  assert.ok(!confirmed.ok && confirmed.reason === 'limited');
});

test('one account has no part in what is counted for another', async () => {
  const site = new FakeFactors();
  await enrolled(site, 'ann');
  const bobs = await enrolled(site, 'bob');
  for (let index = 0; index < 20; index += 1) await site.factors.totp.verify(site.visit, 'ann', '000000');
  assert.ok((await site.factors.totp.verify(site.visit, 'bob', bobs(site.now))).ok);
});

test('what cannot be a code is wrong, and costs its account nothing', async () => {
  const site = new FakeFactors();
  const app = await enrolled(site);
  for (const text of ['', '12345', '1234567', 'abcdef', '\u0661'.repeat(6), 'x'.repeat(1_000_000)]) {
    for (let index = 0; index < 3; index += 1) {
      assert.equal((await site.factors.totp.verify(site.visit, 'ann', text)).ok, false);
    }
  }
  assert.ok((await site.factors.totp.verify(site.visit, 'ann', app(site.now))).ok);
});

test('v5.0.0-6.5.6 an app that was removed proves nothing', async () => {
  const site = new FakeFactors();
  const app = await enrolled(site);
  assert.ok(await site.factors.totp.remove(site.visit, 'ann'));
  assert.match(site.visit.lastEvent, /^authn_token_revoked .*"factor":"totp"/);
  const verdict = await site.factors.totp.verify(site.visit, 'ann', app(site.now));
  assert.deepEqual(verdict, { ok: false, reason: 'not-enrolled' });
  assert.ok(!(await site.factors.totp.remove(site.visit, 'ann')));
});

test('v5.0.0-16.3.1 tells the log which factor, whose and what came of it, and never the code', async () => {
  const site = new FakeFactors();
  const app = await enrolled(site);
  const { totp } = site.factors;
  await totp.verify(site.visit, 'ann', app(site.now));
  await totp.verify(site.visit, 'ann', app(site.now));
  await totp.verify(site.visit, 'ann', '000000');
  await totp.verify(site.visit, 'eve', '000000');
  const told = site.visit.events.map(({ event, details }) => `${event} ${Object.values(details).join(' ')}`);
  assert.deepEqual(told, [
    'authn_token_created totp ann',
    'authn_login_success totp ann',
    'authn_login_fail totp ann replayed',
    'authn_login_fail totp ann wrong',
    'authn_login_fail totp eve not-enrolled',
  ]);
});

const OLD = Buffer.alloc(32, 'old');
const NEW = Buffer.alloc(32, 'new');

test('a secret sealed before a rotation is sealed anew when it is used', async () => {
  const before = new FakeFactors({ secrets: [OLD] });
  const app = await enrolled(before);
  const { state } = before;
  const rotated = new FakeFactors({ state, secrets: [NEW, OLD] });
  rotated.now = before.now;
  assert.ok((await rotated.factors.totp.verify(rotated.visit, 'ann', app(rotated.now))).ok);
  const after = new FakeFactors({ state, secrets: [NEW] });
  after.now = rotated.now + STEP_MS;
  assert.ok((await after.factors.totp.verify(after.visit, 'ann', app(after.now))).ok);
});

test('all secrets are sealed anew at once, and those that nothing opens are counted', async () => {
  const before = new FakeFactors({ secrets: [OLD] });
  const apps = new Map<string, App>();
  for (let index = 0; index < 250; index += 1) {
    apps.set(`user ${index}`, await enrolled(before, `user ${index}`));
    before.now -= STEP_MS;
  }
  const { state } = before;
  const stranger = new FakeFactors({ state, secrets: [Buffer.alloc(32, 'lost')] });
  await enrolled(stranger, 'lost');
  const rotated = new FakeFactors({ state, secrets: [NEW, OLD] });
  assert.deepEqual(await rotated.factors.reseal(), { resealed: 250, unreadable: 1 });
  assert.deepEqual(await rotated.factors.reseal(), { resealed: 0, unreadable: 1 });
  const after = new FakeFactors({ state, secrets: [NEW] });
  after.now += STEP_MS;
  for (const [account, app] of apps) {
    assert.ok((await after.factors.totp.verify(after.visit, account, app(after.now))).ok, account);
  }
});

test('a secret that nothing opens proves nothing, loudly', async () => {
  const before = new FakeFactors({ secrets: [OLD] });
  const app = await enrolled(before);
  const after = new FakeFactors({ state: before.state, secrets: [NEW] });
  after.now = before.now;
  const verdict = await after.factors.totp.verify(after.visit, 'ann', app(after.now));
  assert.deepEqual(verdict, { ok: false, reason: 'unreadable' });
  assert.ok(after.visit.eventNames.includes('crypt_decrypt_fail'));
});

test('a sealed secret moved to the row of another account opens nothing there', async () => {
  const site = new FakeFactors();
  const evesApp = await enrolled(site, 'eve');
  await enrolled(site, 'ann');
  const store = site.state.factors?.totp;
  const eves = (await store?.find('eve'))?.active;
  const anns = (await store?.find('ann'))?.active;
  assert.ok(eves !== undefined && anns !== undefined);
  assert.ok(await store?.reseal('ann', anns.id, anns.sealed, eves.sealed));
  site.now += STEP_MS;
  const verdict = await site.factors.totp.verify(site.visit, 'ann', evesApp(site.now));
  assert.deepEqual(verdict, { ok: false, reason: 'unreadable' });
});
