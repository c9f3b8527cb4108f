/** Who stays signed in, on every host: by the sign-in page, and by nothing that another site or another browser sends. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { SESSION_COOKIE } from '../../src/controls/sessions/session-cookie.ts';
import { STAY_COOKIE } from '../../src/identity/mfa/browser-cookie.ts';
import { type AccountHost, type AccountSite, MEMBERS, startAccountSite } from '../support/account-site.ts';
import { PASSWORD } from '../support/accounts.ts';
import { challengeIn, Device } from '../support/device.ts';
import { type Page, Visitor } from '../support/visitor.ts';
import { ACCOUNT_HOSTS } from './account-hosts.ts';

const EMAIL = 'ada@example.com';
const BOX = /name="stay" value="yes"/;

for (const [name, host] of Object.entries(ACCOUNT_HOSTS)) {
  describe(`staying signed in on ${name}`, () => {
    test('a box that is ticked leads on where one was, however long the session is over', async (t) => {
      const { site, ada, line } = await begin(t, host);
      assert.match(
        line,
        /^__Host-stay=[\w-]{22}\.[\w-]{32}; Max-Age=2592000; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
      );
      ada.forget(SESSION_COOKIE);
      const asked = await ada.get('/secret');
      assert.deepEqual([asked.status, asked.location], [303, '/login?next=%2Fsecret']);
      const before = cookieOf(ada, STAY_COOKIE);
      const led = await ada.get('/login?next=%2Fsecret');
      assert.deepEqual([led.status, led.location], [303, '/secret']);
      assert.match((await ada.get('/secret')).text, new RegExp(MEMBERS));
      assert.notEqual(cookieOf(ada, STAY_COOKIE), before);
      assert.match((await ada.get('/account')).text, /Stays signed in/);
      // No fresh proof: what asks for one asks.
      assert.match((await ada.get('/account/email')).location ?? '', /^\/login\/again/);
      assert.ok(!site.events.some(({ event }) => event === 'sys_crash'));
    });

    test('two tabs that open at once have one session, and one token', async (t) => {
      const { site, ada } = await begin(t, host);
      ada.forget(SESSION_COOKIE);
      const tab = ada.twin();
      const [one, other] = await Promise.all([
        ada.get('/login?next=%2Fsecret'),
        tab.get('/login?next=%2Faccount'),
      ]);
      assert.deepEqual([one.location, other.location], ['/secret', '/account']);
      assert.deepEqual(ada.cookies.toSorted(), tab.cookies.toSorted());
      const begun = site.events.filter(({ event }) => event === 'authn_login_success');
      assert.equal(begun.filter(({ details }) => details?.['means'] === 'stay').length, 1);
    });

    test('a copied cookie that comes back later signs out that browser, and nobody else in', async (t) => {
      let now = Date.now();
      const { site, ada } = await begin(t, host, () => now);
      const thief = ada.twin();
      thief.forget(SESSION_COOKIE);
      ada.forget(SESSION_COOKIE);
      assert.equal((await ada.get('/login')).location, '/secret');
      assert.equal((await ada.get('/secret')).status, 200);
      now += 120_000;
      const refused = await thief.get('/login');
      assert.deepEqual([refused.status, BOX.test(refused.text)], [200, true]);
      assert.equal(cookieOf(thief, STAY_COOKIE), undefined);
      assert.equal((await ada.get('/secret')).status, 303);
      assert.equal((await ada.get('/login')).status, 200);
      const alarm = site.events.find(({ event }) => event === 'authn_token_reuse');
      assert.equal(alarm?.level, 'critical');
    });

    test('a device is called what its owner calls it, as text', async (t) => {
      const { ada } = await begin(t, host);
      const named = await ada.submit('/account', '/account/sessions/name', {
        device: `<b>Ada's</b> "phone"`,
      });
      assert.deepEqual([named.status, named.location], [303, '/account']);
      const { text } = await ada.get('/account');
      assert.match(text, /<p class="device">\s*&lt;b&gt;Ada&#39;s&lt;\/b&gt; &quot;phone&quot;/);
      assert.match(text, /Firefox on Linux/);
    });

    test('signing out ends it, and the list of devices does', async (t) => {
      const { site, ada } = await begin(t, host);
      const elsewhere = new Visitor(site.url);
      await elsewhere.submit('/login', '/login', { email: EMAIL, password: PASSWORD, stay: 'yes' });
      elsewhere.forget(SESSION_COOKIE);
      // Its session is over by itself: it is in the list all the same, until it is ended there.
      const [account] = await site.accountStore.after(undefined, 1);
      const [last] = await site.sessions.list(account?.id ?? '', Date.now());
      await site.sessions.revoke(last?.idHash ?? '');
      const list = await ada.get('/account');
      assert.match(list.text, /Signed in again by itself until/);
      assert.equal((await ada.submit('/account', '/account/sessions/revoke')).location, '/account');
      assert.equal((await elsewhere.get('/login')).status, 200);
      await ada.submit('/account', '/logout');
      assert.equal(cookieOf(ada, STAY_COOKIE), undefined);
      assert.equal((await ada.get('/login')).status, 200);
    });
  });
}

interface Beginning {
  readonly site: AccountSite;
  readonly ada: Visitor;
  /** What was set by the sign-in. */
  readonly line: string;
}

async function begin(t: TestContext, host: AccountHost, clock: () => number = Date.now): Promise<Beginning> {
  const site = await startAccountSite(host, { clock, accounts: { staySignedIn: '30d' } });
  t.after(() => site.stop());
  const ada = new Visitor(site.url);
  await ada.register(EMAIL, PASSWORD);
  await ada.submit('/account', '/logout');
  const page = await ada.get('/login');
  assert.match(page.text, BOX);
  assert.match(page.text, /Stay signed in here for 30 days/);
  const signedIn = await ada.submit('/login', '/login', { email: EMAIL, password: PASSWORD, stay: 'yes' });
  assert.equal(signedIn.location, '/secret');
  const line = signedIn.headers.getSetCookie().find((one) => one.startsWith(`${STAY_COOKIE}=`)) ?? '';
  return { site, ada, line };
}

function cookieOf(visitor: Visitor, name: string): string | undefined {
  return visitor.cookies.find((pair) => pair.startsWith(`${name}=`));
}

test('a device that is bound by who stays signed in counts once somebody has proved there who they are', async (t) => {
  const site = await startAccountSite(undefined, {
    session: { deviceBound: 'enforce' },
    accounts: { staySignedIn: '30d' },
    routes: { '/secret': { require: 'signed-in' }, '/files': { require: { deviceBound: true } } },
  });
  t.after(() => site.stop());
  const ada = new Visitor(site.url);
  await ada.register(EMAIL, PASSWORD);
  await ada.submit('/account', '/logout');
  await ada.submit('/login', '/login', { email: EMAIL, password: PASSWORD, stay: 'yes' });
  const thief = new Visitor(site.url);
  thief.keep([`${cookieOf(ada, STAY_COOKIE)}; Path=/; Secure`]);
  const led = await thief.get('/login?next=%2Fsecret');
  assert.equal(led.location, '/secret');
  await bind(thief, led);
  assert.equal((await thief.get('/secret')).status, 200);
  const asked = await thief.get('/files');
  assert.deepEqual([asked.status, asked.location], [303, '/login/again?next=%2Ffiles&need=fresh']);

  // Whoever knows the password is the owner, on the device that is theirs from here.
  const again = await thief.submit('/login/again?next=%2Ffiles&need=fresh', '/login/again', {
    password: PASSWORD,
  });
  assert.equal(again.location, '/files');
  await bind(thief, again);
  assert.equal((await thief.get('/files')).status, 200);
});

/** As a browser does that can, with a key of its own. */
async function bind(visitor: Visitor, { headers }: Page): Promise<void> {
  const challenge = challengeIn(headers.get('secure-session-registration'));
  const proof = new Device().register(challenge);
  const bound = await visitor.post(
    '/-/device/register',
    {},
    {
      'sec-fetch-site': 'same-origin',
      'secure-session-response': proof,
    },
  );
  assert.equal(bound.status, 200);
}
