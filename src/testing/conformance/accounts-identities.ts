import assert from 'node:assert/strict';
import { accountTest, HALVES, sketchAccount, sketchIdentity, WHOLE } from './accounts.ts';
import { countTrue, HOSTILE_TEXTS, NOW, type OpenState, refusesToStore } from './support.ts';

const ISSUER = 'https://issuer.example';

/** An account at another service signs in to one of ours at most. */
export function identityConformance(open: OpenState): void {
  accountTest(open, 'finds an identity by issuer and subject together', async ({ identities }) => {
    const used = sketchIdentity('s', { issuer: 'https://other.example', usedAt: NOW + 3 });
    assert.ok(await identities.add(sketchIdentity('s')));
    assert.ok(await identities.add({ ...used, account: 'bob' }));
    assert.deepEqual(await identities.find(ISSUER, 's'), sketchIdentity('s'));
    assert.deepEqual(await identities.find('https://other.example', 's'), { ...used, account: 'bob' });
    for (const [issuer, subject] of [
      [ISSUER, 'S'],
      [`${ISSUER}/`, 's'],
      [ISSUER, ''],
      ['', 's'],
    ] as const) {
      assert.equal(await identities.find(issuer, subject), undefined);
    }
  });

  accountTest(open, 'a pair that only reads like another is not that other', async ({ identities }) => {
    const pairs = [
      ['a', 'b c'],
      ['a b', 'c'],
      ['a","b', 'c'],
      ['a', 'b","c'],
      ['a\0b', 'c'],
      ['a', 'b\0c'],
    ] as const;
    for (const [issuer, subject] of pairs) {
      assert.ok(await identities.add(sketchIdentity(subject, { issuer, label: `${issuer}|${subject}` })));
    }
    for (const [issuer, subject] of pairs) {
      assert.equal((await identities.find(issuer, subject))?.label, `${issuer}|${subject}`);
    }
  });

  accountTest(
    open,
    'a pair that is linked is not linked again, to its owner or to another',
    async ({ identities }) => {
      assert.ok(await identities.add(sketchIdentity('s')));
      assert.ok(!(await identities.add(sketchIdentity('s', { account: 'bob' }))));
      assert.ok(!(await identities.add(sketchIdentity('s', { label: 'another' }))));
      assert.deepEqual(await identities.find(ISSUER, 's'), sketchIdentity('s'));
      assert.deepEqual(await identities.list('bob'), []);
    },
  );

  accountTest(
    open,
    'v5.0.0-15.4.2 of several accounts that link one pair at once exactly one gets it',
    async ({ identities }) => {
      const owners = ['ann', 'bob', 'ann', 'bob'];
      const links = owners.map((account) => identities.add(sketchIdentity('s', { account })));
      assert.equal(await countTrue(links), 1);
      assert.equal((await identities.list('ann')).length + (await identities.list('bob')).length, 1);
    },
  );

  accountTest(open, 'notes the use of an identity that is there', async ({ identities }) => {
    await identities.add(sketchIdentity('s'));
    await identities.add(sketchIdentity('other'));
    assert.ok(await identities.use(ISSUER, 's', NOW + 5));
    assert.deepEqual(await identities.find(ISSUER, 's'), sketchIdentity('s', { usedAt: NOW + 5 }));
    assert.deepEqual(await identities.find(ISSUER, 'other'), sketchIdentity('other'));
    assert.ok(!(await identities.use(ISSUER, 'unknown', NOW)));
    assert.ok(!(await identities.use('https://other.example', 's', NOW)));
    assert.equal(await identities.find(ISSUER, 'unknown'), undefined);
  });

  accountTest(open, 'lists the identities of one account, oldest first', async ({ identities }) => {
    await identities.add(sketchIdentity('b', { linkedAt: NOW + 2 }));
    await identities.add(sketchIdentity('a', { linkedAt: NOW + 3 }));
    await identities.add(sketchIdentity('c', { linkedAt: NOW + 1 }));
    await identities.add(sketchIdentity('d', { account: 'bob' }));
    await identities.use(ISSUER, 'c', NOW + 9);
    const subjects = (await identities.list('ann')).map(({ subject }) => subject);
    assert.deepEqual(subjects, ['c', 'b', 'a']);
    assert.deepEqual(await identities.list('nobody'), []);
  });

  accountTest(
    open,
    'nobody removes the identity of another, and one that was removed is free',
    async ({ identities }) => {
      await identities.add(sketchIdentity('s'));
      await identities.add(sketchIdentity('t'));
      assert.ok(!(await identities.remove('bob', ISSUER, 's')));
      assert.ok(!(await identities.remove('ann', 'https://other.example', 's')));
      assert.ok(!(await identities.remove('ann', ISSUER, 'u')));
      assert.ok(await identities.remove('ann', ISSUER, 's'));
      assert.ok(!(await identities.remove('ann', ISSUER, 's')));
      assert.ok(!(await identities.use(ISSUER, 's', NOW)));
      assert.deepEqual(await identities.list('ann'), [sketchIdentity('t')]);
      assert.ok(await identities.add(sketchIdentity('s', { account: 'bob' })));
    },
  );

  accountTest(open, 'gives hostile texts of identities back unchanged', async (accounts) => {
    const { identities } = accounts;
    for (const text of [...HOSTILE_TEXTS, WHOLE]) {
      await accounts.create(sketchAccount(text));
      const record = sketchIdentity(text, { issuer: text, account: text, label: text });
      assert.ok(await identities.add(record));
      assert.deepEqual(await identities.find(text, text), record);
      assert.deepEqual(await identities.list(text), [record]);
      assert.ok(await identities.use(text, text, NOW));
    }
    for (const half of HALVES) {
      assert.equal(await identities.find(half, WHOLE), undefined);
      assert.equal(await identities.find(WHOLE, half), undefined);
      assert.ok(!(await identities.use(WHOLE, half, NOW)));
      assert.deepEqual(await identities.list(half), []);
      assert.ok(!(await identities.remove(half, WHOLE, WHOLE)));
      assert.ok(!(await identities.remove(WHOLE, half, WHOLE)));
      for (const changes of [{ account: half }, { issuer: half }, { subject: half }, { label: half }]) {
        await refusesToStore(() => identities.add(sketchIdentity('z', changes)));
      }
    }
    for (const text of [...HOSTILE_TEXTS, WHOLE]) assert.ok(await identities.remove(text, text, text));
  });
}
