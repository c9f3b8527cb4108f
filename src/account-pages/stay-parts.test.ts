import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { startAccountSite } from '../../test/support/account-site.ts';
import { providerAt } from '../../test/support/sign-in-providers.ts';
import { STAY_COOKIE } from '../identity/mfa/browser-cookie.ts';

test('a made-up cookie is looked up, and writes nothing', async (t) => {
  const site = await startAccountSite(undefined, { accounts: { staySignedIn: '30d' } });
  t.after(() => site.stop());
  const { mailTokens } = site.accountStore;
  const put = mailTokens.put.bind(mailTokens);
  let writes = 0;
  mailTokens.put = (...given) => {
    writes += 1;
    return put(...given);
  };
  const ticket = `${randomBytes(16).toString('base64url')}.${randomBytes(24).toString('base64url')}`;
  const page = await fetch(`${site.url}/login`, { headers: { cookie: `${STAY_COOKIE}=${ticket}` } });
  assert.equal(page.status, 200);
  assert.match(await page.text(), /name="password"/);
  assert.equal(writes, 0);
  const dropped = page.headers.getSetCookie().filter((line) => line.startsWith(`${STAY_COOKIE}=;`));
  assert.equal(dropped.length, 1);
});

test('one box is for every provider, and a password has its own', async (t) => {
  const providers = { home: providerAt('https://home.example'), work: providerAt('https://work.example') };
  const site = await startAccountSite(undefined, { providers, accounts: { staySignedIn: '30d' } });
  t.after(() => site.stop());
  const page = await (await fetch(`${site.url}/login`)).text();
  const [, others = ''] = /(<form [^>]*action="\/login\/with\/home"[^]*?<\/form>)/.exec(page) ?? [];
  assert.equal(others.match(/name="stay" value="yes"/g)?.length, 1);
  assert.deepEqual(
    [...others.matchAll(/formaction="([^"]*)"/g)].map(([, action]) => action),
    ['/login/with/home', '/login/with/work'],
  );
  assert.equal(page.match(/name="stay" value="yes"/g)?.length, 2);
});
