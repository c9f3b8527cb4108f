/** A change of a session that nobody awaited: it ends no process, and what came of it is in the log. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { acrossNetwork, FakeBrowser, FakeSite, signedIn } from '../../../test/support/sessions.ts';
import { memory } from '../../stores/memory/state.ts';
import type { SessionStore } from '../../stores/ports/sessions.ts';
import { SessionHandle } from './session-handle.ts';

/** What methods are called with; none is named here that needs nothing. A new one is called without. */
const ARGUMENTS: Readonly<Record<string, readonly unknown[]>> = {
  set: ['a', 1],
  delete: ['a'],
  take: ['a', 'b'],
  get: ['a'],
  hasRoomFor: ['a', 1],
  change: ['a', () => 1],
  signIn: [{ account: 'ann' }],
  revoke: ['x'],
  issueToken: ['form', 1000],
  useToken: ['form', 'x'.repeat(32)],
};

const METHODS = Object.getOwnPropertyNames(SessionHandle.prototype).filter(
  (name) =>
    name !== 'constructor' &&
    typeof Object.getOwnPropertyDescriptor(SessionHandle.prototype, name)?.value === 'function',
);

/** A store that fails from a moment on. */
function failing(store: SessionStore, fails: () => boolean): SessionStore {
  return new Proxy(store, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as (...values: unknown[]) => unknown;
      return (...values: unknown[]) => {
        if (fails()) throw new Error('the disk is full');
        return method.apply(target, values);
      };
    },
  });
}

/** Rejections that nobody handled, for which Node.js would end the process. */
async function unhandledIn(work: () => Promise<unknown>): Promise<unknown[]> {
  const unhandled: unknown[] = [];
  const before = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (error) => unhandled.push(error));
  try {
    await work();
    // Node.js tells of them once all that was to be done is done.
    for (let round = 0; round < 5; round += 1) await setImmediate();
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const listener of before) process.on('unhandledRejection', listener);
  }
  return unhandled;
}

for (const [where, reach] of [
  ['at once', (store: SessionStore) => store],
  ['with a promise', acrossNetwork],
] as const) {
  test(`no call of a session ends the process where its store fails ${where}`, async () => {
    for (const name of METHODS) {
      let fails = false;
      const site = new FakeSite(failing(reach(memory().sessions), () => fails));
      const browser = await signedIn(site);
      site.events.length = 0;
      let asked = false;
      const unhandled = await unhandledIn(() =>
        browser.visit((its) => {
          fails = true;
          const method = Reflect.get(its, name) as (...values: unknown[]) => unknown;
          asked = method.apply(its, [...(ARGUMENTS[name] ?? [])]) instanceof Promise;
        }),
      );
      assert.deepEqual(unhandled, [], name);
      const crashes = site.events.filter(({ event }) => event === 'sys_crash');
      assert.equal(crashes.length, asked ? 1 : 0, name);
    }
  });
}

test('no call of `layer.sessions` ends the process either: they are for the time after a theft', async () => {
  const calls: Readonly<Record<string, (site: FakeSite) => unknown>> = {
    list: ({ sessions }) => sessions.list('ann'),
    revoke: ({ sessions }) => sessions.revoke('x'),
    revokeAccount: ({ sessions }) => sessions.revokeAccount('ann'),
  };
  for (const [name, call] of Object.entries(calls)) {
    const site = new FakeSite(failing(acrossNetwork(memory().sessions), () => true));
    const unhandled = await unhandledIn(() => {
      call(site);
      return Promise.resolve();
    });
    assert.deepEqual(unhandled, [], name);
    assert.equal(site.events.filter(({ event }) => event === 'sys_crash').length, 1, name);
    await assert.rejects(async () => call(site), /the disk is full/, name);
    assert.equal(site.events.filter(({ event }) => event === 'sys_crash').length, 1, name);
  }
});

test('the same is so for a value that JSON does not have, and for a session that is over', async () => {
  const calls: readonly ((its: SessionHandle) => unknown)[] = [
    (its) => its.set('a', (() => 1) as never),
    (its) => its.renew(),
    (its) => its.issueToken('form', -1),
  ];
  for (const call of calls) {
    const site = new FakeSite();
    const unhandled = await unhandledIn(() =>
      new FakeBrowser(site, 'x'.repeat(32)).visit((its) => {
        call(its);
      }),
    );
    assert.deepEqual(unhandled, []);
    assert.equal(site.events.filter(({ event }) => event === 'sys_crash').length, 1);
  }
});

test('who awaits, catches or chains gets the error as ever, and the log has no word of it', async () => {
  for (const heed of [
    async (work: Promise<unknown>) => work,
    (work: Promise<unknown>) => work.then((done) => done),
    (work: Promise<unknown>) => work.catch((error: unknown) => Promise.reject(error as Error)),
    (work: Promise<unknown>) => work.finally(() => undefined),
    (work: Promise<unknown>) => Promise.all([work, Promise.resolve(1)]),
    (work: Promise<unknown>) => Promise.race([work, new Promise(() => undefined)]),
  ]) {
    let fails = false;
    const site = new FakeSite(failing(memory().sessions, () => fails));
    const browser = await signedIn(site);
    const { error } = await browser.visit(async (its) => {
      fails = true;
      await heed(its.set('a', 1));
    });
    assert.match(String(error), /the disk is full/);
    assert.ok(site.events.every(({ event }) => event !== 'sys_crash'));
  }
});
