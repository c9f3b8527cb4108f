import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SoftAuthenticator } from '../../../test/support/authenticator.ts';
import { fromBase32 } from '../../../test/support/base32.ts';
import { FakeFactors } from '../../../test/support/second-factors.ts';
import { START } from '../../../test/support/sessions.ts';
import { BROWSER_COOKIE } from './browser-cookie.ts';
import { oneTimeCode, timeStep } from './totp-code.ts';

const DAY = 86_400_000;

/** A browser that keeps its device cookie. */
class Browser {
  cookie: string | undefined;
  readonly site: FakeFactors;

  constructor(site: FakeFactors) {
    this.site = site;
  }

  async remember(account = 'ann'): Promise<this> {
    this.keep(await this.site.factors.rememberedBrowsers.remember(this.site.visit, account, 'a browser'));
    return this;
  }

  async signIn(account = 'ann'): Promise<boolean> {
    const verdict = await this.site.factors.rememberedBrowsers.recognise(
      this.site.visit,
      account,
      this.cookie,
    );
    if (verdict.setCookie !== undefined) this.keep(verdict.setCookie);
    return verdict.ok;
  }

  keep(setCookie: string): void {
    const pair = setCookie.split(';')[0] ?? '';
    this.cookie = pair === `${BROWSER_COOKIE}=` ? undefined : pair;
  }
}

test('a device that was remembered passes, again and again, with a new cookie each time', async () => {
  const site = new FakeFactors();
  const browser = await new Browser(site).remember();
  const cookies = new Set([browser.cookie]);
  for (let index = 0; index < 5; index += 1) {
    assert.ok(await browser.signIn());
    cookies.add(browser.cookie);
    site.now += DAY;
  }
  assert.equal(cookies.size, 6);
  assert.equal((await site.factors.rememberedBrowsers.list('ann', browser.cookie)).length, 1);
});

test('a browser without the cookie does not pass, nor one with a cookie that was made up', async () => {
  const site = new FakeFactors();
  await new Browser(site).remember();
  const stranger = new Browser(site);
  assert.ok(!(await stranger.signIn()));
  assert.equal(stranger.cookie, undefined);
  stranger.cookie = `${BROWSER_COOKIE}=${'a'.repeat(22)}.${'b'.repeat(32)}`;
  assert.ok(!(await stranger.signIn()));
  assert.equal(stranger.cookie, undefined);
});

test('passes for the account it was remembered for, and for no other', async () => {
  const site = new FakeFactors();
  const browser = await new Browser(site).remember('ann');
  assert.ok(!(await browser.signIn('bob')));
  assert.ok(await browser.signIn('ann'));
});

test('ends after 30 days, however often it is used', async () => {
  const site = new FakeFactors();
  const browser = await new Browser(site).remember();
  for (let day = 1; day < 30; day += 1) {
    site.now = START + day * DAY;
    assert.ok(await browser.signIn(), `day ${day}`);
  }
  site.now = START + 30 * DAY - 1;
  assert.ok(await browser.signIn());
  site.now = START + 30 * DAY;
  assert.ok(!(await browser.signIn()));
  assert.equal(browser.cookie, undefined);
  assert.deepEqual(await site.factors.rememberedBrowsers.list('ann'), []);
});

test('a cookie never outlives its device', async () => {
  const site = new FakeFactors();
  const browser = await new Browser(site).remember();
  site.now += 10 * DAY;
  const { setCookie } = await site.factors.rememberedBrowsers.recognise(site.visit, 'ann', browser.cookie);
  assert.match(setCookie ?? '', new RegExp(`Max-Age=${20 * 86_400}$`));
});

test('a copied cookie is found out when both are used: neither passes then', async () => {
  const site = new FakeFactors();
  const owner = await new Browser(site).remember();
  const thief = new Browser(site);
  thief.cookie = owner.cookie;
  assert.ok(await thief.signIn());
  site.now += DAY;
  assert.ok(!(await owner.signIn()));
  assert.match(site.visit.lastEvent, /^authn_token_reuse .*"account":"ann"/);
  assert.ok(!(await thief.signIn()));
});

test('v5.0.0-15.4.2 of a form sent twice one half passes, and nobody is called a thief', async () => {
  const site = new FakeFactors();
  const browser = await new Browser(site).remember();
  const twin = new Browser(site);
  twin.cookie = browser.cookie;
  const verdicts = await Promise.all([browser.signIn(), twin.signIn()]);
  assert.deepEqual(verdicts.toSorted(), [false, true]);
  assert.ok(!site.visit.eventNames.includes('authn_token_reuse'));
  site.now += DAY;
  assert.ok(await browser.signIn());
});

test('v5.0.0-6.5.6 devices are forgotten one by one and all at once', async () => {
  const site = new FakeFactors();
  const [laptop, phone, tablet] = await Promise.all([1, 2, 3].map(() => new Browser(site).remember()));
  assert.ok(laptop !== undefined && phone !== undefined && tablet !== undefined);
  const { rememberedBrowsers: devices } = site.factors;
  const own = (await devices.list('ann', laptop.cookie)).find(({ current }) => current);
  assert.ok(own !== undefined);
  assert.ok(!(await devices.forget(site.visit, 'bob', own.id)));
  assert.match(site.visit.lastEvent, /^malicious_direct_reference .*"account":"bob"/);
  assert.ok(await devices.forget(site.visit, 'ann', own.id));
  assert.ok(!(await laptop.signIn()));
  assert.ok(await phone.signIn());
  assert.equal(await devices.forgetAll(site.visit, 'ann'), 2);
  assert.ok(!(await phone.signIn()) && !(await tablet.signIn()));
});

test('lists what a person knows a device by, and none of what opens anything', async () => {
  const site = new FakeFactors();
  const browser = await new Browser(site).remember();
  const [listed] = await site.factors.rememberedBrowsers.list('ann', browser.cookie);
  assert.deepEqual(listed, {
    id: browser.cookie?.slice(BROWSER_COOKIE.length + 1, BROWSER_COOKIE.length + 23),
    createdAt: START,
    usedAt: START,
    expiresAt: START + 30 * DAY,
    address: '192.0.2.1',
    userAgent: 'a browser',
    current: true,
  });
});

test('keeps the newest twenty devices, and a user agent of any kind', async () => {
  const site = new FakeFactors();
  const first = await new Browser(site).remember();
  for (let index = 0; index < 20; index += 1) {
    site.now += 1;
    await site.factors.rememberedBrowsers.remember(site.visit, 'ann', `\ud800${'x'.repeat(10_000)}`);
  }
  await site.factors.rememberedBrowsers.remember(site.visit, 'bob', undefined);
  assert.ok(!(await first.signIn()));
  const devices = await site.factors.rememberedBrowsers.list('ann');
  assert.equal(devices.length, 20);
  assert.ok(devices.every(({ userAgent }) => userAgent.length === 256 && userAgent.isWellFormed()));
});

test('what was remembered with a factor ends with it', async () => {
  const changes: ((site: FakeFactors) => Promise<unknown>)[] = [
    async ({ factors, visit, now }) => {
      const { secret } = await factors.totp.enrol('ann', 'ann');
      const code = oneTimeCode(fromBase32(secret), timeStep(now));
      assert.ok((await factors.totp.confirm(visit, 'ann', code)).ok);
    },
    async ({ factors, visit }) => {
      const device = new SoftAuthenticator();
      const options = await factors.passkeys.registrationOptions(visit, { account: 'ann', name: 'ann' });
      await factors.passkeys.register(visit, 'ann', device.create(options), 'Key');
      assert.equal((await factors.rememberedBrowsers.list('ann')).length, 1);
      assert.ok(await factors.passkeys.remove(visit, 'ann', device.id));
    },
    ({ factors, visit }) => factors.totp.remove(visit, 'ann'),
    ({ factors, visit }) => factors.recoveryCodes.create(visit, 'ann'),
    ({ factors, visit }) => factors.removeAccount(visit, 'ann'),
  ];
  for (const change of changes) {
    const site = new FakeFactors();
    const browser = await new Browser(site).remember();
    await change(site);
    assert.ok(!(await browser.signIn()), change.toString());
  }
});
