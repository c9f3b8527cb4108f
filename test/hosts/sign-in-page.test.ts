/** A sign-in page that people only look at: what it does by itself is no try, and a visitor costs no row. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { memory } from '../../src/stores/memory/state.ts';
import type { State } from '../../src/stores/ports/state.ts';
import { type AccountSite, startAccountSite } from '../support/account-site.ts';
import { Visitor } from '../support/visitor.ts';
import { ACCOUNT_HOSTS } from './account-hosts.ts';

/** More views than tries are allowed. */
const VIEWS = 60;
const FETCH = { accept: '*/*', 'sec-fetch-mode': 'cors' };

for (const [name, host] of Object.entries(ACCOUNT_HOSTS)) {
  describe(`the sign-in page on ${name}`, () => {
    let site: AccountSite;
    let state: State;
    before(async () => {
      state = memory();
      site = await startAccountSite(host, { state, accounts: {} });
    });
    after(() => site.stop());

    test('writes no row and sets no cookie, however often it is looked at (past failure 23)', async () => {
      const counters = await state.counters.count();
      const office = new Visitor(site.url);
      const challenges = new Set<string>();
      for (let view = 0; view < VIEWS; view += 1) {
        const page = await office.get('/login');
        const form = /data-passkey="sign-in"\s+data-options="([^"]+)"/.exec(page.text)?.[1] ?? '';
        // As the script of the page asks: test/browser/accounts.test.ts holds it to that.
        const options = await office.get(form, FETCH);
        assert.equal(options.status, 200);
        assert.equal(options.headers.get('cache-control'), 'no-store');
        challenges.add((JSON.parse(options.text) as { challenge: string }).challenge);
        for (const answer of [page, options]) assert.equal(answer.headers.get('set-cookie'), null);
      }
      assert.deepEqual(office.cookies, []);
      assert.equal(challenges.size, VIEWS);
      assert.equal(await state.sessions.count(), 0);
      assert.equal(await state.counters.count(), counters);
    });

    test('leaves every try to whoever tries: all of an office look, and all of the tries are there', async () => {
      const office = new Visitor(site.url);
      for (let view = 0; view < VIEWS; view += 1) await office.get('/login/passkey/options', FETCH);
      const statuses: number[] = [];
      for (let index = 0; index < 21; index += 1) {
        statuses.push((await office.post('/login/passkey', {})).status);
      }
      assert.deepEqual(statuses, [...Array.from({ length: 20 }, () => 401), 429]);
    });

    test('a passkey that is no passkey leaves no row either', async () => {
      const before = [await state.sessions.count(), await state.counters.count()];
      const visitor = new Visitor(site.url);
      const posted = await visitor.post('/login/passkey', {}, { ...FETCH, 'sec-fetch-site': 'same-origin' });
      assert.equal(posted.status, 401);
      assert.equal(await state.sessions.count(), before[0]);
      assert.equal(posted.headers.get('set-cookie'), null);
    });
  });
}
