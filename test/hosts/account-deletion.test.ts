/** Removing one's own account by the pages, on every host. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startAccountSite } from '../support/account-site.ts';
import { PASSWORD } from '../support/accounts.ts';
import { Visitor } from '../support/visitor.ts';
import { ACCOUNT_HOSTS } from './account-hosts.ts';

const EMAIL = 'ada@example.com';
const DAY = 24 * 3_600_000;

for (const [name, host] of Object.entries(ACCOUNT_HOSTS)) {
  describe(`removing one's account on ${name}`, () => {
    test('the wish signs out everywhere, a sign-in is asked whether to keep it, and its day ends it', async (t) => {
      let now = Date.now();
      const gone: string[] = [];
      let fails = false;
      const removeRows = (id: string): void => {
        if (fails) throw new Error('no disk today');
        gone.push(id);
      };
      const site = await startAccountSite(host, {
        clock: () => now,
        accounts: { deleteAfter: '7d', onDelete: removeRows },
      });
      t.after(() => site.stop());
      const ada = new Visitor(site.url);
      await ada.register(EMAIL, PASSWORD);
      const elsewhere = new Visitor(site.url);
      await elsewhere.signIn(EMAIL, PASSWORD);
      assert.match((await ada.get('/account')).text, /Your account is removed after 7 days/);
      const wish = await ada.submit('/account/delete', '/account/delete');
      assert.deepEqual([wish.status, wish.location], [303, '/account/deleted']);
      assert.match((await ada.get('/account/deleted')).text, /You are signed out/);
      for (const one of [ada, elsewhere]) assert.equal((await one.get('/secret')).status, 303);

      const back = await ada.submit('/login?next=%2Faccount', '/login', { email: EMAIL, password: PASSWORD });
      assert.equal(back.location, '/account/keep?next=%2Faccount');
      assert.match((await ada.get('/account/keep')).text, /Your account is to be removed on/);
      const [account] = await site.accountStore.after(undefined, 1);
      assert.ok((await site.accounts.operators.accounts.look(account?.id ?? ''))?.removalAt);
      const kept = await ada.submit('/account/keep?next=%2Faccount', '/account/keep');
      assert.deepEqual([kept.status, kept.location], [303, '/account']);
      now += 8 * DAY;
      assert.equal(await site.accounts.deletion?.run(), 0);

      now = Date.now();
      await ada.submit('/account/delete', '/account/delete');
      now += 7 * DAY;
      fails = true;
      assert.equal(await site.accounts.deletion?.run(), 0);
      // It has begun: there is a day, and nothing to decide.
      const late = await ada.submit('/login?next=%2Faccount', '/login', { email: EMAIL, password: PASSWORD });
      assert.equal(late.location, '/account');
      const { text } = await ada.get('/account');
      assert.match(text, /Your account is to be removed on/);
      assert.doesNotMatch(text, /account\/(?:keep|delete)"/);
      assert.equal((await ada.get('/account/keep?next=%2Fsecret')).location, '/secret');
      fails = false;
      now += 6 * 60_000;
      assert.equal(await site.accounts.deletion?.run(), 1);
      assert.deepEqual(gone, [account?.id]);
      assert.equal((await elsewhere.signIn(EMAIL, PASSWORD)).status, 401);
      assert.ok(!site.events.some(({ event }) => event === 'sys_crash'));
    });

    test('without the option there is no such page', async (t) => {
      const site = await startAccountSite(host);
      t.after(() => site.stop());
      const ada = new Visitor(site.url);
      await ada.register(EMAIL, PASSWORD);
      assert.doesNotMatch((await ada.get('/account')).text, /Delete/);
      assert.equal((await ada.get('/account/delete')).location, '/account');
      assert.equal((await ada.get('/account/deleted')).location, '/login');
    });
  });
}
