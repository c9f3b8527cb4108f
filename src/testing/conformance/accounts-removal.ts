import assert from 'node:assert/strict';
import type { AccountStore } from '../../stores/ports/accounts.ts';
import {
  ACT,
  accountTest,
  MANY,
  sketchAccount,
  sketchActRequest,
  sketchActivity,
  sketchApiToken,
  sketchIdentity,
  sketchKnownBrowser,
  sketchMailToken,
  sketchStay,
} from './accounts.ts';
import { countTrue, NOW, type OpenState, sweepAll } from './support.ts';

/** An account that is removed leaves nothing, what has expired goes, and nothing else does. */
export function accountRemovalConformance(open: OpenState): void {
  accountTest(open, 'removes an account and everything of it, and nothing of another', async (accounts) => {
    for (const id of ['ann', 'bob']) await furnish(accounts, id);
    const bobs = await everythingOf(accounts, 'bob');
    assert.ok(await accounts.remove('ann'));
    assert.ok(!(await accounts.remove('ann')));
    assert.ok(!(await accounts.remove('nobody')));
    assert.deepEqual(await everythingOf(accounts, 'ann'), NOTHING);
    assert.equal(await accounts.findByEmail('ann@example.com'), undefined);
    assert.deepEqual(await everythingOf(accounts, 'bob'), bobs);
  });

  accountTest(
    open,
    'an account of the same address, made later, has nothing of the one before',
    async (accounts) => {
      await furnish(accounts, 'ann');
      await accounts.remove('ann');
      assert.ok(await accounts.create(sketchAccount('ann')));
      const { account, ...rest } = await everythingOf(accounts, 'ann');
      assert.deepEqual(account, sketchAccount('ann'));
      assert.deepEqual({ account: undefined, ...rest }, NOTHING);
    },
  );

  accountTest(open, 'keeps nothing for an account that was removed meanwhile', async (accounts) => {
    await accounts.remove('ann');
    await accounts.knownBrowsers.put(sketchKnownBrowser('d'), MANY);
    await accounts.activity.add(sketchActivity('signed-in'), MANY);
    assert.ok(!(await accounts.identities.add(sketchIdentity('s'))));
    assert.ok(!(await accounts.apiTokens.add(sketchApiToken('t'), MANY, NOW)));
    assert.ok(!(await accounts.actRequests.ask(sketchActRequest('r'), NOW)));
    await accounts.stays.put(sketchStay('s'), MANY);
    assert.deepEqual(await everythingOf(accounts, 'ann'), NOTHING);
    assert.ok(await accounts.identities.add(sketchIdentity('s', { account: 'bob' })));
  });

  accountTest(open, 'of several simultaneous removals one is told that it was', async (accounts) => {
    await furnish(accounts, 'ann');
    assert.equal(await countTrue([1, 2, 3].map(() => accounts.remove('ann'))), 1);
  });

  accountTest(open, 'whatever comes while an account is removed, nothing of it stays', async (accounts) => {
    await Promise.all([
      furnish(accounts, 'ann', { links: false }),
      accounts.remove('ann'),
      accounts.change('ann', 1, { roles: ['admin'] }),
    ]);
    await accounts.remove('ann');
    assert.deepEqual(await everythingOf(accounts, 'ann'), NOTHING);
    assert.deepEqual(await accounts.find('bob'), sketchAccount('bob'));
  });

  accountTest(
    open,
    'sweeps delete what has expired, at most a thousand at a time, and nothing else',
    async (accounts) => {
      const { mailTokens, guesses, apiTokens } = accounts;
      const late = { expiresAt: NOW + 1 };
      const count = { failures: 1, streak: 1, lastAt: NOW };
      for (let index = 0; index < 500; index += 1) {
        await mailTokens.put(sketchMailToken(`m${index}`, { ...late, subject: `s${index}` }), 1);
        await guesses.advance(`g${index}`, undefined, count, late.expiresAt, NOW);
        await apiTokens.add(sketchApiToken(`t${index}`, late), MANY, NOW);
        if (index < 5) await accounts.stays.put(sketchStay(`s${index}`, late), MANY);
      }
      for (const id of ['ann', 'bob']) await furnish(accounts, id);
      await guesses.advance('live', undefined, count, NOW + 2, NOW);
      const before = [await everythingOf(accounts, 'bob'), await guesses.find('live', NOW + 1)];
      assert.equal(await accounts.sweep(NOW), 0);
      assert.deepEqual([await sweepAll(accounts, NOW + 1), await accounts.sweep(NOW + 1)], [1505, 0]);
      assert.deepEqual([await everythingOf(accounts, 'bob'), await guesses.find('live', NOW + 1)], before);
      assert.deepEqual(
        (await apiTokens.list('ann')).map(({ id }) => id),
        ['token of ann'],
      );
      // Gone, and not only out of sight.
      assert.equal(await mailTokens.removeAll('s0'), 0);
    },
  );
}

const NOTHING = {
  account: undefined,
  reset: undefined,
  invite: undefined,
  devices: [],
  activity: [],
  identities: [],
  identity: undefined,
  apiTokens: [],
  apiToken: undefined,
  actRequest: undefined,
  stays: [],
  stay: undefined,
};

/** Gives an account one of everything. */
async function furnish(accounts: AccountStore, account: string, { links = true } = {}): Promise<void> {
  if (links) {
    for (const purpose of ['reset', 'invite']) {
      await accounts.mailTokens.put(
        sketchMailToken(`${purpose} of ${account}`, { purpose, subject: account }),
        MANY,
      );
    }
  }
  await Promise.all([
    accounts.knownBrowsers.put(sketchKnownBrowser('a shared browser', { account }), MANY),
    accounts.activity.add(sketchActivity('signed-in', { account }), MANY),
    accounts.identities.add(sketchIdentity(`subject of ${account}`, { account })),
    accounts.apiTokens.add(sketchApiToken(`token of ${account}`, { account }), MANY, NOW),
    accounts.actRequests.ask(sketchActRequest(`request about ${account}`, { account }), NOW),
    accounts.stays.put(sketchStay(`stay of ${account}`, { account }), MANY),
  ]);
}

async function everythingOf(
  accounts: AccountStore,
  account: string,
): Promise<Record<keyof typeof NOTHING, unknown>> {
  return {
    account: await accounts.find(account),
    reset: await accounts.mailTokens.find(`reset of ${account}`, 'reset', NOW),
    invite: await accounts.mailTokens.find(`invite of ${account}`, 'invite', NOW),
    devices: await accounts.knownBrowsers.list(account),
    activity: await accounts.activity.list(account, MANY),
    identities: await accounts.identities.list(account),
    identity: await accounts.identities.find('https://issuer.example', `subject of ${account}`),
    apiTokens: await accounts.apiTokens.list(account),
    apiToken: await accounts.apiTokens.find(`hash of token of ${account}`, NOW),
    actRequest: await accounts.actRequests.find(ACT, `request about ${account}`, NOW),
    stays: await accounts.stays.list(account, NOW),
    stay: await accounts.stays.find(`stay of ${account}`, NOW),
  };
}
