import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memory } from '../../stores/memory/state.ts';
import {
  acrossNetwork,
  counted,
  FakeBrowser,
  FakeSite,
  type Handler,
  hasCode,
  look,
  signedIn,
} from '../../../test/support/sessions.ts';

test('v5.0.0-7.6.2 is there for a visitor too, and reading it stores nothing', async () => {
  const site = new FakeSite();
  const seen = await look(new FakeBrowser(site), (its) => [
    its.live,
    its.idHash,
    its.principal,
    its.get('a'),
  ]);
  assert.deepEqual(seen, [false, undefined, undefined, undefined]);
  assert.deepEqual(await look(new FakeBrowser(site), async (its) => its.list()), []);
  await look(new FakeBrowser(site), async (its) => its.delete('a'));
  assert.equal(await site.store.count(), 0);
});

test('keeps values from one request to the next, and forgets what is deleted', async () => {
  const browser = new FakeBrowser(new FakeSite());
  await look(browser, async (its) => {
    await its.set('cart', { items: [1, 'two', null, { three: true }] });
    await its.set('gone', 1);
  });
  assert.deepEqual(await look(browser, (its) => its.get('cart')), {
    items: [1, 'two', null, { three: true }],
  });
  await look(browser, async (its) => its.delete('gone'));
  assert.deepEqual(await look(browser, (its) => [its.get('gone'), its.get('never')]), [undefined, undefined]);
});

test('shows the rest of a request what the next one will see', async () => {
  const browser = new FakeBrowser(new FakeSite());
  const list = ['a'];
  const seen = await look(browser, async (its) => {
    await its.set('list', list);
    list.push('b');
    return its.get('list');
  });
  assert.deepEqual(seen, ['a']);
  assert.deepEqual(await look(browser, (its) => its.get('list')), ['a']);
});

test('v5.0.0-15.3.6 (in part) takes no key for a way into a prototype', async () => {
  const browser = new FakeBrowser(new FakeSite());
  assert.deepEqual(await look(browser, (its) => [its.get('constructor'), its.get('__proto__')]), [
    undefined,
    undefined,
  ]);
  await look(browser, async (its) => its.set('__proto__', { admin: true }));
  assert.deepEqual(await look(browser, (its) => its.get('__proto__')), { admin: true });
  assert.equal(({} as { admin?: boolean }).admin, undefined);
  assert.equal(await look(browser, (its) => its.get('admin')), undefined);
});

test('says so where JSON has no such value, and stores nothing', async () => {
  const site = new FakeSite();
  for (const value of [undefined, () => 1, Symbol('s'), 1n]) {
    const { error } = await new FakeBrowser(site).visit(async (its) => its.set('a', value as never));
    assert.equal((error as { code?: string }).code, 'ERR_BULWARK_INVALID_ARGUMENT');
  }
  assert.equal(await site.store.count(), 0);
});

test('refuses more than 256 KB, and keeps what was there', async () => {
  const browser = new FakeBrowser(new FakeSite());
  await look(browser, async (its) => its.set('a', 1));
  const { error } = await browser.visit(async (its) => its.set('b', 'x'.repeat(256 * 1024)));
  assert.ok(hasCode('ERR_BULWARK_STORE')(error));
  assert.deepEqual(await look(browser, (its) => [its.get('a'), its.get('b')]), [1, undefined]);
});

test('v5.0.0-15.4.2 of requests at once that set different keys, all win', async () => {
  for (const store of [memory().sessions, acrossNetwork(memory().sessions)]) {
    const browser = await signedIn(new FakeSite(store));
    const keys = Array.from({ length: 20 }, (_, index) => `key ${index}`);
    await Promise.all(
      keys.map(async (key) =>
        new FakeBrowser(browser.site, browser.id).visit(async (its) => its.set(key, key)),
      ),
    );
    assert.deepEqual(await look(browser, (its) => keys.map((key) => its.get(key))), keys);
  }
});

test('two changes of a visitor in one request begin one session', async () => {
  const site = new FakeSite(acrossNetwork(memory().sessions));
  const browser = new FakeBrowser(site);
  await look(browser, async (its) =>
    Promise.all([its.set('a', 1), its.set('b', 2), its.issueToken('p', 1000)]),
  );
  assert.equal(await site.store.count(), 1);
  assert.deepEqual(await look(browser, (its) => [its.get('a'), its.get('b')]), [1, 2]);
});

test('needs no head to store a value in a session that is there', async () => {
  const browser = await signedIn(new FakeSite());
  await look(browser, async (its) => its.set('a', 1));
  const { error } = await browser.visit(async (its, exchange) => {
    exchange.headSent = true;
    await its.set('a', 2);
  });
  assert.equal(error, undefined);
  assert.equal(await look(browser, (its) => its.get('a')), 2);
});

test('one change that fails does not hold up those after it', async () => {
  const browser = await signedIn(new FakeSite());
  const values = await look(browser, async (its) => {
    const big = its.set('big', 'x'.repeat(300_000));
    const small = its.set('small', 1);
    await assert.rejects(big);
    await small;
    return [its.get('big'), its.get('small')];
  });
  assert.deepEqual(values, [undefined, 1]);
});

test('whatever reads the session keeps the answer out of caches', async () => {
  const site = new FakeSite();
  const reads: Handler[] = [
    (its) => its.live,
    (its) => its.get('a'),
    (its) => its.principal,
    (its) => its.idHash,
  ];
  for (const read of reads)
    assert.equal((await new FakeBrowser(site).visit(read)).exchange.sessionRead, true);
  assert.equal((await new FakeBrowser(site).visit()).exchange.sessionRead, false);
});

test('a plain read of a live session writes nothing and sends no cookie', async () => {
  const { store, calls } = counted(memory().sessions);
  const browser = await signedIn(new FakeSite(store));
  calls.clear();
  const { setCookies } = await browser.visit((its) => [its.get('a'), its.principal]);
  assert.deepEqual(setCookies, []);
  assert.deepEqual([...calls.keys()], ['use']);
});

test('lets exactly one of ten requests at once take a text, and none that names another', async () => {
  for (const store of [memory().sessions, acrossNetwork(memory().sessions)]) {
    const browser = await signedIn(new FakeSite(store));
    await browser.visit(async (its) => its.set('once', 'text'));
    assert.equal(await look(browser, async (its) => its.take('once', 'other')), false);
    assert.equal(await look(browser, async (its) => its.take('toString', 'text')), false);
    const taken = await Promise.all(
      Array.from({ length: 10 }, async () => look(browser, async (its) => its.take('once', 'text'))),
    );
    assert.equal(taken.filter(Boolean).length, 1);
    assert.equal(await look(browser, (its) => its.get('once')), undefined);
  }
  assert.equal(await look(new FakeBrowser(new FakeSite()), async (its) => its.take('a', 'b')), false);
});

test('knows how much more there is room for, in bytes and not in characters', async () => {
  const browser = await signedIn(new FakeSite());
  await browser.visit(async (its) => its.set('a', 'x'.repeat(200 * 1024)));
  const most = 56 * 1024 - Buffer.byteLength('{"a":"","b":""}') + 1;
  assert.equal(await look(browser, (its) => its.hasRoomFor('b', 'x'.repeat(most - 1))), true);
  await look(browser, async (its) => its.set('b', 'x'.repeat(most - 2)));
  assert.equal(await look(browser, (its) => its.hasRoomFor('b', 'x'.repeat(most))), false);
  assert.equal(await look(browser, (its) => its.hasRoomFor('b', '\u00e9'.repeat(most / 2 + 1))), false);
  assert.equal(await look(new FakeBrowser(new FakeSite()), (its) => its.hasRoomFor('b', 'x')), false);
});

test('of ten that each add to one value at once none is lost', async () => {
  for (const store of [memory().sessions, acrossNetwork(memory().sessions)]) {
    const browser = await signedIn(new FakeSite(store));
    const add = async (letter: string): Promise<void> => {
      await look(new FakeBrowser(browser.site, browser.id), async (its) =>
        its.change('list', (value) => [...(Array.isArray(value) ? (value as string[]) : []), letter]),
      );
    };
    await Promise.all('abcdefghij'.split('').map(add));
    const list = await look(browser, (its) => its.get('list'));
    assert.deepEqual([...(list as string[])].sort().join(''), 'abcdefghij');
    await look(browser, async (its) => its.change('list', () => undefined));
    assert.equal(await look(browser, (its) => its.get('list')), undefined);
  }
});
