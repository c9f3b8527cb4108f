import assert from 'node:assert/strict';
import type { ApiTokenStore } from '../../stores/ports/accounts.ts';
import { accountTest, HALVES, MANY, sketchAccount, sketchApiToken, TTL, WHOLE } from './accounts.ts';
import { countTrue, HOSTILE_TEXTS, NOW, type OpenState, refusesToStore, triesToAdd } from './support.ts';

const MINUTE = 60_000;

/** A token of a program works for its account and its time, and is its owner's to remove. */
export function apiTokenConformance(open: OpenState): void {
  accountTest(open, 'finds an API token until its end, and not at it', async ({ apiTokens }) => {
    assert.ok(await apiTokens.add(sketchApiToken('a'), MANY, NOW));
    assert.deepEqual(await apiTokens.find('hash of a', NOW), sketchApiToken('a'));
    assert.ok(await apiTokens.find('hash of a', NOW + TTL - 1));
    assert.equal(await apiTokens.find('hash of a', NOW + TTL), undefined);
    for (const other of ['a', 'hash of b', 'Hash of a', '']) {
      assert.equal(await apiTokens.find(other, NOW), undefined);
    }
    const used = sketchApiToken('b', { scopes: [], usedAt: NOW + 3, usedFrom: '192.0.2.7' });
    assert.ok(await apiTokens.add(used, MANY, NOW));
    assert.deepEqual(await apiTokens.find('hash of b', NOW), used);
  });

  accountTest(open, 'binds an API token to the first key, and to no other', async ({ apiTokens }) => {
    await apiTokens.add(sketchApiToken('a', { jkt: 'first-use' }), MANY, NOW);
    await apiTokens.add(sketchApiToken('b'), MANY, NOW);
    await apiTokens.add(sketchApiToken('c', { jkt: 'a key' }), MANY, NOW);
    const bound = async (id: string): Promise<unknown> => (await apiTokens.find(`hash of ${id}`, NOW))?.jkt;
    for (const id of ['a', 'b']) {
      const answers = await Promise.all([apiTokens.bind(id, 'one'), apiTokens.bind(id, 'other')]);
      assert.equal(new Set(answers).size, 1);
      assert.equal(await bound(id), answers[0]);
      assert.equal(await apiTokens.bind(id, 'third'), answers[0]);
    }
    assert.equal(await apiTokens.bind('c', 'one'), 'a key');
    assert.equal(await bound('c'), 'a key');
    assert.equal(await apiTokens.bind('unknown', 'one'), undefined);
  });

  accountTest(
    open,
    'keeps the scopes it was given, not what becomes of them later',
    async ({ apiTokens }) => {
      const scopes = ['read'];
      await apiTokens.add(sketchApiToken('a', { scopes }), MANY, NOW);
      scopes.push('admin');
      assert.deepEqual((await apiTokens.find('hash of a', NOW))?.scopes, ['read']);
    },
  );

  accountTest(
    open,
    'keeps the scopes it was given, not what a reader makes of what it was shown',
    async ({ apiTokens }) => {
      await apiTokens.add(sketchApiToken('a', { scopes: ['read'] }), MANY, NOW);
      triesToAdd('admin', (await apiTokens.find('hash of a', NOW))?.scopes);
      triesToAdd('admin', (await apiTokens.list('ann'))[0]?.scopes);
      assert.deepEqual((await apiTokens.find('hash of a', NOW))?.scopes, ['read']);
    },
  );

  accountTest(open, 'adds none beyond the most that an account may have alive', async ({ apiTokens }) => {
    assert.ok(await apiTokens.add(sketchApiToken('bobs', { account: 'bob' }), 2, NOW));
    assert.ok(await apiTokens.add(sketchApiToken('a'), 2, NOW));
    assert.ok(await apiTokens.add(sketchApiToken('short', { expiresAt: NOW + 5 }), 2, NOW));
    assert.ok(!(await apiTokens.add(sketchApiToken('b'), 2, NOW + 4)));
    assert.equal(await apiTokens.find('hash of b', NOW), undefined);
    assert.ok(await apiTokens.add(sketchApiToken('b'), 2, NOW + 5));
    assert.ok(!(await apiTokens.add(sketchApiToken('c'), 2, NOW + 5)));
    assert.ok(await apiTokens.remove('ann', 'a'));
    assert.ok(await apiTokens.add(sketchApiToken('c'), 2, NOW + 5));
    assert.ok(await apiTokens.add(sketchApiToken('bobs too', { account: 'bob' }), 2, NOW));
  });

  accountTest(
    open,
    'v5.0.0-15.4.2 of several API tokens that are added at once no more pass than may',
    async ({ apiTokens }) => {
      const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
      assert.equal(await countTrue(ids.map((id) => apiTokens.add(sketchApiToken(id), 2, NOW))), 2);
      assert.equal((await apiTokens.list('ann')).length, 2);
    },
  );

  accountTest(open, 'refuses a second API token of one id or one hash', async ({ apiTokens }) => {
    await apiTokens.add(sketchApiToken('a'), MANY, NOW);
    const bobs = { account: 'bob' };
    await refusesToStore(() => apiTokens.add(sketchApiToken('a', { ...bobs, hash: 'fresh' }), MANY, NOW));
    await refusesToStore(() => apiTokens.add(sketchApiToken('z', { ...bobs, hash: 'hash of a' }), MANY, NOW));
    assert.deepEqual(await apiTokens.find('hash of a', NOW), sketchApiToken('a'));
    assert.equal(await apiTokens.find('fresh', NOW), undefined);
    assert.deepEqual(await apiTokens.list('bob'), []);
  });

  accountTest(open, 'notes a use of an API token now and then', async ({ apiTokens }) => {
    await apiTokens.add(sketchApiToken('a'), MANY, NOW);
    await apiTokens.add(sketchApiToken('b'), MANY, NOW);
    const noted = async (): Promise<unknown> => {
      const { usedAt, usedFrom } = (await apiTokens.find('hash of a', NOW)) ?? {};
      return [usedAt, usedFrom];
    };
    await apiTokens.noteUse('a', '192.0.2.1', NOW + 1, MINUTE);
    assert.deepEqual(await noted(), [NOW + 1, '192.0.2.1']);
    await apiTokens.noteUse('a', '192.0.2.2', NOW + MINUTE, MINUTE);
    assert.deepEqual(await noted(), [NOW + 1, '192.0.2.1']);
    await apiTokens.noteUse('a', '192.0.2.3', NOW + 1 + MINUTE, MINUTE);
    assert.deepEqual(await noted(), [NOW + 1 + MINUTE, '192.0.2.3']);
    // A late note of an earlier use does not move it back.
    await apiTokens.noteUse('a', '192.0.2.4', NOW + 2, 0);
    assert.deepEqual(await noted(), [NOW + 1 + MINUTE, '192.0.2.3']);
    await apiTokens.noteUse('unknown', '192.0.2.1', NOW, MINUTE);
    assert.deepEqual(await apiTokens.find('hash of b', NOW), sketchApiToken('b'));
  });

  accountTest(
    open,
    'lists the API tokens of one account, newest first, and those that have expired',
    async ({ apiTokens }) => {
      await apiTokens.add(sketchApiToken('b', { createdAt: NOW + 2, expiresAt: NOW + 3 }), MANY, NOW);
      await apiTokens.add(sketchApiToken('a', { createdAt: NOW + 3 }), MANY, NOW);
      await apiTokens.add(sketchApiToken('c', { createdAt: NOW + 1 }), MANY, NOW);
      await apiTokens.add(sketchApiToken('d', { account: 'bob' }), MANY, NOW);
      assert.equal(await apiTokens.find('hash of b', NOW + 3), undefined);
      assert.deepEqual(await idsOf(apiTokens), ['a', 'b', 'c']);
      assert.deepEqual(await apiTokens.list('nobody'), []);
    },
  );

  accountTest(
    open,
    'nobody removes the API token of another, and one that was removed opens nothing',
    async ({ apiTokens }) => {
      for (const id of ['a', 'b', 'c']) await apiTokens.add(sketchApiToken(id), MANY, NOW);
      await apiTokens.add(sketchApiToken('d', { account: 'bob' }), MANY, NOW);
      assert.ok(!(await apiTokens.remove('bob', 'a')));
      assert.ok(!(await apiTokens.remove('ann', 'unknown')));
      assert.ok(await apiTokens.remove('ann', 'a'));
      assert.ok(!(await apiTokens.remove('ann', 'a')));
      await apiTokens.noteUse('a', '192.0.2.1', NOW, 0);
      assert.equal(await apiTokens.find('hash of a', NOW), undefined);
      assert.equal(await apiTokens.removeAll('ann'), 2);
      assert.equal(await apiTokens.removeAll('ann'), 0);
      assert.equal(await apiTokens.find('hash of b', NOW), undefined);
      assert.ok(await apiTokens.find('hash of d', NOW));
      assert.ok(await apiTokens.add(sketchApiToken('a'), MANY, NOW));
    },
  );

  accountTest(open, 'gives hostile texts of API tokens back unchanged', async (accounts) => {
    const { apiTokens } = accounts;
    for (const text of [...HOSTILE_TEXTS, WHOLE]) {
      await accounts.create(sketchAccount(text));
      const texts = {
        hash: text,
        account: text,
        name: text,
        scopes: [text, text],
        hint: text,
        usedFrom: text,
      };
      const record = sketchApiToken(text, texts);
      assert.ok(await apiTokens.add(record, MANY, NOW));
      assert.deepEqual(await apiTokens.find(text, NOW), record);
      await apiTokens.noteUse(text, text, NOW, MINUTE);
      assert.deepEqual(await apiTokens.list(text), [{ ...record, usedAt: NOW }]);
    }
    for (const half of HALVES) {
      assert.equal(await apiTokens.find(half, NOW), undefined);
      assert.deepEqual(await apiTokens.list(half), []);
      assert.ok(!(await apiTokens.remove(half, WHOLE)));
      assert.ok(!(await apiTokens.remove(WHOLE, half)));
      assert.equal(await apiTokens.removeAll(half), 0);
      await apiTokens.noteUse(half, '192.0.2.1', NOW + MINUTE, MINUTE);
      await refusesToStore(() => apiTokens.noteUse('a', half, NOW, MINUTE));
      for (const changes of [{ account: half }, { name: half }, { scopes: [half] }, { usedFrom: half }]) {
        await refusesToStore(() => apiTokens.add(sketchApiToken('z', changes), MANY, NOW));
      }
    }
    assert.equal((await apiTokens.find(WHOLE, NOW))?.usedAt, NOW);
  });
}

async function idsOf(apiTokens: ApiTokenStore): Promise<string[]> {
  return (await apiTokens.list('ann')).map(({ id }) => id);
}
