import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts } from '../../../test/support/accounts.ts';
import { furnishFactors } from '../../../test/support/operators.ts';
import { sketchAccount } from '../../testing/conformance/accounts.ts';
import type { AccountStore } from '../../stores/ports/accounts.ts';
import { AccountFinder, type AccountSearch } from './account-finder.ts';

const NAMES = ['ann', 'anna', 'bob', 'joann', 'zoe'];

function accountsOf(site: FakeAccounts): AccountStore {
  assert.ok(site.state.accounts !== undefined);
  return site.state.accounts;
}

test('finds accounts by the beginning of an address, by a part of it, by state and by role, a page at a time', async () => {
  const site = new FakeAccounts();
  const store = accountsOf(site);
  for (const [index, id] of NAMES.toReversed().entries())
    await store.create(sketchAccount(id, { roles: index % 2 === 0 ? ['member'] : [] }));
  await store.change('bob', 1, { disabledAt: site.now });
  const { accounts: finder } = site.accounts.operators;
  const found = async (search: AccountSearch): Promise<string> => {
    const ids: string[] = [];
    let after: string | undefined;
    do {
      const page = await finder.find({ ...search, ...(after !== undefined && { after }) });
      assert.ok(page.accounts.length <= (search.limit ?? 50));
      ids.push(...page.accounts.map(({ id }) => id));
      after = page.next;
    } while (after !== undefined);
    return ids.join(' ');
  };
  for (const limit of [1, 2, 50]) {
    assert.equal(await found({ limit }), 'ann anna bob joann zoe');
    assert.equal(await found({ limit, begins: ' ANN' }), 'ann anna');
    assert.equal(await found({ limit, begins: 'ann@Example.com' }), 'ann');
    assert.equal(await found({ limit, holds: 'ann' }), 'ann anna joann');
    assert.equal(await found({ limit, begins: 'a', holds: 'na@' }), 'anna');
    assert.equal(await found({ limit, state: 'disabled' }), 'bob');
    assert.equal(await found({ limit, state: 'active', holds: 'o' }), 'ann anna joann zoe');
    assert.equal(await found({ limit, role: 'member' }), 'ann bob zoe');
    assert.equal(await found({ limit, begins: 'x' }), '');
  }
  // The last page says that it is.
  assert.equal((await finder.find({ limit: 5 })).next, undefined);
  assert.equal((await finder.find({ limit: 4 })).next, 'joann@example.com');
});

test('no page reads a table, however large it is and however little fits', async () => {
  const site = new FakeAccounts();
  let read = 0;
  const endless: AccountStore = {
    ...accountsOf(site),
    findByEmail: () => undefined,
    afterEmail: (after, limit) => {
      const first = Number(after?.slice(0, 9) ?? 0) + 1;
      read += limit;
      return Array.from({ length: limit }, (_, index) =>
        sketchAccount(String(first + index).padStart(9, '0')),
      );
    },
  };
  const { factors } = site.accounts;
  const finder = new AccountFinder({ store: endless, sessions: site.site.sessions, factors });
  const page = await finder.find({ holds: 'nobody' });
  assert.deepEqual(page, { accounts: [], next: '000005000@example.com' });
  assert.equal(read, 5000);
  assert.equal((await finder.find({ holds: 'nobody', after: page.next })).next, '000010000@example.com');
  read = 0;
  assert.equal((await finder.find({ limit: 20 })).accounts.length, 20);
  assert.equal(read, 500);
});

test('all that is kept of an account is there to be seen, and nothing that opens it', async () => {
  const site = new FakeAccounts();
  const { person, account } = await site.member();
  await furnishFactors(site, account.id);
  const store = accountsOf(site);
  await store.identities.add({
    issuer: 'https://issuer.example',
    subject: 's',
    account: account.id,
    label: 'ann',
    linkedAt: 1,
    usedAt: undefined,
  });
  const hash = await person.visit(({ session }) => session.idHash ?? '');
  const view = await site.accounts.operators.accounts.look(account.id);
  assert.ok(view !== undefined);
  assert.equal(view.account.email, 'ann@example.com');
  const { sessions, browsers, identities, activity, factors } = view;
  assert.deepEqual(
    [sessions.length, browsers.length, identities.length, activity.length, factors.recoveryCodesLeft],
    [1, 1, 1, 2, 1],
  );
  const text = JSON.stringify(view);
  assert.ok(hash !== '' && !text.includes(hash));
  assert.doesNotMatch(text, /argon2|sealed|hash/i);
  assert.equal(await site.accounts.operators.accounts.look('nobody'), undefined);
});
