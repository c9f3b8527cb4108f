import assert from 'node:assert/strict';
import { accountTest, sketchAccount } from './accounts.ts';
import { countTrue, NOW, type OpenState } from './support.ts';

/** What opens an account changes over the version that was read, or not at all. */
export function accountChangeConformance(open: OpenState): void {
  accountTest(open, 'changes what is named, and counts the version up', async (accounts) => {
    assert.equal(await accounts.change('ann', 1, { email: 'Ann@new.example', emailKey: 'new' }), 'changed');
    const moved = { email: 'Ann@new.example', emailKey: 'new' };
    assert.deepEqual(await accounts.find('ann'), sketchAccount('ann', { ...moved, version: 2 }));
    assert.equal(await accounts.findByEmail('ann@example.com'), undefined);
    assert.equal((await accounts.findByEmail('new'))?.id, 'ann');
    const more = { passwordHash: 'another', roles: ['admin'], disabledAt: NOW + 1 };
    assert.equal(await accounts.change('ann', 2, more), 'changed');
    assert.deepEqual(await accounts.find('ann'), sketchAccount('ann', { ...moved, ...more, version: 3 }));
    assert.equal(await accounts.change('ann', 3, {}), 'changed');
    assert.deepEqual(await accounts.find('ann'), sketchAccount('ann', { ...moved, ...more, version: 4 }));
    const taken = { passwordHash: undefined, roles: [], disabledAt: undefined };
    assert.equal(
      await accounts.change('ann', 4, { passwordHash: null, roles: [], disabledAt: null }),
      'changed',
    );
    assert.deepEqual(await accounts.find('ann'), sketchAccount('ann', { ...moved, ...taken, version: 5 }));
    assert.deepEqual(await accounts.find('bob'), sketchAccount('bob'));
  });

  accountTest(open, 'changes nothing over a version that is no longer there', async (accounts) => {
    await accounts.change('ann', 1, { roles: ['reader'] });
    for (const version of [0, 1, 3]) {
      assert.equal(await accounts.change('ann', version, { roles: ['admin'] }), 'stale');
      assert.equal(await accounts.change('ann', version, { emailKey: 'bob@example.com' }), 'stale');
    }
    assert.equal(await accounts.change('nobody', 1, { roles: ['admin'] }), 'stale');
    assert.deepEqual(await accounts.find('ann'), sketchAccount('ann', { roles: ['reader'], version: 2 }));
    assert.equal(await accounts.find('nobody'), undefined);
  });

  accountTest(open, 'an address that is taken changes nothing at all', async (accounts) => {
    const change = { emailKey: 'bob@example.com', email: 'bob@example.com', roles: ['admin'] };
    assert.equal(await accounts.change('ann', 1, change), 'taken');
    assert.deepEqual(await accounts.find('ann'), sketchAccount('ann'));
    assert.deepEqual(await accounts.findByEmail('bob@example.com'), sketchAccount('bob'));
    // Its own is not taken.
    assert.equal(await accounts.change('ann', 1, { emailKey: 'ann@example.com' }), 'changed');
  });

  accountTest(open, 'an address that was left is free again', async (accounts) => {
    assert.equal(await accounts.change('ann', 1, { emailKey: 'elsewhere' }), 'changed');
    assert.equal(await accounts.change('bob', 1, { emailKey: 'ann@example.com' }), 'changed');
    assert.equal((await accounts.findByEmail('ann@example.com'))?.id, 'bob');
    assert.ok(await accounts.remove('bob'));
    assert.ok(await accounts.create(sketchAccount('new', { emailKey: 'ann@example.com' })));
  });

  accountTest(
    open,
    'v5.0.0-15.4.2 of several simultaneous changes of one version exactly one is made',
    async (accounts) => {
      const names = ['one', 'two', 'three', 'four'];
      const changes = await Promise.all(
        names.map(async (name) => accounts.change('ann', 1, { passwordHash: name })),
      );
      assert.deepEqual(changes.toSorted(), ['changed', 'stale', 'stale', 'stale']);
      const { passwordHash, version } = (await accounts.find('ann')) ?? {};
      assert.deepEqual([passwordHash, version], [names[changes.indexOf('changed')], 2]);
    },
  );

  accountTest(open, 'of two accounts that want one address exactly one gets it', async (accounts) => {
    const change = { emailKey: 'wanted' };
    const changes = await Promise.all(['ann', 'bob'].map(async (id) => accounts.change(id, 1, change)));
    assert.deepEqual(changes.toSorted(), ['changed', 'taken']);
    const both = [
      accounts.create(sketchAccount('new', { emailKey: 'contested' })),
      changes[0] === 'changed'
        ? accounts.change('bob', 1, { emailKey: 'contested' })
        : accounts.change('ann', 1, { emailKey: 'contested' }),
    ];
    const [created, changed] = await Promise.all(both.map(async (one) => one));
    assert.ok((created === true && changed === 'taken') || (created === false && changed === 'changed'));
  });

  accountTest(open, 'puts a stronger hash in the place of the one just verified', async (accounts) => {
    assert.ok(await accounts.replacePasswordHash('ann', 'hash of ann', 'stronger'));
    assert.deepEqual(await accounts.find('ann'), sketchAccount('ann', { passwordHash: 'stronger' }));
    assert.ok(!(await accounts.replacePasswordHash('ann', 'hash of ann', 'other')));
    assert.ok(!(await accounts.replacePasswordHash('nobody', 'hash of ann', 'other')));
    assert.ok(!(await accounts.replacePasswordHash('ann', 'hash of bob', 'other')));
    await accounts.change('bob', 1, { passwordHash: null });
    for (const verified of ['', 'hash of bob', 'null']) {
      assert.ok(!(await accounts.replacePasswordHash('bob', verified, 'other')));
    }
    assert.equal((await accounts.find('bob'))?.passwordHash, undefined);
    assert.equal((await accounts.find('ann'))?.passwordHash, 'stronger');
  });

  accountTest(open, 'of two that strengthen one hash at once one does', async (accounts) => {
    const both = ['one', 'two'].map((name) => accounts.replacePasswordHash('ann', 'hash of ann', name));
    assert.equal(await countTrue(both), 1);
  });
}
