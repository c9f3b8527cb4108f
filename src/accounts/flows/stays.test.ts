import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts, PASSWORD, type Person } from '../../../test/support/accounts.ts';
import { fromBase32 } from '../../../test/support/base32.ts';
import { memory } from '../../stores/memory/state.ts';
import { STAY_COOKIE } from '../../identity/mfa/browser-cookie.ts';
import { oneTimeCode, timeStep } from '../../identity/mfa/totp-code.ts';

const EMAIL = 'ann@example.com';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

test('who asked to stay signed in is signed in again when the session is over, by a new token each time', async () => {
  const { site, ann, account } = await staying();
  const first = ann.cookie(STAY_COOKIE);
  assert.ok(first);
  site.now += DAY;
  assert.equal(await ann.who(), undefined);
  assert.equal(await resume(site, ann), 'signed in');
  assert.equal(await ann.who(), account.id);
  const second = ann.cookie(STAY_COOKIE);
  assert.notEqual(second, first);
  assert.equal(second?.split('.')[0], first.split('.')[0]);
  site.now += DAY;
  assert.equal(await resume(site, ann), 'signed in');
  const means = site.events.findLast(({ event }) => event === 'authn_login_success')?.details;
  assert.deepEqual([means?.['means'], means?.['device']], ['stay', 'known']);
});

test('nobody stays signed in who did not ask for it, or where the policy does not let them', async () => {
  const site = new FakeAccounts({ staySignedIn: '30d' });
  const { person } = await site.member(EMAIL);
  await person.signIn(EMAIL);
  assert.equal(person.cookie(STAY_COOKIE), undefined);
  const off = new FakeAccounts();
  const { person: other } = await off.member(EMAIL);
  await signInToStay(off, other);
  assert.equal(other.cookie(STAY_COOKIE), undefined);
  assert.equal(await resume(off, other), 'nobody');
});

test('no use makes it longer than it was to be', async () => {
  const { site, ann } = await staying();
  for (let day = 1; day < 30; day += 1) {
    site.now += DAY;
    ann.closeBrowser();
    assert.equal(await resume(site, ann), 'signed in');
  }
  site.now += DAY;
  ann.closeBrowser();
  assert.equal(await resume(site, ann), 'nobody');
  assert.equal(ann.cookie(STAY_COOKIE), undefined);
});

test('it is no fresh proof, and gives no second factor that was not proved', async () => {
  const { site, ann } = await staying();
  site.now += DAY;
  await resume(site, ann);
  const principal = await ann.visit(({ session }) => session.principal);
  assert.equal(principal?.signedInAt, 1);
  assert.equal(principal?.mfaAt, undefined);
});

test('a second factor is asked for all the same, unless the browser need not prove it for a while', async () => {
  const { site, ann, account } = await staying();
  const { secret } = await site.accounts.factors.totp.enrol(account.id, EMAIL);
  const bytes = fromBase32(secret.replaceAll(' ', ''));
  const code = (): string => oneTimeCode(bytes, timeStep((site.now += 30_000)));
  await ann.visit((visit) => site.accounts.factors.totp.confirm(visit, account.id, code()));
  ann.closeBrowser();
  assert.equal(await resume(site, ann), 'second factor');
  assert.equal(await ann.who(), undefined);
  const before = ann.cookie(STAY_COOKIE);
  const proved = await ann.visit((visit) => site.accounts.signIn.withCode(visit, code(), true));
  assert.ok(proved.ok);
  assert.notEqual(ann.cookie(STAY_COOKIE), before);
  // A code beside a cookie is not fresh either.
  assert.equal((await ann.visit(({ session }) => session.principal))?.signedInAt, 1);
  site.now += DAY;
  ann.closeBrowser();
  assert.equal(await resume(site, ann), 'signed in');
  assert.equal((await ann.visit(({ session }) => session.principal))?.mfaAt, 1);
});

test('a choice made before the second factor holds after it', async () => {
  const site = new FakeAccounts({ staySignedIn: '30d' });
  const { person, account } = await site.member(EMAIL);
  const { secret } = await site.accounts.factors.totp.enrol(account.id, EMAIL);
  const bytes = fromBase32(secret.replaceAll(' ', ''));
  const code = (): string => oneTimeCode(bytes, timeStep((site.now += 30_000)));
  await person.visit((visit) => site.accounts.factors.totp.confirm(visit, account.id, code()));
  assert.equal(await signInToStay(site, person), 'second factor');
  assert.equal(person.cookie(STAY_COOKIE), undefined);
  await person.visit((visit) => site.accounts.signIn.withCode(visit, code(), false));
  assert.ok(person.cookie(STAY_COOKIE));
});

test('two tabs that open at once, in two processes, get the same new token', async () => {
  const { site, ann, account } = await staying();
  const other = new FakeAccounts({ staySignedIn: '30d' }, site.state);
  site.now += DAY;
  other.now = site.now;
  const tab = ann.copy(other);
  assert.deepEqual(await Promise.all([resume(site, ann), resume(other, tab)]), ['signed in', 'signed in']);
  assert.equal(ann.cookie(STAY_COOKIE), tab.cookie(STAY_COOKIE));
  // And one that comes a little later.
  ann.closeBrowser();
  const late = ann.copy(other);
  assert.equal(await resume(site, ann), 'signed in');
  site.now += 29_999;
  other.now = site.now;
  assert.equal(await resume(other, late), 'signed in');
  assert.equal(late.cookie(STAY_COOKIE), ann.cookie(STAY_COOKIE));
  assert.equal((await site.state.accounts?.stays.list(account.id, site.now))?.length, 1);
  assert.ok(![...site.events, ...other.events].some(({ event }) => event === 'authn_token_reuse'));
});

test('an older token ends all of the family, with its sessions; the owner is told, once', async () => {
  const { site, ann, account } = await staying();
  const elsewhere = site.person('192.0.2.20');
  await elsewhere.signIn(EMAIL);
  const thief = ann.copy(site, '192.0.2.66');
  thief.closeBrowser();
  site.now += 12 * HOUR;
  await elsewhere.signIn(EMAIL);
  ann.closeBrowser();
  assert.equal(await resume(site, ann), 'signed in');
  assert.equal(await ann.who(), account.id);
  site.now += 30_000;
  assert.equal(await resume(site, thief), 'nobody');
  assert.equal(await ann.who(), undefined, 'nobody can tell the owner from the thief');
  assert.equal(await elsewhere.who(), account.id, 'other browsers have nothing to do with it');
  ann.closeBrowser();
  assert.equal(await resume(site, ann), 'nobody');
  assert.equal(await resume(site, thief.copy()), 'nobody');
  const alarms = site.events.filter(({ event }) => event === 'authn_token_reuse');
  assert.equal(alarms.length, 1);
  await site.accounts.settled();
  assert.equal(site.mails.filter(({ subject }) => subject.startsWith('A copy of what keeps')).length, 1);
  const history = await site.accounts.activity.list(account.id);
  assert.ok(history.some(({ event, address }) => event === 'stay-copied' && address === '192.0.2.66'));
});

test('a token of two uses ago is a theft however soon it comes', async () => {
  const { site, ann } = await staying();
  const thief = ann.copy(site, '192.0.2.66');
  thief.closeBrowser();
  for (const _ of [1, 2]) {
    ann.closeBrowser();
    await resume(site, ann);
  }
  assert.equal(await resume(site, thief), 'nobody');
  assert.ok(site.events.some(({ event }) => event === 'authn_token_reuse'));
});

const ENDS: Readonly<Record<string, (site: FakeAccounts, ann: Person, id: string) => Promise<unknown>>> = {
  'a sign-out': (_site, ann) => ann.visit(({ session }) => session.signOut()),
  'a sign-out of all others': async (site) => {
    const other = site.person('192.0.2.20');
    await other.signIn(EMAIL);
    await other.visit(({ session }) => session.revokeOthers());
  },
  'the end of its session from another': async (site) => {
    const other = site.person('192.0.2.20');
    await other.signIn(EMAIL);
    await other.visit(async ({ session }) => {
      for (const one of await session.list()) if (!one.current) await session.revoke(one.idHash);
    });
  },
  'a new password': (site, ann) =>
    ann.visit(async (visit) => {
      const own = await site.accounts.current(visit);
      assert.ok(own);
      const typed = { current: PASSWORD, next: 'five other quiet words here' };
      assert.ok((await site.accounts.credentials.changePassword(visit, own, typed)).ok);
    }),
  'an end to the account for now': (site, _ann, id) =>
    site.person('192.0.2.30').visit((visit) => site.accounts.disable(visit, id)),
  'an end to the account': (site, _ann, id) =>
    site.person('192.0.2.30').visit((visit) => site.accounts.remove(visit, id)),
  'the list of browsers': (site, ann, id) =>
    ann.visit(async (visit) => {
      const [stay] = (await site.accounts.stays?.list(id)) ?? [];
      assert.ok(await site.accounts.stays?.end(visit, id, stay?.id ?? ''));
    }),
};

for (const [what, end] of Object.entries(ENDS)) {
  test(`${what} ends it`, async () => {
    const { site, ann, account } = await staying();
    await end(site, ann, account.id);
    ann.closeBrowser();
    assert.equal(await resume(site, ann), 'nobody');
    assert.deepEqual(await site.state.accounts?.stays.list(account.id, site.now), []);
  });
}

test('the end of all sessions while somebody comes back leaves nobody signed in', async () => {
  const { site, ann, account } = await staying();
  site.now += DAY;
  ann.closeBrowser();
  const { sessions } = site.state;
  const create = sessions.create.bind(sessions);
  // Between the look at the token and the session.
  sessions.create = async (record) => {
    sessions.create = create;
    await site.site.sessions.revokeAccount(account.id);
    await create(record);
  };
  assert.equal(await resume(site, ann), 'expired');
  assert.equal(await ann.who(), undefined);
});

test('who signs in next in the same browser does not leave it to the one before', async () => {
  const { site, ann, account } = await staying();
  await site.register(site.person('192.0.2.40'), 'bob@example.com');
  ann.closeBrowser();
  assert.equal(await ann.signIn('bob@example.com'), 'signed in');
  assert.equal(ann.cookie(STAY_COOKIE), undefined);
  assert.deepEqual(await site.state.accounts?.stays.list(account.id, site.now), []);
});

for (const who of [EMAIL, 'bob@example.com']) {
  test(`${who === EMAIL ? 'the same' : 'another'} person who ticks the box again ends what the browser showed`, async () => {
    const { site, ann, account } = await staying();
    if (who !== EMAIL) await site.register(site.person('192.0.2.40'), who);
    const thief = ann.copy(site, '192.0.2.66');
    const before = ann.cookie(STAY_COOKIE);
    assert.equal(await signInToStay(site, ann, who), 'signed in');
    assert.ok(ann.cookie(STAY_COOKIE) !== undefined && ann.cookie(STAY_COOKIE) !== before);
    const left = await site.state.accounts?.stays.list(account.id, site.now);
    assert.equal(left?.length, who === EMAIL ? 1 : 0);
    thief.closeBrowser();
    assert.equal(await resume(site, thief), 'nobody');
    ann.closeBrowser();
    assert.equal(await resume(site, ann), 'signed in');
  });
}

test('who proves that it is still them stays signed in', async () => {
  const { site, ann } = await staying();
  const before = ann.cookie(STAY_COOKIE);
  await ann.visit((visit) =>
    site.accounts.signIn.withPassword(visit, { email: EMAIL, password: PASSWORD }, 'again'),
  );
  assert.equal(ann.cookie(STAY_COOKIE), before);
  ann.closeBrowser();
  assert.equal(await resume(site, ann), 'signed in');
});

test('a dump of the store opens nothing', async () => {
  const { site, ann, account } = await staying();
  const [stay] = (await site.state.accounts?.stays.list(account.id, site.now)) ?? [];
  const token = ann.cookie(STAY_COOKIE)?.split('.')[1] ?? '';
  assert.ok(!JSON.stringify(stay).includes(token));
  assert.match(token, /^[\w-]{32}$/);
});

for (const what of ['signs out', 'signs in'])
  test(`who shows the id of a stay alone and ${what} ends nobody's`, async () => {
    const { site, ann, account } = await staying();
    const [stay] = (await site.accounts.stays?.list(account.id)) ?? [];
    const stranger = site.person('192.0.2.66');
    await stranger.visit(async (visit) => {
      const cookie = `${STAY_COOKIE}=${stay?.id}.${'A'.repeat(32)}`;
      const forged: typeof visit = Object.create(visit, { cookie: { value: cookie } });
      if (what === 'signs out') return site.accounts.stays?.endHere(forged);
      return site.accounts.stays?.endOther(forged, undefined);
    });
    assert.equal(stranger.cookie(STAY_COOKIE), undefined);
    assert.equal((await site.accounts.stays?.list(account.id))?.length, 1);
    assert.equal(await ann.who(), account.id);
  });

async function staying(): Promise<{
  site: FakeAccounts;
  ann: Person;
  account: { readonly id: string };
}> {
  const site = new FakeAccounts({ staySignedIn: '30d' }, memory());
  const { account } = await site.member(EMAIL);
  const ann = site.person('192.0.2.10');
  assert.equal(await signInToStay(site, ann), 'signed in');
  return { site, ann, account };
}

async function signInToStay(site: FakeAccounts, person: Person, email = EMAIL): Promise<string> {
  const typed = { email, password: PASSWORD, stay: true };
  const verdict = await person.visit((visit) => site.accounts.signIn.withPassword(visit, typed));
  if (!verdict.ok) return verdict.reason;
  return verdict.done ? 'signed in' : 'second factor';
}

async function resume(site: FakeAccounts, person: Person): Promise<string> {
  const verdict = await person.visit((visit) => site.accounts.signIn.resume(visit));
  if (verdict === undefined) return 'nobody';
  if (!verdict.ok) return verdict.reason;
  return verdict.done ? 'signed in' : 'second factor';
}
