/** The pages of accounts below a base path of the application's choice, on every host. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type AccountSite, mailedLink, startAccountSite } from '../support/account-site.ts';
import { PASSWORD } from '../support/accounts.ts';
import { OpenIdProvider } from '../support/openid-provider.ts';
import { providerAt } from '../support/sign-in-providers.ts';
import { type Page, Visitor } from '../support/visitor.ts';
import { ACCOUNT_HOSTS } from './account-hosts.ts';

const EMAIL = 'ann@example.com';
const BASE = '/-';
const MINUTE = 60_000;

/** Every address of this site that a page leads to, by whatever means. */
function addressesIn({ text }: Page): readonly string[] {
  const named = /\s(?:href|action|src|data-options|data-verify)="(\/[^"]*)"/g;
  return [...text.matchAll(named)].map(([, path]) => (path ?? '').replaceAll('&amp;', '&'));
}

let provider: OpenIdProvider;

before(async () => {
  provider = await OpenIdProvider.start();
});
after(() => {
  provider.stop();
});

for (const [name, host] of Object.entries(ACCOUNT_HOSTS)) {
  describe(`below ${BASE}, on ${name}`, () => {
    let site: AccountSite;
    let ann: Visitor;

    before(async () => {
      site = await startAccountSite(host, {
        scopes: ['files:read'],
        providers: { home: providerAt(provider.issuer) },
        accountPages: { home: '/secret', base: '/-/' },
      });
      ann = new Visitor(site.url);
    });
    after(() => site.stop());

    test('an account is made by a mailed link that leads there', async () => {
      const asked = await ann.submit(`${BASE}/register`, `${BASE}/register`, { email: EMAIL });
      assert.equal(asked.location, `${BASE}/register/sent`);
      const link = await mailedLink(site, EMAIL);
      assert.ok(link.startsWith(`${BASE}/register/confirm?token=`), link);
      const { text = '' } = site.mail.mails.find(({ to }) => to === EMAIL) ?? {};
      assert.match(text, /http:\/\/localhost:\d+\/\n$/, 'the last line leads to the site itself');
      const made = await ann.submit(link, `${BASE}/register/confirm`, { password: PASSWORD });
      assert.deepEqual([made.status, made.location], [303, '/secret']);
    });

    test('whoever is not signed in is led there, and back', async () => {
      const other = new Visitor(site.url);
      const { location } = await other.get('/secret');
      assert.equal(location, `${BASE}/login?next=%2Fsecret`);
      assert.equal((await other.get(`${BASE}/account`)).location, `${BASE}/login?next=%2F-%2Faccount`);
      const back = await other.submit(location ?? '', `${BASE}/login`, { email: EMAIL, password: PASSWORD });
      assert.equal(back.location, '/secret');
      const refused = await other.get('/safe');
      assert.match(refused.location ?? '', /^\/-\/login\/again\?/);
      assert.match((await other.get(refused.location ?? '')).text, /needs a second step/);
      const over = await other.submit('/-/login/code', '/-/login/code').catch(() => undefined);
      assert.equal(over, undefined);
      assert.equal((await other.get(`${BASE}/login/code`)).location, `${BASE}/login`);
      assert.equal((await other.post(`${BASE}/logout`, {})).location, `${BASE}/signed-out`);
    });

    test('every page leads to pages there alone, and each of those answers', async () => {
      const stranger = new Visitor(site.url);
      const seen = new Set<string>();
      const left: (readonly [Visitor, string])[] = [
        [ann, `${BASE}/account`],
        [stranger, `${BASE}/login`],
      ];
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        const [visitor, path] = next;
        const page = await visitor.get(path);
        assert.equal(page.status, 200, path);
        if (path.endsWith('.js')) continue;
        for (const address of addressesIn(page)) {
          assert.ok(address.startsWith(`${BASE}/`) || address === '/secret', `${path} leads to ${address}`);
          const [only = ''] = address.split(/[?#]/);
          const isForm =
            page.text.includes(`action="${address}"`) || page.text.includes(`="${address}/options"`);
          const isScripts = page.text.includes(`data-options="${address}"`);
          if (isForm || isScripts || seen.has(only) || only === '/secret') continue;
          seen.add(only);
          left.push([visitor, address]);
        }
      }
      for (const path of [
        'register',
        'reset',
        'account/password',
        'account/email',
        'account/tokens/new',
        'account/passkeys/new',
      ])
        assert.ok(seen.has(`${BASE}/${path}`), path);
    });

    test('without it there is nothing of ours, but the address that managers of passwords know', async () => {
      for (const path of ['/login', '/account', '/register', '/dev/mail', '/account/passkeys.js'])
        assert.equal((await ann.get(path)).status, 404, path);
      const known = await ann.get('/.well-known/change-password');
      assert.equal(known.location, `${BASE}/account/password`);
    });

    test('the script of passkeys is led on there', async () => {
      const options = await ann.post(`${BASE}/account/passkeys/options`, {});
      assert.notEqual(options.status, 404);
      assert.equal((await ann.get(`${BASE}/account/passkeys.js`)).status, 200);
    });

    test('their limits are there too', async () => {
      const guesser = new Visitor(site.url);
      const statuses: number[] = [];
      for (let guess = 0; guess < 21; guess += 1)
        statuses.push(
          (await guesser.post(`${BASE}/login`, { email: `${guess}@example.com`, password: 'x' })).status,
        );
      assert.equal(statuses.at(-1), 429);
      assert.equal(statuses.at(0), 401);
    });
  });
}

test('who proves anew who they are goes on there', async (t) => {
  let passed = 0;
  const site = await startAccountSite(ACCOUNT_HOSTS['Express'], {
    clock: () => Date.now() + passed,
    accountPages: { home: '/secret', base: BASE },
  });
  t.after(() => site.stop());
  const visitor = new Visitor(site.url);
  await visitor.submit(`${BASE}/register`, `${BASE}/register`, { email: EMAIL });
  await visitor.submit(await mailedLink(site, EMAIL), `${BASE}/register/confirm`, { password: PASSWORD });
  const account = await site.accounts.findByEmail(EMAIL);
  const record = await site.accountStore.find(account?.id ?? '');
  await site.accountStore.change(record?.id ?? '', record?.version ?? 0, { passwordHash: null });
  passed = 16 * MINUTE;
  const led = await visitor.get(`${BASE}/account/password`);
  assert.equal(led.location, `${BASE}/login/again?next=/-%2Faccount%2Fpassword`);
});
