/** A provider that others wrote, `oidc-provider`, with a person who fills in its forms. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { Provider } from 'oidc-provider';
import { CLIENT_ID, CLIENT_SECRET } from '../../../test/support/openid-provider.ts';
import { FakeOthers, ORIGIN, outcome, providerAt } from '../../../test/support/sign-in-providers.ts';
import { as } from '../../../test/support/sessions.ts';

let server: Server;
let issuer: string;

before(async () => {
  server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { warn } = console;
  console.warn = () => undefined; // that this is for development
  const provider = new Provider(issuer, configuration());
  console.warn = warn;
  server.on('request', provider.callback());
});
after(() => {
  server.close();
  server.closeAllConnections();
});

function configuration(): Readonly<Record<string, unknown>> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const claims = { email: 'ann@example.com', email_verified: true, name: 'Ann' };
  return {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: [`${ORIGIN}/login/with/home/callback`],
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, ...claims }),
    }),
    pkce: { required: () => true },
    ttl: { AccessToken: 60, Grant: 600, IdToken: 300, Interaction: 600, Session: 600 },
    cookies: { keys: ['only for a test'] },
  };
}

/** A browser at the provider: it keeps cookies, follows redirects, and fills in what it is asked. */
class Person {
  readonly #jar = new Map<string, string>();

  /** Where the provider sends them back to. Undefined in place of a login: they say no. */
  async goThrough(url: string, login: string | undefined): Promise<string> {
    let next = url;
    for (let step = 0; step < 12; step += 1) {
      if (next.startsWith(ORIGIN)) return next;
      const page = await this.#ask(next);
      if (page.location !== null) next = new URL(page.location, next).href;
      else if (login === undefined) next = `${next}/abort`;
      else next = await this.#fillIn(next, page.text, login);
    }
    throw new Error('the provider sends people round in circles');
  }

  async #fillIn(url: string, page: string, login: string): Promise<string> {
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    assert.ok(prompt !== undefined, page);
    const answer = await this.#ask(url, new URLSearchParams({ prompt, login, password: 'any' }));
    assert.ok(answer.location !== null, answer.text);
    return new URL(answer.location, url).href;
  }

  async #ask(url: string, form?: URLSearchParams): Promise<{ location: string | null; text: string }> {
    const cookie = [...this.#jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const posted = form === undefined ? {} : { method: 'POST', body: form };
    const response = await fetch(url, { ...posted, headers: { cookie }, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#jar.set(name, value);
    }
    return { location: response.headers.get('location'), text: await response.text() };
  }
}

test('signs in at oidc-provider: its forms, its code, its tokens, its UserInfo', async () => {
  const site = new FakeOthers({ home: providerAt(issuer) });
  const browser = site.browser();
  const url = await site.url(browser, 'home', { purpose: 'sign-in', next: '/notes' });
  const callback = await new Person().goThrough(url, 'ann');
  // It announces RFC 9207, and does it.
  assert.equal(new URL(callback).searchParams.get('iss'), issuer);
  assert.deepEqual(await site.finish(browser, callback), {
    ok: true,
    provider: 'home',
    issuer,
    subject: 'ann',
    email: 'ann@example.com',
    emailVerified: true,
    name: 'Ann',
    provedAt: undefined,
    purpose: 'sign-in',
    stay: false,
    account: undefined,
    next: '/notes',
  });
});

test('whom oidc-provider knows already is sent back without a form, as the same subject', async () => {
  const site = new FakeOthers({ home: providerAt(issuer) });
  const person = new Person();
  const [first, second] = [site.browser(), site.browser()];
  assert.equal(
    outcome(await site.finish(first, await person.goThrough(await site.url(first), 'bob'))),
    'ok bob',
  );
  const callback = await person.goThrough(await site.url(second), 'nobody');
  assert.equal(outcome(await site.finish(second, callback)), 'ok bob');
});

test('who says no at oidc-provider comes back denied', async () => {
  const site = new FakeOthers({ home: providerAt(issuer) });
  const browser = site.browser();
  const callback = await new Person().goThrough(await site.url(browser), undefined);
  assert.equal(outcome(await site.finish(browser, callback)), 'denied');
});

test('oidc-provider takes no code twice, and none with the verifier of another attempt', async () => {
  const site = new FakeOthers({ home: providerAt(issuer) });
  const [attacker, victim] = [site.browser(), site.browser()];
  const caught = new URL(await new Person().goThrough(await site.url(attacker), 'mallory'));
  const injected = new URL(await new Person().goThrough(await site.url(victim), 'ann'));
  injected.searchParams.set('code', caught.searchParams.get('code') ?? '');
  assert.equal(outcome(await site.finish(victim, injected.href)), 'invalid');
});

test('oidc-provider does not know us by a wrong secret', async () => {
  const site = new FakeOthers({ home: { ...providerAt(issuer), clientSecret: 'another secret' } });
  const browser = site.browser();
  const callback = await new Person().goThrough(await site.url(browser), 'ann');
  assert.equal(outcome(await site.finish(browser, callback)), 'misconfigured');
});

test('oidc-provider has whom it knows sign in anew when asked to, and says when they did', async () => {
  const site = new FakeOthers({ home: providerAt(issuer) });
  const browser = site.browser();
  const person = new Person();
  await site.finish(browser, await person.goThrough(await site.url(browser), 'ann'));
  await browser.visit(as('an account here'));
  const url = await site.url(browser, 'home', { purpose: 'again' });
  // Who does not fill in its form again does not get through.
  assert.equal(outcome(await site.finish(browser, await person.goThrough(url, undefined))), 'denied');
  const callback = await person.goThrough(await site.url(browser, 'home', { purpose: 'again' }), 'ann');
  const verdict = await site.finish(browser, callback);
  assert.ok(verdict.ok);
  assert.ok(Math.abs((verdict.provedAt ?? 0) - Date.now()) < 60_000);
});
