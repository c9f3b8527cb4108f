import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { CLIENT_ID, CLIENT_SECRET, json, OpenIdProvider } from '../../../test/support/openid-provider.ts';
import { FakeOthers, ORIGIN, outcome, providerAt } from '../../../test/support/sign-in-providers.ts';
import { FakeVisit } from '../../../test/support/second-factors.ts';
import { as } from '../../../test/support/sessions.ts';
import type { OidcVisit } from './oidc.ts';
import { hashSessionId } from '../../controls/sessions/session-cookie.ts';

let home: OpenIdProvider;
let other: OpenIdProvider;

before(async () => {
  home = await OpenIdProvider.start();
  other = await OpenIdProvider.start();
});
beforeEach(() => {
  home.reset();
  other.reset();
});
after(() => {
  home.stop();
  other.stop();
});

function application(options: ConstructorParameters<typeof FakeOthers>[1] = {}): FakeOthers {
  return new FakeOthers({ home: providerAt(home.issuer), other: providerAt(other.issuer) }, options);
}

/** A sign-in at the provider as it is now, in a word. */
async function signIn(site: FakeOthers = application()): Promise<string> {
  const browser = site.browser();
  return outcome(await site.finish(browser, await home.authorize(await site.url(browser))));
}

test('v5.0.0-10.5.2 says who came back, by issuer and subject, and where they wanted to go', async () => {
  const site = application();
  const browser = site.browser();
  const url = await site.url(browser, 'home', { purpose: 'sign-in', next: '/notes?page=2' });
  assert.deepEqual(await site.finish(browser, await home.authorize(url)), {
    ok: true,
    provider: 'home',
    issuer: home.issuer,
    subject: 'ann',
    email: 'ann@example.com',
    emailVerified: true,
    name: 'Ann',
    provedAt: undefined,
    purpose: 'sign-in',
    account: undefined,
    next: '/notes?page=2',
    stay: false,
  });
  const staying = await site.url(browser, 'home', { purpose: 'sign-in', stay: true });
  const back = await site.finish(browser, await home.authorize(staying));
  assert.ok(back.ok && back.stay && !staying.includes('stay'));
  assert.equal(site.lastEvent, 'authn_login_success {"factor":"oidc","provider":"home","purpose":"sign-in"}');
});

test('v5.0.0-6.8.1 one subject at two providers is two people', async () => {
  const site = application();
  const browser = site.browser();
  const issuers: string[] = [];
  for (const [name, provider] of Object.entries({ home, other })) {
    const verdict = await site.finish(browser, await provider.authorize(await site.url(browser, name)), name);
    assert.ok(verdict.ok);
    issuers.push(verdict.issuer);
  }
  assert.deepEqual(issuers, [home.issuer, other.issuer]);
});

test('v5.0.0-10.1.2 each attempt has a state, a nonce and a challenge of its own', async () => {
  const site = application();
  const browser = site.browser();
  const seen = new Set<string>();
  for (let index = 0; index < 4; index += 1) {
    const query = new URL(await site.url(browser)).searchParams;
    assert.equal(query.get('redirect_uri'), `${ORIGIN}/login/with/home/callback`);
    assert.equal(query.get('scope'), 'openid email profile');
    assert.equal(query.get('code_challenge_method'), 'S256');
    for (const name of ['state', 'nonce', 'code_challenge']) {
      const value = query.get(name) ?? '';
      assert.ok(Buffer.from(value, 'base64url').byteLength >= 24, name);
      seen.add(value);
    }
  }
  assert.equal(seen.size, 12);
});

test('proves itself by Basic, or in the form where the provider or the policy says so', async () => {
  assert.equal(await signIn(), 'ok ann');
  assert.ok(home.asked.some(({ path, authorization }) => path === '/token' && authorization !== undefined));
  home.metadata = { token_endpoint_auth_methods_supported: ['client_secret_post'] };
  home.asked.length = 0;
  assert.equal(await signIn(), 'ok ann');
  const byForm = home.asked.find(({ path }) => path === '/token');
  assert.deepEqual([byForm?.authorization, byForm?.form['client_secret']], [undefined, CLIENT_SECRET]);
  home.metadata = {};
  const post = new FakeOthers({ home: { ...providerAt(home.issuer), clientAuthentication: 'post' } });
  assert.equal(await signIn(post), 'ok ann');
  assert.equal(home.asked.findLast(({ path }) => path === '/token')?.form['client_id'], CLIENT_ID);
});

test('an answer works once, whoever sends it again', async () => {
  const site = application();
  const browser = site.browser();
  const callback = await home.authorize(await site.url(browser));
  assert.equal(outcome(await site.finish(browser, callback)), 'ok ann');
  assert.equal(outcome(await site.finish(browser, callback)), 'expired');
  assert.equal(home.paths.filter((path) => path === '/token').length, 1);
});

test('of one answer that comes twice at once exactly one signs in', async () => {
  const site = application();
  const browser = site.browser();
  const callback = await home.authorize(await site.url(browser));
  const both = await Promise.all([site.finish(browser, callback), site.finish(browser, callback)]);
  assert.deepEqual(both.map(outcome).toSorted(), ['expired', 'ok ann']);
});

test('a code that was used elsewhere signs nobody in', async () => {
  const site = application();
  const browser = site.browser();
  const used = await home.authorize(await site.url(browser));
  assert.equal(outcome(await site.finish(browser, used)), 'ok ann');
  const fresh = new URL(await home.authorize(await site.url(browser)));
  fresh.searchParams.set('code', new URL(used).searchParams.get('code') ?? '');
  assert.equal(outcome(await site.finish(browser, fresh.href)), 'invalid');
  assert.match(site.lastEvent, /"detail":"invalid_grant"/);
});

test("v5.0.0-10.5.1 an attacker's code in a victim's attempt fails at the verifier, and at the nonce", async () => {
  const site = application();
  const [attacker, victim] = [site.browser(), site.browser()];
  const caught = new URL(await home.authorize(await site.url(attacker))).searchParams.get('code') ?? '';
  const injected = new URL(await home.authorize(await site.url(victim)));
  injected.searchParams.set('code', caught);
  assert.equal(outcome(await site.finish(victim, injected.href)), 'invalid');
  home.claims = { nonce: 'of another attempt' };
  assert.equal(await signIn(site), 'invalid');
  home.claims = { nonce: undefined };
  assert.equal(await signIn(site), 'invalid');
});

test("v5.0.0-10.2.1 a link with an attacker's state signs a victim in to nothing", async () => {
  const site = application();
  const attacker = site.browser();
  const callback = await home.authorize(await site.url(attacker));
  assert.equal(outcome(await site.finish(site.browser(), callback)), 'expired');
  const victim = site.browser();
  await victim.visit(as('bob'));
  assert.equal(outcome(await site.finish(victim, callback)), 'expired');
  assert.equal(home.paths.includes('/token'), false);
  // The attacker's own attempt is not used up by it.
  assert.equal(outcome(await site.finish(attacker, callback)), 'ok ann');
});

test('an attempt works for ten minutes', async () => {
  const site = application();
  const browser = site.browser();
  const inTime = await home.authorize(await site.url(browser));
  const late = await home.authorize(await site.url(browser));
  site.site.now += 599_999;
  assert.equal(outcome(await site.finish(browser, inTime)), 'ok ann');
  site.site.now += 1;
  assert.equal(outcome(await site.finish(browser, late)), 'expired');
});

test('five tabs can be at providers at once; a sixth takes the place of the first', async () => {
  const site = application();
  const browser = site.browser();
  const callbacks: string[] = [];
  for (let tab = 0; tab < 6; tab += 1) {
    site.site.now += 1;
    callbacks.push(await home.authorize(await site.url(browser)));
  }
  const came: string[] = [];
  for (const callback of callbacks) came.push(outcome(await site.finish(browser, callback)));
  assert.deepEqual(came, ['expired', ...Array.from({ length: 5 }, () => 'ok ann')]);
});

test('v5.0.0-10.2.2 an answer of one provider is none of another', async () => {
  const site = application();
  const browser = site.browser();
  // Begun with the attacker's, who sends the browser on to the honest one: RFC 9700, 4.4.
  const state = new URL(await site.url(browser, 'other')).searchParams.get('state') ?? '';
  const atHome = `/login/with/home/callback?code=c&state=${state}&iss=${encodeURIComponent(home.issuer)}`;
  assert.equal(outcome(await site.finish(browser, atHome, 'home')), 'mix-up');
  const again = new URL(await site.url(browser, 'other')).searchParams.get('state') ?? '';
  const atOther = `/login/with/other/callback?code=c&state=${again}&iss=${encodeURIComponent(home.issuer)}`;
  assert.equal(outcome(await site.finish(browser, atOther, 'other')), 'mix-up');
  assert.equal([...home.paths, ...other.paths].includes('/token'), false);
});

test('an answer that does not say who it is from is refused where the provider announces that it does', async () => {
  home.callback = { iss: undefined };
  assert.equal(await signIn(), 'mix-up');
  assert.equal(home.paths.includes('/token'), false);
  home.metadata = { authorization_response_iss_parameter_supported: false };
  assert.equal(await signIn(), 'ok ann');
});

test('links to the account that began it, while it is signed in', async () => {
  const site = application();
  const browser = site.browser();
  assert.deepEqual(await site.begin(browser, 'home', { purpose: 'link' }), {
    ok: false,
    reason: 'not-signed-in',
  });
  await browser.visit(as('bob'));
  const url = await site.url(browser, 'home', { purpose: 'link', next: '/account' });
  const verdict = await site.finish(browser, await home.authorize(url));
  assert.ok(verdict.ok);
  assert.deepEqual([verdict.purpose, verdict.account, verdict.next], ['link', 'bob', '/account']);
});

test('links to nobody else who signed in meanwhile, and to nobody who signed out', async () => {
  const site = application();
  const browser = site.browser();
  await browser.visit(as('bob'));
  const callback = await home.authorize(await site.url(browser, 'home', { purpose: 'link' }));
  await browser.visit(as('carol'));
  assert.equal(outcome(await site.finish(browser, callback)), 'expired');
  await browser.visit((session) => session.signOut());
  assert.equal(outcome(await site.finish(browser, callback)), 'expired');
});

test('asks who is signed in now, whatever the session was when the attempt began', async () => {
  const site = application();
  home.claims = { auth_time: site.site.now / 1000 };
  for (const [now, reason, purpose] of [
    ['bob', 'ok ann', 'link'],
    ['carol', 'other-account', 'link'],
    [undefined, 'not-signed-in', 'link'],
    ['bob', 'ok ann', 'again'],
    ['carol', 'other-account', 'again'],
    [undefined, 'not-signed-in', 'again'],
  ] as const) {
    const slots = new Map<string, unknown>();
    const { session, audit } = new FakeVisit(() => site.site.now);
    const visit = (account: string | undefined): OidcVisit => ({
      audit,
      session: {
        ...session,
        principal: account === undefined ? undefined : { account },
        get: (key) => slots.get(key),
        set: async (key, value) => void slots.set(key, value),
        delete: async (key) => void slots.delete(key),
      },
    });
    const begun = await site.others.begin(visit('bob'), 'home', { purpose });
    assert.ok(begun.ok);
    home.asked.length = 0;
    const verdict = await site.others.finish(visit(now), 'home', await home.authorize(begun.url));
    assert.equal(outcome(verdict), reason);
    assert.equal(home.paths.includes('/token'), verdict.ok);
  }
});

test('what people say no to at the provider is not an alarm', async () => {
  home.callback = { code: undefined, error: 'access_denied', error_description: 'a text of the provider' };
  const site = application();
  assert.equal(await signIn(site), 'denied');
  assert.deepEqual(site.eventNames, ['authn_login_fail']);
  for (const [error, reason] of [
    ['server_error', 'unavailable'],
    ['unauthorized_client', 'invalid'],
    ['<script>alert(1)</script>', 'invalid'],
  ] as const) {
    home.callback = { code: undefined, error };
    assert.equal(await signIn(site), reason);
    // Anyone can write an error into the address of an attempt of their own: it must wake nobody.
    assert.equal(site.events.at(-2)?.event, 'authn_login_fail');
  }
  assert.doesNotMatch(JSON.stringify(site.events), /script>|a text of the provider/);
});

test('asks for the address where the ID token has none, and uses nothing that is said of another subject', async () => {
  home.metadata = { userinfo_endpoint: `${home.issuer}/userinfo` };
  home.claims = { email: undefined, email_verified: true };
  home.answers.set('/userinfo', (request, response) => {
    assert.equal(request.headers.authorization, 'Bearer opaque');
    json(response, { sub: 'ann', email: 'ann@example.org' });
  });
  const site = application();
  const browser = site.browser();
  const verdict = await site.finish(browser, await home.authorize(await site.url(browser)));
  assert.ok(verdict.ok);
  // What the ID token says was verified is another address.
  assert.deepEqual([verdict.email, verdict.emailVerified], ['ann@example.org', false]);
  home.answers.set('/userinfo', (_request, response) =>
    json(response, { sub: 'bob', email: 'b@example.org' }),
  );
  const other = await site.finish(browser, await home.authorize(await site.url(browser)));
  assert.ok(other.ok);
  assert.deepEqual([other.subject, other.email, other.emailVerified], ['ann', undefined, false]);
});

test('goes on to pages of this site alone', async () => {
  for (const next of ['https://evil.example/', '//evil.example', '/\\evil.example', ['/notes'], undefined]) {
    const site = application();
    const browser = site.browser();
    const url = await site.url(browser, 'home', { purpose: 'sign-in', next });
    const verdict = await site.finish(browser, await home.authorize(url));
    assert.ok(verdict.ok);
    assert.equal(verdict.next, undefined);
  }
});

test('what was never an answer asks nobody', async () => {
  const site = application();
  const browser = site.browser();
  const callback = await home.authorize(await site.url(browser));
  const state = new URL(callback).searchParams.get('state') ?? '';
  home.asked.length = 0;
  for (const text of [
    '/login/with/home/callback',
    '/login/with/home/callback?code=c',
    `${callback}&state=${state}`,
    `${callback}&code=another`,
    `${callback}&x=${'a'.repeat(9000)}`,
  ]) {
    assert.equal(outcome(await site.finish(browser, text)), 'malformed', text.slice(0, 80));
  }
  assert.equal(outcome(await site.finish(browser, callback, 'nobody')), 'unknown-provider');
  assert.equal(outcome(await site.finish(browser, callback, '__proto__')), 'unknown-provider');
  assert.equal(site.lastEvent, 'authn_login_fail {"factor":"oidc","reason":"unknown-provider"}');
  assert.equal(outcome(await site.finish(browser, '/x?state=short&code=c')), 'expired');
  assert.deepEqual(await site.begin(browser, 'nobody'), { ok: false, reason: 'unknown-provider' });
  assert.deepEqual(home.asked, []);
});

test('the address that was asked for does not choose where the code is sent', async () => {
  const site = application();
  const browser = site.browser();
  const { search } = new URL(await home.authorize(await site.url(browser)));
  const verdict = await site.finish(browser, `http://evil.example/elsewhere${search}#fragment`);
  assert.equal(outcome(verdict), 'ok ann');
});

test('v5.0.0-10.1.1 (in part) no code, token, secret or claim is in the log or in the store of sessions', async () => {
  const site = application();
  const browser = site.browser();
  const callback = await home.authorize(await site.url(browser));
  const { code = '', state = '' } = Object.fromEntries(new URL(callback).searchParams);
  const record = await site.site.store.find(hashSessionId(browser.id ?? ''), site.site.now);
  const { data = '' } = record ?? {};
  assert.ok(data.includes('verifier') && !data.includes(state));
  home.claims = { nonce: 'of another attempt' };
  assert.equal(outcome(await site.finish(browser, callback)), 'invalid');
  const log = JSON.stringify([site.events, site.site.events]);
  for (const secret of [code, state, CLIENT_SECRET, 'ann@', 'eyJ', 'of another']) {
    assert.ok(secret !== '' && !log.includes(secret), secret);
  }
});

test('v5.0.0-7.5.3 asks the provider to have someone sign in anew, and believes its token alone', async () => {
  const site = application();
  const browser = site.browser();
  const again = { purpose: 'again' } as const;
  assert.deepEqual(await site.begin(browser, 'home', again), { ok: false, reason: 'not-signed-in' });
  await browser.visit(as('bob'));
  const comeBack = async (authTime: unknown): Promise<string> => {
    home.claims = { auth_time: authTime };
    const url = await site.url(browser, 'home', again);
    const { searchParams } = new URL(url);
    assert.deepEqual([searchParams.get('prompt'), searchParams.get('max_age')], ['login', '0']);
    return outcome(await site.finish(browser, await home.authorize(url)));
  };
  const now = site.site.now / 1000;
  assert.equal(await comeBack(now), 'ok ann');
  // Half a minute by which its clock may be behind ours, and no more.
  assert.equal(await comeBack(now - 30), 'ok ann');
  for (const early of [now - 31, 0, undefined])
    assert.equal(await comeBack(early), 'not-fresh', String(early));
  assert.equal(await signIn(site), 'ok ann');
});
