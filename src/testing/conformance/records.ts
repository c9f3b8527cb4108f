import assert from 'node:assert/strict';
import {
  ABSOLUTE_MS,
  HOSTILE_TEXTS,
  NOW,
  type OpenState,
  refusesToStore,
  sketchSession,
  stateTest,
  triesToAdd,
} from './support.ts';

const MAX_DATA_BYTES = 256 * 1024;

/** Sessions come back as they were stored, or are refused. */
export function recordConformance(open: OpenState): void {
  stateTest(open, 'knows nothing of an id that was never stored', async ({ sessions, counters }) => {
    assert.equal(await sessions.find('unknown', NOW), undefined);
    assert.equal(await sessions.use('unknown', NOW, 0), undefined);
    assert.equal(await sessions.update('unknown', 1, { data: '{}' }, NOW), false);
    assert.equal(await sessions.replace('unknown', sketchSession('b'), NOW), false);
    assert.equal(await sessions.revoke('unknown'), false);
    assert.equal(await sessions.revokeAccount('nobody'), 0);
    assert.deepEqual(await sessions.list('nobody', NOW), []);
    assert.equal(await sessions.putOnceToken('unknown', 't', NOW + 1000, NOW), false);
    assert.equal(await sessions.takeToken('unknown', 't', NOW), false);
    assert.equal(await sessions.sweep(NOW), 0);
    assert.equal(await sessions.count(), 0);
    assert.equal(await counters.count(), 0);
  });

  stateTest(open, 'gives a session back as it was stored', async ({ sessions }) => {
    const full = sketchSession('full', {
      roles: ['admin', 'b'],
      mfaAt: NOW + 5,
      version: 7,
      data: '{"a":[1]}',
      device: 'a device',
    });
    const visitor = sketchSession('visitor', { account: undefined, signedInAt: undefined });
    await sessions.create(full);
    await sessions.create(visitor);
    assert.deepEqual(await sessions.find('full', NOW), full);
    assert.deepEqual(await sessions.find('visitor', NOW), visitor);
    assert.equal(await sessions.count(), 2);
  });

  stateTest(
    open,
    'binds a session to a device where it is told to, and never unbinds it',
    async ({ sessions }) => {
      await sessions.create(sketchSession('a'));
      assert.equal(await sessions.update('a', 2, { data: '{}', device: 'other' }, NOW), false);
      assert.equal((await sessions.find('a', NOW))?.device, undefined);
      assert.equal(await sessions.update('a', 1, { data: '{}', device: 'device' }, NOW), true);
      assert.equal(await sessions.update('a', 2, { data: '{"b":1}' }, NOW), true);
      const used = await sessions.use('a', NOW + 60_000, 0);
      assert.ok(typeof used === 'object');
      assert.deepEqual([used.device, used.data, used.version], ['device', '{"b":1}', 3]);
      assert.equal((await sessions.list('ann', NOW))[0]?.device, 'device');
      assert.equal(await sessions.replace('a', { ...used, idHash: 'b' }, NOW), true);
      assert.equal((await sessions.find('b', NOW))?.device, 'device');
      await refusesToStore(() => sessions.update('b', 3, { data: '{}', device: 'x'.repeat(1025) }, NOW));
    },
  );

  stateTest(open, 'keeps what it was given, not what the caller makes of it later', async ({ sessions }) => {
    const roles = ['reader'];
    await sessions.create(sketchSession('a', { roles }));
    roles.push('admin');
    assert.deepEqual((await sessions.find('a', NOW))?.roles, ['reader']);
  });

  stateTest(
    open,
    'keeps what it was given, not what a reader makes of what it was shown',
    async ({ sessions }) => {
      await sessions.create(sketchSession('a', { roles: ['reader'] }));
      for (const read of [sessions.find('a', NOW), sessions.use('a', NOW, 0), sessions.list('ann', NOW)]) {
        const found = await read;
        const [session] = [found].flat();
        triesToAdd('admin', typeof session === 'object' ? session.roles : undefined);
      }
      assert.deepEqual((await sessions.find('a', NOW))?.roles, ['reader']);
    },
  );

  stateTest(open, 'refuses a second session of one id', async ({ sessions }) => {
    await sessions.create(sketchSession('a', { account: 'ann' }));
    await refusesToStore(() => sessions.create(sketchSession('a', { account: 'bob' })));
    assert.equal((await sessions.find('a', NOW))?.account, 'ann');
    assert.deepEqual(await sessions.list('bob', NOW), []);
  });

  stateTest(open, 'gives hostile texts back unchanged, in every field', async ({ sessions }) => {
    for (const text of HOSTILE_TEXTS) {
      const record = sketchSession(`id ${text}`, {
        account: text,
        roles: [text, text],
        address: text,
        userAgent: text,
        data: JSON.stringify({ [text]: text }),
      });
      await sessions.create(record);
      assert.deepEqual(await sessions.find(`id ${text}`, NOW), record);
      assert.deepEqual(await sessions.list(text, NOW), [record]);
      assert.ok(await sessions.putOnceToken(`id ${text}`, text, NOW + 1000, NOW));
      assert.ok(await sessions.takeToken(`id ${text}`, text, NOW));
    }
    for (const text of HOSTILE_TEXTS) assert.equal(await sessions.revokeAccount(text), 1);
    assert.equal(await sessions.count(), 0);
  });

  stateTest(open, 'never takes half a surrogate pair for another account', async ({ sessions }) => {
    await sessions.create(sketchSession('a', { account: 'x\ufffd' }));
    for (const half of ['x\ud800', 'x\udfff']) {
      assert.deepEqual(await sessions.list(half, NOW), []);
      assert.equal(await sessions.revokeAccount(half), 0);
      await refusesToStore(() => sessions.create(sketchSession(`b${half.length}`, { account: half })));
      await refusesToStore(() => sessions.create(sketchSession('c', { userAgent: half })));
    }
    assert.equal(await sessions.count(), 1);
  });

  stateTest(open, 'holds 256 KB of data in a session, and refuses a byte more', async ({ sessions }) => {
    const most = JSON.stringify('\u00e9'.repeat(MAX_DATA_BYTES / 2 - 1));
    assert.equal(Buffer.byteLength(most), MAX_DATA_BYTES);
    const more = JSON.stringify(`a${'\u00e9'.repeat(MAX_DATA_BYTES / 2 - 1)}`);
    await sessions.create(sketchSession('a', { data: most }));
    assert.equal((await sessions.find('a', NOW))?.data, most);
    await refusesToStore(() => sessions.create(sketchSession('b', { data: more })));
    await refusesToStore(() => sessions.update('a', 1, { data: more }, NOW));
    await refusesToStore(() => sessions.replace('a', sketchSession('c', { data: more }), NOW));
    assert.equal((await sessions.find('a', NOW))?.data, most);
    assert.equal(await sessions.find('c', NOW), undefined);
  });

  stateTest(open, 'lists the live sessions of one account only, last used first', async ({ sessions }) => {
    await sessions.create(sketchSession('first', { seenAt: NOW + 1 }));
    await sessions.create(sketchSession('last', { seenAt: NOW + 3 }));
    await sessions.create(sketchSession('middle', { seenAt: NOW + 2 }));
    await sessions.create(sketchSession('over', { expiresAt: NOW + 4 }));
    await sessions.create(sketchSession('bob', { account: 'bob' }));
    await sessions.create(sketchSession('visitor', { account: undefined }));
    const names = async (): Promise<string[]> =>
      (await sessions.list('ann', NOW + 4)).map(({ idHash }) => idHash);
    assert.deepEqual(await names(), ['last', 'middle', 'first']);
    await sessions.use('first', NOW + 5, 0);
    await sessions.revoke('last');
    assert.deepEqual(await names(), ['first', 'middle']);
  });

  stateTest(open, 'lists and ends 10,000 sessions of one account', async ({ sessions }) => {
    for (let batch = 0; batch < 100; batch += 1) {
      const some = Array.from({ length: 100 }, (_, index) => batch * 100 + index);
      await Promise.all(
        some.map(async (index) => {
          const times = { seenAt: NOW + index, expiresAt: NOW + ABSOLUTE_MS };
          await sessions.create(sketchSession(`s${index}`, times));
        }),
      );
    }
    const all = await sessions.list('ann', NOW + 10_000);
    assert.equal(all.length, 10_000);
    assert.equal(all[0]?.idHash, 's9999');
    assert.equal(await sessions.revokeAccount('ann', 's42'), 9999);
    assert.deepEqual(
      (await sessions.list('ann', NOW + 10_000)).map(({ idHash }) => idHash),
      ['s42'],
    );
  });
}
