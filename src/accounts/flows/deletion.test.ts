import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts, type Person } from '../../../test/support/accounts.ts';
import type { DeletionVerdict } from './deletion.ts';
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
  assert.equal(await site.accounts.deletion?.pending(account.id), site.now + DAY);
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
  assert.equal(await site.accounts.deletion?.pending(account.id), first?.ok === true && first.at);
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
  assert.ok(site.events.some(({ details }) => details?.['error'] === 'Error'));
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

test('owners cannot where the policy does not let them', () => {
  assert.equal(new FakeAccounts().accounts.deletion, undefined);
});

interface Owner {
  readonly site: FakeAccounts;
  readonly ann: Person;
  readonly account: { readonly id: string };
  readonly gone: string[];
}

async function owner(onDelete?: (id: string) => unknown): Promise<Owner> {
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
