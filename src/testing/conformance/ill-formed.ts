/** Every store refuses what none could give back as it is, and all of them in the same words. */
import assert from 'node:assert/strict';
import { BulwarkError } from '../../core/errors.ts';
import {
  HALVES,
  accountTest,
  sketchAccount,
  sketchActRequest,
  sketchApiToken,
  sketchIdentity,
  sketchMailToken,
} from './accounts.ts';
import { factorTest, sketchPasskey, sketchPending, sketchRememberedBrowser } from './factors.ts';
import { NOW, type OpenState, sketchSession, stateTest } from './support.ts';

/** What is tried, by what it is that cannot be kept. */
type Tries = Readonly<Record<string, () => unknown>>;

/** Registers what holds of sessions. */
export function illFormedSessionConformance(open: OpenState): void {
  stateTest(open, 'says what of a session is ill-formed', async ({ sessions }) => {
    await sessions.create(sketchSession('a'));
    for (const half of HALVES) {
      await refusesEach({
        'account of the session': () => sessions.create(sketchSession('b', { account: half })),
        'roles of the session': () => sessions.create(sketchSession('b', { roles: ['x', half] })),
        'address of the session': () => sessions.replace('a', sketchSession('b', { address: half }), NOW),
        'userAgent of the session': () => sessions.create(sketchSession('b', { userAgent: half })),
        'data of the session': () => sessions.update('a', 1, { data: half }, NOW),
      });
    }
    assert.equal(await sessions.count(), 1);
  });
}

/** Registers what holds of second factors. */
export function illFormedFactorConformance(open: OpenState): void {
  factorTest(open, 'says what of a second factor is ill-formed', async (factors) => {
    const { totp, recoveryCodes, passkeys, rememberedBrowsers } = factors;
    for (const half of HALVES) {
      await refusesEach({
        'authenticator app': () => totp.putPending(half, sketchPending('t')),
        'sealed of the authenticator app': () =>
          totp.putPending('ann', { ...sketchPending('t'), sealed: half }),
        'recovery codes': () => recoveryCodes.replace('ann', ['x', half], NOW),
        'owner of a passkey': () => passkeys.userHandle(half, 'x'),
        'name of the passkey': () => passkeys.add(sketchPasskey('k', { name: half }), 9),
        'transports of the passkey': () => passkeys.add(sketchPasskey('k', { transports: [half] }), 9),
        'userAgent of the remembered browser': () =>
          rememberedBrowsers.put(sketchRememberedBrowser('d', { userAgent: half }), 9),
      });
      await refusesEach({ 'name of the passkey': () => passkeys.rename('ann', 'k', half) });
    }
    assert.equal(await totp.find('ann'), undefined);
    assert.deepEqual(await rememberedBrowsers.list('ann', NOW), []);
  });
}

/** Registers what holds of accounts. */
export function illFormedAccountConformance(open: OpenState): void {
  accountTest(open, 'says what of an account is ill-formed', async (accounts) => {
    for (const half of HALVES) {
      await refusesEach({
        'email of the account': () => accounts.create(sketchAccount('new', { email: half })),
        'roles of the account': () => accounts.change('ann', 1, { roles: [half] }),
        'password hash of the account': () => accounts.replacePasswordHash('ann', 'x', half),
        'data of the mail token': () => accounts.mailTokens.put(sketchMailToken('m', { data: half }), 9),
        'label of the identity': () => accounts.identities.add(sketchIdentity('i', { label: half })),
        'scopes of the API token': () =>
          accounts.apiTokens.add(sketchApiToken('t', { scopes: [half] }), 9, NOW),
        'reason of the request of an operator': () =>
          accounts.actRequests.ask(sketchActRequest('r', { reason: half }), NOW),
        'key of the API token': () => accounts.apiTokens.bind('t', half),
        'address of the API token': () => accounts.apiTokens.noteUse('t', half, NOW, 1),
      });
    }
  });
}

async function refusesEach(tries: Tries): Promise<void> {
  for (const [what, work] of Object.entries(tries)) {
    const said = `The ${what} holds half a surrogate pair. Pass it through toWellFormed() or refuse it.`;
    await assert.rejects(
      async () => work(),
      (error) =>
        error instanceof BulwarkError && error.code === 'ERR_BULWARK_STORE' && error.message === said,
      what,
    );
  }
}
