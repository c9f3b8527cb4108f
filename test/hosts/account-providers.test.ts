/** Sign-in with others on the account pages of every host: there, back, linked, unlinked, and all that goes wrong. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type AccountSite, mailedLink, onExpress, startAccountSite } from '../support/account-site.ts';
import { SESSION_COOKIE } from '../../src/controls/sessions/session-cookie.ts';
import { STAY_COOKIE } from '../../src/identity/mfa/browser-cookie.ts';
import { PASSWORD } from '../support/accounts.ts';
import { json, OpenIdProvider } from '../support/openid-provider.ts';
import { hasCode } from '../support/sessions.ts';
import { providerAt } from '../support/sign-in-providers.ts';
import { type Page, Visitor } from '../support/visitor.ts';
import { ACCOUNT_HOSTS } from './account-hosts.ts';

const EMAIL = 'ann@example.com';
const NAVIGATION = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' };
/** As a browser comes from another site by a link or a redirect. */
const FROM_ELSEWHERE = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };

let home: OpenIdProvider;
before(async () => {
  home = await OpenIdProvider.start();
});
beforeEach(() => {
  home.reset();
});
after(() => {
  home.stop();
});

for (const [name, host] of Object.entries(ACCOUNT_HOSTS)) {
  describe(`sign-in with others on ${name}`, () => {
    let site: AccountSite;
    before(async () => {
      site = await startAccountSite(host, {
        providers: { home: providerAt(home.issuer) },
        accounts: { staySignedIn: '30d' },
      });
    });
    after(async () => {
      await site.stop();
    });

    /** Where a page goes on to by itself. */
    const leadsTo = (page: Page): string => {
      assert.equal(page.status, 200, page.text);
      const url = /^0; url=(.*)$/.exec(page.headers.get('refresh') ?? '')?.[1] ?? '';
      assert.ok(page.text.includes(`href="${url.replaceAll('&', '&amp;')}"`), 'and a link for who stays');
      return url;
    };

    /** What the provider makes of it, and back. */
    const comeBack = async (visitor: Visitor, page: Page): Promise<Page> => {
      const { pathname, search } = new URL(await home.authorize(leadsTo(page)));
      return await visitor.get(pathname + search, FROM_ELSEWHERE);
    };

    const register = async (visitor: Visitor, email: string): Promise<void> => {
      await visitor.submit('/register', '/register', { email });
      await visitor.submit(await mailedLink(site, email), '/register/confirm', { password: PASSWORD });
    };

    test('links, signs in with it, and unlinks', async () => {
      const ann = new Visitor(site.url);
      await register(ann, EMAIL);
      const away = await ann.submit('/account', '/account/identities');
      assert.equal((await comeBack(ann, away)).location, '/account#identities');
      assert.match((await ann.get('/account')).text, /Home<\/p>\s*<p class="small">ann@example.com/);

      const elsewhere = new Visitor(site.url);
      const asked = await elsewhere.get('/secret');
      const there = await elsewhere.submit(asked.location ?? '', '/login/with/home');
      const back = await comeBack(elsewhere, there);
      assert.deepEqual([back.status, back.location], [303, '/secret']);
      assert.match((await elsewhere.get('/secret')).text, /For members/);
      // What it is not fresh enough for, it proves at the provider once more.
      const sent = await elsewhere.submit('/account', '/account/identities/remove');
      assert.match(sent.location ?? '', /^\/login\/again\?held=/);
      const led = await elsewhere.get('/account/email', NAVIGATION);
      assert.equal(led.location, '/login/again?next=%2Faccount%2Femail&need=fresh');
      const stale = await comeBack(elsewhere, await elsewhere.submit(led.location ?? '', '/login/with/home'));
      assert.equal(stale.status, 403);
      assert.match(stale.text, /does not say that you signed in anew/);
      home.claims = { auth_time: Math.floor(Date.now() / 1000) };
      const fresh = await comeBack(elsewhere, await elsewhere.submit(led.location ?? '', '/login/with/home'));
      assert.equal(fresh.location, '/account/email');
      assert.equal((await elsewhere.get('/account/email', NAVIGATION)).status, 200);

      const gone = await elsewhere.submit('/account', '/account/identities/remove');
      assert.equal(gone.location, '/account#identities');
      const stranger = new Visitor(site.url);
      const unknown = await comeBack(stranger, await stranger.submit('/login', '/login/with/home'));
      assert.equal(unknown.status, 403);
      assert.match(unknown.text, /is not linked yet/);
      assert.equal((await stranger.get('/account')).location, '/login?next=%2Faccount');
    });

    test('who ticks the box stays signed in, and no address that comes back says so', async () => {
      const bea = new Visitor(site.url);
      await register(bea, 'bea@example.com');
      home.claims = { sub: 'bea' };
      await comeBack(bea, await bea.submit('/account', '/account/identities'));
      const stays = (visitor: Visitor): boolean =>
        visitor.cookies.some((pair) => pair.startsWith(`${STAY_COOKIE}=`));
      const elsewhere = new Visitor(site.url);
      const away = await elsewhere.submit('/login', '/login/with/home', { stay: 'yes' });
      assert.doesNotMatch(leadsTo(away), /stay/);
      assert.equal((await comeBack(elsewhere, away)).location, '/secret');
      assert.ok(stays(elsewhere));
      elsewhere.forget(SESSION_COOKIE);
      assert.equal((await elsewhere.get('/login')).location, '/secret');

      const other = new Visitor(site.url);
      const url = new URL(await home.authorize(leadsTo(await other.submit('/login', '/login/with/home'))));
      const back = await other.get(`${url.pathname}${url.search}&stay=yes`, FROM_ELSEWHERE);
      assert.deepEqual([back.location, stays(other)], ['/secret', false]);
    });

    test('says what went wrong, and signs nobody in', async () => {
      const visitor = new Visitor(site.url);
      const back = async (): Promise<Page> =>
        await comeBack(visitor, await visitor.submit('/login', '/login/with/home'));
      home.callback = { code: undefined, error: 'access_denied' };
      const denied = await back();
      assert.deepEqual([denied.status, /You turned back/.test(denied.text)], [403, true]);
      home.reset();
      home.signature = 'stranger';
      const forged = await back();
      assert.deepEqual([forged.status, /does not hold/.test(forged.text)], [403, true]);
      home.reset();
      home.answers.set('/token', (_request, response) => json(response, {}, 503));
      const gone = await back();
      assert.deepEqual([gone.status, /does not answer/.test(gone.text)], [503, true]);
      const made = await visitor.get('/login/with/home/callback?code=x&state=y&iss=z', FROM_ELSEWHERE);
      assert.deepEqual([made.status, /was used before/.test(made.text)], [403, true]);
      assert.equal((await visitor.get('/secret')).status, 303);
    });

    test('who only looks ahead uses no answer up', async () => {
      const visitor = new Visitor(site.url);
      const page = await visitor.submit('/login', '/login/with/home');
      const { pathname, search } = new URL(await home.authorize(leadsTo(page)));
      assert.equal((await visitor.head(pathname + search)).status, 303);
      assert.match((await visitor.get(pathname + search, FROM_ELSEWHERE)).text, /is not linked yet/);
    });

    test('no other site begins to sign in or to link, and who is nobody links nothing', async () => {
      const visitor = new Visitor(site.url);
      for (const path of ['/login/with/home', '/account/identities'])
        assert.equal((await visitor.post(path, { provider: 'home' }, FROM_ELSEWHERE)).status, 403);
      assert.equal((await visitor.post('/account/identities', { provider: 'home' })).status, 401);
      assert.equal((await visitor.post('/login/with/nobody', {})).status, 404);
      assert.equal(home.paths.length, 0);
    });

    test('none of it was a crash', () => {
      assert.deepEqual(
        site.events.filter(({ event }) => event === 'sys_crash'),
        [],
      );
    });
  });
}

test('a path of providers at which there is another page is refused at the start', async () => {
  for (const path of ['/login/code', '/account/home', '/reset'] as const) {
    const providers = { home: { ...providerAt(home.issuer), path } };
    await assert.rejects(
      startAccountSite(onExpress, { providers }),
      hasCode('ERR_BULWARK_INVALID_OPTION'),
      path,
    );
  }
});
