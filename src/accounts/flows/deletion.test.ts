import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { mock, test } from 'node:test';
import { FakeAccounts, type Person } from '../../../test/support/accounts.ts';
import type { DeletionVerdict, OnDelete } from './deletion.ts';
import { errorName } from '../../core/errors.ts';
import { memory } from '../../stores/memory/state.ts';

const EMAIL = 'ann@example.com';
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

test('an account that its owner does not want is signed out at once, and gone after its time', async () => {
  const { site, ann, account, gone } = await owner();
  const other = site.person('192.0.2.20');
  await other.signIn(EMAIL);
  assert.deepEqual(await ask(site, ann), { ok: true, at: site.now + 7 * DAY });
  assert.deepEqual([await ann.who(), await other.who()], [undefined, undefined]);
  await site.accounts.settled();
  const mail = site.mails.find(({ subject }) => subject === 'Your account is to be removed (Example)');
  assert.match(mail?.text ?? '', /will be removed on \d{1,2} \w+ \d{4}/);
  site.now += 7 * DAY - 1;
  assert.equal(await site.accounts.deletion?.run(), 0);
  site.now += 1;
  assert.equal(await site.accounts.deletion?.run(), 1);
  assert.equal(await site.state.accounts?.find(account.id), undefined);
  assert.deepEqual(gone, [account.id]);
  assert.equal(await site.person().signIn(EMAIL), 'credentials');
  assert.ok(site.events.some(({ event }) => event === 'user_deleted'));
});

test('who signs in within the time keeps it, once, and is told', async () => {
  const { site, ann, account } = await owner();
  await ask(site, ann);
  site.now += 6 * DAY;
  assert.equal(await ann.signIn(EMAIL), 'signed in');
  assert.deepEqual(await site.accounts.deletion?.pending(account.id), { at: site.now + DAY, begun: false });
  assert.ok(await keep(site, ann));
  assert.ok(!(await keep(site, ann)));
  assert.equal(await site.accounts.deletion?.pending(account.id), undefined);
  site.now += 8 * DAY;
  assert.equal(await site.accounts.deletion?.run(), 0);
  assert.ok(await site.state.accounts?.find(account.id));
  await site.accounts.settled();
  assert.ok(site.mails.some(({ subject }) => subject.startsWith('Your account is kept')));
  const lines = (await site.accounts.activity.list(account.id)).map(({ event }) => event);
  assert.ok(lines.includes('deletion-asked') && lines.includes('deletion-withdrawn'));
});

test('it asks for a proof of the last quarter of an hour, of the owner', async () => {
  const { site, ann } = await owner();
  site.now += 15 * MINUTE + 1;
  assert.deepEqual(await ask(site, ann), { ok: false, reason: 'fresh' });
  assert.ok(await ann.who());
  const bob = site.person('192.0.2.9');
  await site.register(bob, 'bob@example.com');
  const record = await site.state.accounts?.findByEmail(EMAIL);
  assert.ok(record);
  const verdict = await bob.visit((visit) => site.accounts.deletion?.ask(visit, record));
  assert.deepEqual(verdict, { ok: false, reason: 'fresh' });
});

test('a second wish is the first one: its day stays', async () => {
  const { site, ann, account } = await owner();
  const first = await ask(site, ann);
  site.now += DAY;
  await ann.signIn(EMAIL);
  assert.deepEqual(await ask(site, ann), { ok: false, reason: 'waiting' });
  assert.ok(first?.ok);
  assert.deepEqual(await site.accounts.deletion?.pending(account.id), { at: first.at, begun: false });
});

test('of several processes one removes it, and tells the application once', async () => {
  const { site, ann, gone } = await owner();
  await ask(site, ann);
  const others = [1, 2, 3].map(() => process(site, gone));
  site.now += 7 * DAY;
  for (const one of others) one.now = site.now;
  const counts = await Promise.all([site, ...others].map(async (one) => one.accounts.deletion?.run()));
  assert.deepEqual(counts.toSorted(), [0, 0, 0, 1]);
  assert.equal(gone.length, 1);
});

test('of the owner who keeps it and the removal, exactly one gets it', async () => {
  const { site, ann, account, gone } = await owner();
  await ask(site, ann);
  site.now += 7 * DAY - 1;
  await ann.signIn(EMAIL);
  site.now += 1;
  const [kept, removed] = await Promise.all([
    keep(site, ann).catch(() => false),
    site.accounts.deletion?.run(),
  ]);
  assert.notEqual(kept, removed === 1);
  assert.equal((await site.state.accounts?.find(account.id)) !== undefined, kept);
  assert.equal(gone.length, kept ? 0 : 1);
});

test('where the part of the application fails, the account stays, and it is tried again; nobody keeps it then', async () => {
  let fails = true;
  const gone: string[] = [];
  const { site, ann, account } = await owner((id) => {
    gone.push(id);
    if (fails) throw new Error('no disk today');
  });
  await ask(site, ann);
  site.now += 7 * DAY;
  assert.equal(await site.accounts.deletion?.run(), 0);
  assert.ok(await site.state.accounts?.find(account.id));
  const told = site.events.find(({ details }) => details?.['part'] === 'accounts.onDelete');
  assert.ok(
    told?.details?.['error'] instanceof Error,
    'its words, as of anything of the application that fails',
  );
  await ann.signIn(EMAIL);
  assert.ok(!(await keep(site, ann)), 'what the application has of it may be gone');
  fails = false;
  // Another process takes its turn once the first had time to end.
  const other = process(site, gone);
  other.now = site.now;
  assert.equal(await other.accounts.deletion?.run(), 0);
  other.now += 6 * MINUTE;
  assert.equal(await other.accounts.deletion?.run(), 1);
  assert.equal(await site.state.accounts?.find(account.id), undefined);
  assert.deepEqual(gone, [account.id, account.id]);
});

test('a removal that has begun is no wish: its day stays, it is asked for no more, and nobody hears that it is kept', async () => {
  const { site, ann, account } = await owner(() => {
    throw new Error('no disk today');
  });
  const first = await ask(site, ann);
  assert.ok(first?.ok);
  site.now += 7 * DAY;
  await site.accounts.deletion?.run();
  await ann.signIn(EMAIL);
  assert.deepEqual(await site.accounts.deletion?.pending(account.id), { at: first.at, begun: true });
  assert.deepEqual(await ask(site, ann), { ok: false, reason: 'waiting' });
  assert.ok(await ann.who(), 'nothing was asked for');
  assert.ok(!(await keep(site, ann)));
  await site.accounts.settled();
  assert.ok(!site.mails.some(({ subject }) => subject.startsWith('Your account is kept')));
});

test('a process or a store that ends at any write of a removal loses none', async () => {
  const writes = ['ask', 'take', 'remove', 'replace'] as const;
  for (let fails = 1; fails < 5; fails += 1) {
    for (const done of [false, true]) {
      const { site, ann, account, gone } = await owner();
      await ask(site, ann);
      site.now += 7 * DAY;
      const requests = site.state.accounts?.actRequests ?? assert.fail();
      let count = 0;
      for (const name of writes) {
        const write = requests[name].bind(requests) as (...given: unknown[]) => unknown;
        Object.assign(requests, {
          [name]: async (...given: unknown[]): Promise<unknown> => {
            count += 1;
            if (count !== fails) return await write(...given);
            if (done) await write(...given);
            throw new Error('the store is gone');
          },
        });
      }
      await site.accounts.deletion?.run().catch(() => 0);
      site.now += 10 * MINUTE;
      await site.accounts.deletion?.run();
      assert.equal(await site.state.accounts?.find(account.id), undefined, `write ${fails}`);
      assert.ok(gone.length > 0);
    }
  }
});

test('a part of the application that hangs has its time, is told, and is called again later; others are gone on with', async (t) => {
  const called: string[] = [];
  const signals: AbortSignal[] = [];
  let hangs = '';
  let end = (): void => undefined;
  const { site, ann, account } = await owner((id, signal) => {
    called.push(id);
    if (id !== hangs) return undefined;
    signals.push(signal);
    return new Promise((_resolve, reject) => (end = () => reject(new Error('given up'))));
  });
  const bob = site.person('192.0.2.9');
  const other = await site.register(bob, 'bob@example.com');
  await ask(site, ann);
  await ask(site, bob);
  const [first = '', second = ''] = [account.id, other.id].toSorted();
  hangs = first;
  site.now += 7 * DAY;
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  /** What a run comes to, and whether it took the whole time for that. */
  const run = async (): Promise<readonly [number | undefined, boolean]> => {
    let count: number | undefined;
    void site.accounts.deletion?.run().then((removed) => (count = removed));
    for (let turn = 0; turn < 50; turn += 1) await setImmediate();
    const waits = count === undefined;
    mock.timers.tick(4 * MINUTE);
    for (let turn = 0; turn < 50; turn += 1) await setImmediate();
    return [count, waits];
  };
  assert.deepEqual(await run(), [1, true], 'the other one is removed all the same');
  assert.deepEqual(called, [first, second]);
  assert.ok(signals[0]?.reason instanceof DOMException);
  const told = site.events.filter(({ event }) => event === 'sys_service_unavailable');
  assert.deepEqual(
    told.map(({ details }) => [details?.['account'], errorName(details?.['error'])]),
    [[first, 'TimeoutError']],
  );
  // One that has not ended is left alone for a day.
  const after = async (minutes: number, calls: number): Promise<void> => {
    await setImmediate();
    site.now += minutes * MINUTE;
    await run();
    assert.equal(called.length, calls, `after ${minutes} minutes`);
  };
  await after(24 * 60 - 1, 2);
  await after(1, 3);
  // One that gives up is called again after ten minutes (the second time after twenty), and so on.
  end();
  await after(19, 3);
  await after(1, 4);
  end();
  await after(39, 4);
  await after(1, 5);
  hangs = '';
  end();
  await setImmediate();
  site.now += DAY;
  assert.deepEqual(await run(), [1, false]);
  assert.equal(await site.state.accounts?.find(first), undefined);
});

test('a part of the application that takes eleven minutes is called once, and ends its account', async (t) => {
  let called = 0;
  let end = (): void => undefined;
  const { site, ann, account } = await owner(async () => {
    called += 1;
    await new Promise<void>((resolve) => (end = resolve));
  });
  await ask(site, ann);
  site.now += 7 * DAY;
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  /** What a run has come to, if it is over. */
  const run = async (): Promise<number | undefined> => {
    let count: number | undefined;
    void site.accounts.deletion?.run().then((removed) => (count = removed));
    for (let turn = 0; turn < 50; turn += 1) await setImmediate();
    return count;
  };
  assert.equal(await run(), undefined);
  mock.timers.tick(4 * MINUTE);
  site.now += 10 * MINUTE;
  assert.equal(await run(), 0, 'it is at it still');
  end();
  site.now += 10 * MINUTE;
  await setImmediate();
  assert.equal(await run(), 1);
  assert.equal(await site.state.accounts?.find(account.id), undefined);
  assert.equal(called, 1);
});

test('a wish that was taken back and made anew while others were removed has its new day', async () => {
  let meanwhile = async (): Promise<void> => Promise.resolve();
  const called: string[] = [];
  const { site, ann, account } = await owner(async (id) => {
    called.push(id);
    await meanwhile();
  });
  const bob = site.person('192.0.2.9');
  const other = await site.register(bob, 'bob@example.com');
  await ask(site, ann);
  await ask(site, bob);
  site.now += 7 * DAY;
  await ann.signIn(EMAIL);
  await bob.signIn('bob@example.com');
  const [first, second] = account.id < other.id ? [account, other] : [other, account];
  const person = second === account ? ann : bob;
  meanwhile = async () => {
    assert.ok(await keep(site, person));
    assert.ok((await ask(site, person))?.ok);
  };
  assert.equal(await site.accounts.deletion?.run(), 1);
  assert.deepEqual(called, [first.id]);
  assert.deepEqual(await site.accounts.deletion?.pending(second.id), {
    at: site.now + 7 * DAY,
    begun: false,
  });
});

test('a policy that lost the option says so where owners wait for it', async (t) => {
  const { site, ann } = await owner();
  const looks = async (accounts: object): Promise<boolean> => {
    mock.timers.enable({ apis: ['setTimeout'] });
    t.after(() => mock.timers.reset());
    const later = new FakeAccounts(accounts, site.state);
    later.now = site.now;
    mock.timers.tick(10_000);
    mock.timers.reset();
    for (let turn = 0; turn < 50; turn += 1) await setImmediate();
    return later.events.some(({ details }) => details?.['option'] === 'accounts.deleteAfter');
  };
  assert.ok(!(await looks({})));
  await ask(site, ann);
  assert.ok(await looks({}));
  assert.ok(!(await looks({ deleteAfter: '7d' })));
});

test('owners cannot where the policy does not let them', () => {
  assert.equal(new FakeAccounts().accounts.deletion, undefined);
});

interface Owner {
  readonly site: FakeAccounts;
  readonly ann: Person;
  readonly account: { readonly id: string };
  readonly gone: string[];
}

async function owner(onDelete?: OnDelete): Promise<Owner> {
  const gone: string[] = [];
  const hook = onDelete ?? ((id: string): void => void gone.push(id));
  const site = new FakeAccounts({ deleteAfter: '7d', onDelete: hook }, memory());
  const { person, account } = await site.member(EMAIL);
  return { site, ann: person, account, gone };
}

/** Another process on the same state. */
function process(site: FakeAccounts, gone: string[]): FakeAccounts {
  return new FakeAccounts({ deleteAfter: '7d', onDelete: (id) => void gone.push(id) }, site.state);
}

async function ask(site: FakeAccounts, person: Person): Promise<DeletionVerdict | undefined> {
  return await person.visit(async (visit) => {
    const own = await site.accounts.current(visit);
    assert.ok(own);
    return await site.accounts.deletion?.ask(visit, own);
  });
}

async function keep(site: FakeAccounts, person: Person): Promise<boolean> {
  return await person.visit(async (visit) => {
    const own = await site.accounts.current(visit);
    assert.ok(own);
    return (await site.accounts.deletion?.keep(visit, own)) === true;
  });
}
