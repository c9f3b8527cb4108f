/** What an owner has of their account, on every host: as many sessions as the policy lets it have, an end to the others, and all that is kept of it. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { type AccountHost, type AccountSite, startAccountSite } from '../support/account-site.ts';
import { PASSWORD } from '../support/accounts.ts';
import { Visitor } from '../support/visitor.ts';
import { ACCOUNT_HOSTS } from './account-hosts.ts';

const EMAIL = 'ada@example.com';
/** Past what counts as fresh. */
const LATER_MS = 20 * 60_000;

for (const [name, host] of Object.entries(ACCOUNT_HOSTS)) {
  describe(`one's own account on ${name}`, () => {
    test('one sign-in more than there may be sessions ends the oldest, and no other', async (t) => {
      const { site, ada: first } = await begin(t, host, { perAccount: 2, whenFull: 'end-oldest' });
      const [second, third] = [new Visitor(site.url), new Visitor(site.url)];
      await second.signIn(EMAIL, PASSWORD);
      assert.deepEqual(await inside(first, second), [true, true]);
      await third.signIn(EMAIL, PASSWORD);
      assert.deepEqual(await inside(first, second, third), [false, true, true]);
      const ended = site.events.filter(({ event }) => event === 'session_expired');
      assert.match(String(ended.at(-1)?.details?.['reason']), /perAccount/);
    });

    test('where the policy refuses instead, whoever comes is told so, and nobody is out', async (t) => {
      const { site, ada } = await begin(t, host, { perAccount: 1, whenFull: 'refuse' });
      const other = new Visitor(site.url);
      const refused = await other.signIn(EMAIL, PASSWORD);
      assert.deepEqual([refused.status, /too many browsers/.test(refused.text)], [403, true]);
      assert.deepEqual(await inside(ada, other), [true, false]);
      assert.equal(site.events.filter(({ event }) => event === 'session_limit_reached').length, 1);
    });

    test('the others are ended, and all data is handed out, to whoever has just proved that it is them', async (t) => {
      t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
      const { site, ada } = await begin(t, host, {});
      const other = new Visitor(site.url);
      await other.signIn(EMAIL, PASSWORD);
      const data = await ada.submit('/account', '/account/export');
      assert.equal(data.headers.get('content-disposition'), 'attachment; filename="account.json"');
      assert.match(data.headers.get('cache-control') ?? '', /no-store/);
      assert.equal((JSON.parse(data.text) as { account: { email: string } }).account.email, EMAIL);
      t.mock.timers.setTime(Date.now() + LATER_MS);
      for (const path of ['/account/export', '/account/sessions/revoke-others']) {
        const led = await ada.submit('/account', path);
        assert.match(led.location ?? '', /^\/login\/again/, path);
      }
      assert.deepEqual(await inside(ada, other), [true, true]);
      const again = '/login/again';
      assert.equal((await ada.submit(again, again, { password: PASSWORD })).status, 303);
      await ada.submit('/account', '/account/sessions/revoke-others');
      assert.deepEqual(await inside(ada, other), [true, false]);
      assert.ok(!site.events.some(({ event }) => event === 'sys_crash'));
    });
  });
}

async function begin(
  t: TestContext,
  host: AccountHost,
  session: NonNullable<PolicyOptions['session']>,
): Promise<{ readonly site: AccountSite; readonly ada: Visitor }> {
  const site = await startAccountSite(host, { session });
  t.after(() => site.stop());
  const ada = new Visitor(site.url);
  await ada.register(EMAIL, PASSWORD);
  assert.deepEqual(await inside(ada), [true]);
  return { site, ada };
}

/** Whether each of them is signed in. */
async function inside(...visitors: readonly Visitor[]): Promise<readonly boolean[]> {
  const pages = await Promise.all(visitors.map((visitor) => visitor.get('/secret')));
  return pages.map(({ status }) => status === 200);
}
