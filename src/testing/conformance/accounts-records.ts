import assert from 'node:assert/strict';
import { accountTest, HALVES, sketchAccount, WHOLE } from './accounts.ts';
import { countTrue, HOSTILE_TEXTS, NOW, type OpenState, refusesToStore, triesToAdd } from './support.ts';

/** Accounts come back as they were stored, and no two have one address. */
export function accountRecordConformance(open: OpenState): void {
  accountTest(
    open,
    'gives an account back as it was stored, by its id and by its address',
    async (accounts) => {
      const full = sketchAccount('full', { roles: ['admin', 'b'], disabledAt: NOW + 5, version: 7 });
      const bare = sketchAccount('bare', { passwordHash: undefined });
      for (const record of [full, bare]) {
        assert.ok(await accounts.create(record));
        assert.deepEqual(await accounts.find(record.id), record);
        assert.deepEqual(await accounts.findByEmail(record.emailKey), record);
      }
      for (const other of ['unknown', 'FULL', '', 'full@Example.com']) {
        assert.equal(await accounts.find(other), undefined);
        assert.equal(await accounts.findByEmail(other), undefined);
      }
    },
  );

  accountTest(
    open,
    'keeps of an account what it was given, not what becomes of that later',
    async (accounts) => {
      const roles = ['reader'];
      await accounts.create(sketchAccount('a', { roles }));
      roles.push('admin');
      assert.deepEqual((await accounts.find('a'))?.roles, ['reader']);
      await accounts.change('a', 1, { roles });
      roles.push('owner');
      assert.deepEqual((await accounts.find('a'))?.roles, ['reader', 'admin']);
    },
  );

  accountTest(
    open,
    'keeps of an account what it was given, not what a reader makes of what it was shown',
    async (accounts) => {
      const { id, emailKey } = sketchAccount('a');
      await accounts.create(sketchAccount('a', { roles: ['reader'] }));
      triesToAdd('admin', (await accounts.find(id))?.roles);
      triesToAdd('admin', (await accounts.findByEmail(emailKey))?.roles);
      assert.deepEqual((await accounts.find(id))?.roles, ['reader']);
      await accounts.change(id, 1, { roles: ['writer'] });
      triesToAdd('admin', (await accounts.find(id))?.roles);
      assert.deepEqual((await accounts.find(id))?.roles, ['writer']);
    },
  );

  accountTest(open, 'an id or an address that is taken is not taken over', async (accounts) => {
    assert.ok(!(await accounts.create(sketchAccount('ann', { emailKey: 'fresh', roles: ['admin'] }))));
    assert.ok(!(await accounts.create(sketchAccount('fresh', { emailKey: 'ann@example.com' }))));
    assert.ok(!(await accounts.create(sketchAccount('ann', { emailKey: 'bob@example.com' }))));
    assert.deepEqual(await accounts.find('ann'), sketchAccount('ann'));
    assert.deepEqual(await accounts.findByEmail('ann@example.com'), sketchAccount('ann'));
    assert.equal(await accounts.find('fresh'), undefined);
    assert.equal(await accounts.findByEmail('fresh'), undefined);
  });

  accountTest(
    open,
    'v5.0.0-15.4.2 of several simultaneous registrations of one address exactly one passes',
    async (accounts) => {
      const same = { emailKey: 'new@example.com' };
      const ids = ['a', 'b', 'c', 'd'];
      assert.equal(await countTrue(ids.map((id) => accounts.create(sketchAccount(id, same)))), 1);
      const found = await Promise.all(ids.map(async (id) => accounts.find(id)));
      const [winner, ...others] = found.filter((record) => record !== undefined);
      assert.deepEqual(others, []);
      assert.deepEqual(await accounts.findByEmail(same.emailKey), winner);
    },
  );

  accountTest(open, 'gives hostile texts of accounts back unchanged', async (accounts) => {
    for (const text of HOSTILE_TEXTS) {
      const record = sketchAccount(text, {
        email: text,
        emailKey: text,
        passwordHash: text,
        roles: [text, text],
      });
      assert.ok(await accounts.create(record));
      assert.deepEqual(await accounts.find(text), record);
      assert.deepEqual(await accounts.findByEmail(text), record);
      assert.ok(await accounts.replacePasswordHash(text, text, `${text}!`));
      assert.equal(await accounts.change(text, 1, { email: `${text}!`, roles: [text] }), 'changed');
      assert.equal((await accounts.find(text))?.passwordHash, `${text}!`);
      assert.ok(await accounts.remove(text));
      assert.equal(await accounts.find(text), undefined);
    }
  });

  accountTest(open, 'never takes half a surrogate pair for another account or address', async (accounts) => {
    await accounts.create(sketchAccount(WHOLE, { emailKey: WHOLE, passwordHash: WHOLE }));
    for (const half of HALVES) {
      assert.equal(await accounts.find(half), undefined);
      assert.equal(await accounts.findByEmail(half), undefined);
      assert.equal(await accounts.change(half, 1, { roles: ['admin'] }), 'stale');
      assert.ok(!(await accounts.replacePasswordHash(half, WHOLE, 'other')));
      assert.ok(!(await accounts.replacePasswordHash(WHOLE, half, 'other')));
      assert.ok(!(await accounts.remove(half)));
      for (const changes of [
        { emailKey: half },
        { email: half },
        { passwordHash: half },
        { roles: [half] },
      ]) {
        await refusesToStore(() => accounts.create(sketchAccount('new', changes)));
        await refusesToStore(() => accounts.change('ann', 1, changes));
      }
      await refusesToStore(() => accounts.create(sketchAccount(half, { emailKey: 'new' })));
      await refusesToStore(() => accounts.replacePasswordHash('ann', 'hash of ann', half));
    }
    assert.equal((await accounts.find(WHOLE))?.passwordHash, WHOLE);
    assert.deepEqual(await accounts.find('ann'), sketchAccount('ann'));
    assert.equal(await accounts.find('new'), undefined);
  });

  accountTest(open, 'goes through every account once, a few at a time', async (accounts) => {
    const ids = ['b', 'A', 'c', '\u00e9', '0', 'bb', '-'];
    for (const id of ids) await accounts.create(sketchAccount(id));
    const seen: string[] = [];
    for (let last: string | undefined; ; last = seen.at(-1)) {
      const page = await accounts.after(last, 2);
      seen.push(...page.map(({ id }) => id));
      // One that is removed on the way is no end of it.
      if (last === 'b') assert.ok(await accounts.remove('b'));
      if (page.length < 2) break;
    }
    assert.deepEqual(seen.toSorted(), [...ids, 'ann', 'bob'].toSorted());
    assert.deepEqual((await accounts.after(undefined, 1))[0], sketchAccount(seen[0] ?? ''));
  });

  accountTest(open, 'goes through accounts in the order of their addresses', async (accounts) => {
    // By id they come in another order, and by the rules of a language too.
    for (const [id, emailKey] of Object.entries({
      z: 'aa@example.com',
      y: 'ann-b@example.com',
      x: 'b_@a.example',
    }))
      await accounts.create(sketchAccount(id, { emailKey }));
    const page = async (after: string | undefined): Promise<string[]> =>
      (await accounts.afterEmail(after, 2)).map(({ emailKey }) => emailKey);
    assert.deepEqual(await page(undefined), ['aa@example.com', 'ann-b@example.com']);
    assert.deepEqual(await page('ann-b@example.com'), ['ann@example.com', 'b_@a.example']);
    // A place at which nobody stands is one as well.
    assert.deepEqual(await page('b'), ['b_@a.example', 'bob@example.com']);
    assert.deepEqual(await page('bob@example.com'), []);
    assert.deepEqual(
      (await accounts.afterEmail('aa', 1))[0],
      sketchAccount('z', { emailKey: 'aa@example.com' }),
    );
  });
}
