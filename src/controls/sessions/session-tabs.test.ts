/**
 * Two tabs of one browser: what is replaced has not ended. A request that left under the old id takes nothing away from
 * the new one, however late it is answered (expressjs/session#923, nocturne#391), and opens nothing.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  acrossNetwork,
  as,
  FakeBrowser,
  FakeSite,
  type Handler,
  hasCode,
  signedIn,
  type Visit,
} from '../../../test/support/sessions.ts';
import { memory } from '../../stores/memory/state.ts';
import type { SessionStore } from '../../stores/ports/sessions.ts';
import { EXPIRED_SESSION_COOKIE } from './session-cookie.ts';
import type { SessionHandle } from './session-handle.ts';

const MINUTE = 60_000;
const MODES: readonly (string | undefined)[] = [undefined, 'navigate', 'cors', 'no-cors'];

/** What gives a session a new id. */
const REPLACED_BY: Readonly<Record<string, (its: SessionHandle) => Promise<void>>> = {
  renewal: async (its) => its.renew(),
  'sign-in': as('ann'),
  'sign-in of another account': as('bob'),
  'a change of privilege': async (its) => its.renew({ mfa: true, roles: ['reader'] }),
};

/** What would send or drop the cookie, were it not known that the id was replaced. */
const WRITES: Readonly<Record<string, Handler>> = {
  set: (its) => its.set('a', 1),
  issueToken: (its) => its.issueToken('form', MINUTE),
  renew: (its) => its.renew(),
  signOut: (its) => its.signOut(),
};

function takesNothing(visit: Visit, why: string): void {
  assert.deepEqual(visit.setCookies, [], why);
  assert.equal(visit.clearSiteData, undefined, why);
}

function asMode(mode: string | undefined): { headers: Record<string, string> } {
  return { headers: mode === undefined ? {} : { 'sec-fetch-mode': mode } };
}

const STORES: Readonly<Record<string, (store: SessionStore) => SessionStore>> = {
  'that answers at once': (store) => store,
  'across a network': acrossNetwork,
};

for (const [where, reach] of Object.entries(STORES)) {
  describe(`two tabs, on a store ${where}`, () => {
    test('a page still under way over a new id is answered without a word about the cookie', async () => {
      for (const [how, replace] of Object.entries(REPLACED_BY)) {
        for (const mode of MODES) {
          const site = new FakeSite(reach(memory().sessions));
          const browser = await signedIn(site);
          const beside = new FakeBrowser(site, browser.id);
          const held = await beside.visit(async () => {
            await browser.visit(replace);
            site.now += 51;
          }, asMode(mode));
          takesNothing(held, `${how}, ${mode}`);
          assert.ok((await browser.visit()).exchange.session?.principal, how);
        }
      }
    });

    test('one that writes is 401, says that the session went on, and stores nothing', async () => {
      for (const [how, write] of Object.entries(WRITES)) {
        const site = new FakeSite(reach(memory().sessions));
        const browser = await signedIn(site);
        const held = await new FakeBrowser(site, browser.id).visit(async (its, exchange) => {
          await browser.visit(async (itsToo) => itsToo.renew());
          await write(its, exchange);
        });
        takesNothing(held, how);
        assert.equal(held.status, 401, how);
        assert.match(held.refusal?.detail ?? '', /went on in another tab/);
        assert.equal(await site.store.count(), 1, how);
      }
    });

    test('one that arrives late opens nothing, and neither sets nor drops a cookie', async () => {
      for (const mode of MODES) {
        for (const [how, write] of Object.entries({ none: () => undefined, ...WRITES })) {
          const site = new FakeSite(reach(memory().sessions));
          const browser = await signedIn(site);
          const late = new FakeBrowser(site, browser.id);
          await browser.visit(async (its) => its.renew());
          const visit = await late.visit(write, asMode(mode));
          takesNothing(visit, `${how}, ${mode}`);
          assert.equal(visit.exchange.session, undefined);
          assert.equal(visit.status, how === 'none' ? 200 : 401, how);
          if (how !== 'none') assert.ok(hasCode('ERR_BULWARK_SESSION_OVER')(visit.error), how);
          assert.equal(await site.store.count(), 1, how);
          assert.ok((await browser.visit()).exchange.session?.principal);
        }
      }
    });

    test('it is so for an id of another process, and for one that was replaced twice', async () => {
      const store = reach(memory().sessions);
      const [here, there] = [new FakeSite(store), new FakeSite(store)];
      const browser = await signedIn(here);
      const late = new FakeBrowser(there, browser.id);
      await browser.visit(async (its) => its.renew());
      await browser.visit(async (its) => its.renew());
      takesNothing(await late.visit(), 'late');
    });

    test('a visitor whose cart is filled late keeps the session that they have signed in to', async () => {
      const site = new FakeSite(reach(memory().sessions));
      const browser = new FakeBrowser(site);
      await browser.visit(async (its) => its.set('cart', ['book']));
      const late = new FakeBrowser(site, browser.id);
      await browser.visit(as('ann'));
      takesNothing(await late.visit(async (its) => its.set('cart', ['book', 'pen'])), 'late');
    });

    test('who proves who they are under an old id, whose successor never arrived, gets a session', async () => {
      for (const prove of [as('ann'), async (its: SessionHandle) => its.beginAnew()]) {
        const site = new FakeSite(reach(memory().sessions));
        const browser = await signedIn(site);
        const lost = new FakeBrowser(site, browser.id);
        await browser.visit(async (its) => its.renew());
        const visit = await lost.visit(prove);
        assert.equal(visit.status, 200);
        assert.equal((await lost.visit(async (its) => its.set('a', 1))).status, 200);
      }
    });

    test('a minute later the old id is as good as made up, and its cookie is dropped', async () => {
      const site = new FakeSite(reach(memory().sessions));
      const browser = await signedIn(site);
      const late = new FakeBrowser(site, browser.id);
      await browser.visit(async (its) => its.renew());
      site.now += MINUTE - 1;
      takesNothing(await late.visit(), 'before');
      site.now += 1;
      assert.deepEqual((await late.visit()).setCookies, [EXPIRED_SESSION_COOKIE]);
    });

    test('a page held open over a sign-out leaves the cookie of whoever signed in again meanwhile', async () => {
      const site = new FakeSite(reach(memory().sessions));
      const browser = await signedIn(site);
      const held = await new FakeBrowser(site, browser.id).visit(async (its) => {
        await browser.visit(async (itsToo) => itsToo.signOut());
        await browser.visit(as('ann'));
        await its.set('a', 1);
      });
      assert.equal(held.status, 401);
      takesNothing(held, 'signed in again');
    });

    // opendefender/OpenRisk#700, nightscout/nocturne#391: ended, not replaced, and a page that takes its time.
    test('a slow page under a dead cookie leaves the cookie of whoever signed in meanwhile', async () => {
      for (const mode of [undefined, 'navigate']) {
        const site = new FakeSite(reach(memory().sessions));
        const browser = await signedIn(site);
        const dead = new FakeBrowser(site, browser.id);
        await browser.visit(async (its) => its.signOut());
        const held = await dead.visit(async () => {
          site.now += 251;
          await browser.visit(as('ann'));
        }, asMode(mode));
        takesNothing(held, `${mode}`);
        assert.deepEqual((await dead.visit(undefined, asMode(mode))).setCookies, [EXPIRED_SESSION_COOKIE]);
        const cart = await dead.visit(async (its) => {
          site.now += 251;
          await its.set('cart', 1);
        }, asMode(mode));
        assert.match(cart.setCookies.join(), /^__Host-sid=[\w-]{20,}/, 'a new one is not held back');
      }
    });

    test('a renewal under a dead cookie, or none, is 401 and no crash', async () => {
      for (const id of [undefined, 'x'.repeat(32)]) {
        const site = new FakeSite(reach(memory().sessions));
        const visit = await new FakeBrowser(site, id).visit(async (its) => its.renew());
        assert.equal(visit.status, 401);
        assert.equal(visit.refusal?.type, 'session-over');
        assert.equal(await site.store.count(), 0);
      }
    });
  });
}
