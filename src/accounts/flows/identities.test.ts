import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { FakeAccounts, type Member, type Person } from '../../../test/support/accounts.ts';
import { SoftAuthenticator } from '../../../test/support/authenticator.ts';
import { fromBase32 } from '../../../test/support/base32.ts';
import { OpenIdProvider } from '../../../test/support/openid-provider.ts';
import { hasCode } from '../../../test/support/sessions.ts';
import { providerAt } from '../../../test/support/sign-in-providers.ts';
import { StoreDownError } from '../../core/errors.ts';
import type { PasskeySummary } from '../../identity/mfa/passkeys.ts';
import { oneTimeCode, timeStep } from '../../identity/mfa/totp-code.ts';
import type { OidcBeginning } from '../../identity/oidc/oidc.ts';
import type { AccountRecord, IdentityStore } from '../../stores/ports/accounts.ts';
import { memory } from '../../stores/memory/state.ts';
import type { State } from '../../stores/ports/state.ts';
import type { Identities, IdentityVerdict } from './identities.ts';

const EMAIL = 'ann@example.com';
const MINUTE = 60_000;

let home: OpenIdProvider;

before(async () => {
  home = await OpenIdProvider.start();
});
beforeEach(() => {
  home.reset();
});
after(() => {
  home.stop();
});

test('who linked an account elsewhere signs in with it, from any browser', async () => {
  const { site, account } = await linked();
  const person = site.person();
  assert.equal(await goThrough(site, person), 'signed in');
  assert.equal(await person.who(), account.id);
  const [line] = await site.accounts.activity.list(account.id);
  assert.equal(line?.detail, 'provider home');
});

test('no account is found by the address that a provider names', async () => {
  const site = application();
  await site.member(EMAIL);
  home.claims = { sub: 'mallory', email: EMAIL, email_verified: true };
  const person = site.person();
  assert.equal(await goThrough(site, person), 'unknown');
  assert.equal(await person.who(), undefined);
  assert.equal(lastEvent(site), 'authn_login_fail unknown');
});

test('the owner hears of a link by mail, and whoever else is signed in proves it anew', async () => {
  const site = application();
  const { person, account } = await site.member(EMAIL);
  const other = site.person('192.0.2.7');
  await other.signIn(EMAIL);
  await site.accounts.settled();
  site.mails.length = 0;
  assert.equal(await goThrough(site, person, { purpose: 'link' }), 'linked');
  await site.accounts.settled();
  assert.deepEqual([site.mails.length, site.mails[0]?.to], [1, EMAIL]);
  assert.match(site.mails[0]?.subject ?? '', /linked/);
  assert.deepEqual([await person.who(), await other.who()], [account.id, undefined]);
  const [line] = await site.accounts.activity.list(account.id);
  assert.deepEqual([line?.event, line?.detail], ['identity-linked', 'Home, ann@example.com']);
});

test('what is linked is linked to nobody else, and not twice', async () => {
  const { site, person } = await linked();
  assert.equal(await goThrough(site, person, { purpose: 'link' }), 'taken');
  const bob = await site.member('bob@example.com');
  assert.equal(await goThrough(site, bob.person, { purpose: 'link' }), 'taken');
  assert.equal((await own(site).list(bob.account.id)).length, 0);
});

test('nobody is linked to who is signed out, when it begins and when it ends', async () => {
  const site = application();
  const { person, account } = await site.member(EMAIL);
  assert.equal(await goThrough(site, site.person(), { purpose: 'link' }), 'not-signed-in');
  const url = await begin(site, person, { purpose: 'link' });
  await site.site.sessions.revokeAccount(account.id);
  assert.match(await come(site, person, await home.authorize(url)), /not-signed-in|expired/);
  assert.equal((await own(site).list(account.id)).length, 0);
});

test('a session that is ended while it links leaves no link behind', async () => {
  const state = memory();
  const site = application(state);
  const { person, account } = await site.member(EMAIL);
  const identities = state.accounts?.identities;
  assert.ok(identities !== undefined);
  endSessionsOnceLinked(site, identities, account.id);
  assert.equal(await goThrough(site, person, { purpose: 'link' }), 'not-signed-in');
  assert.equal((await own(site).list(account.id)).length, 0);
});

test('past its end a session links and unlinks nothing, not for a moment', async () => {
  const state = memory();
  const { site, person, account } = await linked(state);
  const { accounts } = state;
  assert.ok(accounts !== undefined);
  const record = await recordOf(site, account.id);
  const touched: string[] = [];
  for (const name of ['add', 'remove'] as const)
    Object.assign(accounts.identities, { [name]: () => touched.push(name) });
  home.claims = { sub: 'mallory' };
  const callback = await home.authorize(await begin(site, person, { purpose: 'link' }));
  const find = accounts.find.bind(accounts);
  accounts.find = async (id) => {
    await site.site.sessions.revokeAccount(account.id);
    return await find(id);
  };
  await assert.rejects(come(site, person, callback), hasCode('ERR_BULWARK_SESSION_OVER'));
  accounts.find = find;

  const thief = site.person('203.0.113.7');
  await thief.signIn(EMAIL);
  const held = thief.visit(async (visit) => {
    await site.site.sessions.revokeAccount(account.id);
    await own(site).unlink(visit, record, home.issuer, 'ann');
  });
  await assert.rejects(held, hasCode('ERR_BULWARK_SESSION_OVER'));
  assert.deepEqual(touched, []);
});

test('v5.0.0-6.3.3 (in part) v5.0.0-6.3.4 an account with a second factor is asked for it, whatever the provider says', async () => {
  const { site, person, account } = await linked();
  const code = await withApp(site, { person, account });
  const elsewhere = site.person('192.0.2.8');
  assert.equal(await goThrough(site, elsewhere), 'second factor');
  assert.equal(await elsewhere.who(), undefined);
  const proved = await elsewhere.visit((visit) => site.accounts.signIn.withCode(visit, code(), true));
  assert.ok(proved.ok && proved.done);
  const [line] = await site.accounts.activity.list(account.id);
  assert.equal(line?.detail, 'provider home and second factor');
  // The browser is remembered now. It is no fresh proof, and neither is a provider that says nothing.
  assert.equal(await goThrough(site, elsewhere), 'signed in');
  assert.deepEqual(await provedAt(elsewhere), [0, 0]);
  assert.equal(await goThrough(site, elsewhere, { purpose: 'again' }), 'not-fresh');
  home.claims = { auth_time: seconds(site.now) };
  assert.equal(await goThrough(site, elsewhere, { purpose: 'again' }), 'second factor');
});

test('v5.0.0-6.8.4 v5.0.0-7.5.3 a sign-in is as fresh as the provider says, and no fresher than now', async () => {
  const { site } = await linked();
  const person = site.person();
  assert.equal(await goThrough(site, person), 'signed in');
  assert.deepEqual(await provedAt(person), [0, undefined]);
  home.claims = { auth_time: seconds(site.now - 20 * MINUTE) };
  assert.equal(await goThrough(site, person), 'signed in');
  assert.deepEqual(await provedAt(person), [site.now - 20 * MINUTE, undefined]);
  home.claims = { auth_time: seconds(site.now + 20 * MINUTE) };
  assert.equal(await goThrough(site, person), 'signed in');
  assert.deepEqual(await provedAt(person), [site.now, undefined]);
});

test('proves that it is still the same person, who has no password', async () => {
  const { site, account, person } = await withoutPassword();
  const record = await recordOf(site, account.id);
  const late = (): Promise<boolean> =>
    person.visit((visit) => site.accounts.credentials.mustProveFirst(visit, record));
  assert.equal(await late(), true);
  home.claims = { auth_time: seconds(site.now) };
  assert.equal(await goThrough(site, person, { purpose: 'again', next: '/account/email' }), 'signed in');
  assert.equal(await late(), false);
});

test('an account elsewhere of somebody else proves nothing of who is signed in', async () => {
  const { site, person } = await linked();
  const bob = await site.member('bob@example.com');
  home.claims = { sub: 'bob' };
  assert.equal(await goThrough(site, bob.person, { purpose: 'link' }), 'linked');
  home.claims = { sub: 'bob', auth_time: seconds(site.now) };
  const before = person.sessionId;
  assert.equal(await goThrough(site, person, { purpose: 'again' }), 'other-identity');
  assert.equal(person.sessionId, before);
});

test('a disabled account is not signed in to', async () => {
  const { site, person, account } = await linked();
  await person.visit((visit) => site.accounts.disable(visit, account.id));
  const elsewhere = site.person();
  assert.equal(await goThrough(site, elsewhere), 'refused');
  assert.equal(await elsewhere.who(), undefined);
});

test('who unlinks signs in with it no more, and the owner hears of it', async () => {
  const { site, person, account } = await linked();
  const other = site.person();
  await goThrough(site, other);
  await site.accounts.settled();
  site.mails.length = 0;
  assert.equal(await unlink(site, person, account.id), 'unlinked');
  assert.equal(await unlink(site, person, account.id), 'none');
  assert.equal(await other.who(), undefined);
  assert.equal(await person.who(), account.id);
  assert.equal(await goThrough(site, other), 'unknown');
  await site.accounts.settled();
  assert.match(site.mails[0]?.subject ?? '', /unlinked/);
});

test('a link that is cut while someone signs in with it signs nobody in', async () => {
  const state = memory();
  const { site, person, account } = await linked(state);
  const accounts = state.accounts;
  assert.ok(accounts !== undefined);
  const moments = ['find', 'use'] as const;
  for (const moment of moments) {
    await goThrough(site, person, { purpose: 'link' });
    const original = accounts.identities[moment].bind(accounts.identities) as (
      ...asked: unknown[]
    ) => unknown;
    Object.assign(accounts.identities, {
      [moment]: async (...asked: unknown[]) => {
        const found = await original(...asked);
        Object.assign(accounts.identities, { [moment]: original });
        assert.equal(await unlink(site, person, account.id), 'unlinked');
        return found;
      },
    });
    const thief = site.person('203.0.113.9');
    assert.match(await goThrough(site, thief), /unknown|expired/, moment);
    assert.equal(await thief.who(), undefined);
  }
});

test('the only way into an account is not unlinked', async () => {
  const { site, account, person } = await withoutPassword();
  assert.equal(await unlink(site, person, account.id), 'last');
  assert.equal(await goThrough(site, site.person()), 'signed in');
  const authenticator = new SoftAuthenticator();
  const passkeys = site.accounts.factors.passkeys;
  const made = await person.visit(async (visit) => {
    const options = await passkeys.registrationOptions(visit, { account: account.id, name: EMAIL });
    return await passkeys.register(visit, account.id, authenticator.create(options), 'phone');
  });
  assert.ok(made.ok);
  assert.equal(await unlink(site, person, account.id), 'unlinked');
});

test('where nobody can say whether there is another way in, nothing is unlinked', async () => {
  const state = memory();
  const site = application(state);
  const { account, person } = await withoutPassword(site);
  const { factors } = site.accounts;
  const overview = factors.overview.bind(factors);
  for (const failing of [1, 2]) {
    let asked = 0;
    factors.overview = async (id) => {
      asked += 1;
      if (asked === failing) throw new StoreDownError('gone', false);
      const one = { id: 'x', name: 'Key', createdAt: 0, usedAt: undefined } as PasskeySummary;
      return { ...(await overview(id)), passkeys: [one] };
    };
    await assert.rejects(unlink(site, person, account.id), hasCode('ERR_BULWARK_STORE_DOWN'));
    assert.equal((await own(site).list(account.id)).length, 1, `asked ${asked} times`);
  }
});

test('a link that cannot be taken back, once the session is over, is told to the owner', async () => {
  const state = memory();
  const site = application(state);
  const { person, account } = await site.member(EMAIL);
  const identities = state.accounts?.identities;
  assert.ok(identities !== undefined);
  endSessionsOnceLinked(site, identities, account.id);
  identities.remove = () => Promise.reject(new StoreDownError('gone', false));
  await site.accounts.settled();
  site.mails.length = 0;
  await assert.rejects(goThrough(site, person, { purpose: 'link' }), hasCode('ERR_BULWARK_STORE_DOWN'));
  await site.accounts.settled();
  assert.match(site.mails[0]?.subject ?? '', /linked/);
  assert.equal((await site.accounts.activity.list(account.id))[0]?.event, 'identity-linked');
});

test('a sign-in that is too long ago by the time someone comes back links nothing', async () => {
  const site = application();
  const { person, account } = await site.member(EMAIL);
  site.now += 20 * MINUTE;
  const url = await begin(site, person, { purpose: 'link' });
  site.now += 6 * MINUTE;
  assert.equal(await come(site, person, await home.authorize(url)), 'late');
  assert.equal((await own(site).list(account.id)).length, 0);
});

test('nobody unlinks what is linked to somebody else', async () => {
  const { site, account } = await linked();
  const bob = await site.member('bob@example.com');
  assert.equal(await unlink(site, bob.person, bob.account.id, 'ann'), 'none');
  assert.equal((await own(site).list(account.id)).length, 1);
});

/** Someone who found out chooses a new password at the very moment at which an account is linked. */
function endSessionsOnceLinked(site: FakeAccounts, identities: IdentityStore, account: string): void {
  const add = identities.add.bind(identities);
  identities.add = async (record) => {
    const added = await add(record);
    await site.site.sessions.revokeAccount(account);
    return added;
  };
}

function application(state: State = memory()): FakeAccounts {
  return new FakeAccounts({}, state, { providers: { home: providerAt(home.issuer) } });
}

interface Linked extends Member {
  readonly site: FakeAccounts;
}

/** A member who has linked the account `ann` at the provider. */
async function linked(state?: State): Promise<Linked> {
  const site = application(state);
  const member = await site.member(EMAIL);
  assert.equal(await goThrough(site, member.person, { purpose: 'link' }), 'linked');
  return { site, ...member };
}

/** One whom an operator made and linked. */
async function withoutPassword(site: FakeAccounts = application()): Promise<Linked> {
  const account = await site.accounts.create({ email: EMAIL });
  assert.ok(account !== undefined);
  const identity = { issuer: home.issuer, subject: 'ann', account: account.id, label: '' };
  await site.state.accounts?.identities.add({ ...identity, linkedAt: site.now, usedAt: undefined });
  const person = site.person();
  await goThrough(site, person);
  return { site, account, person };
}

async function withApp(site: FakeAccounts, { person, account }: Member): Promise<() => string> {
  const { secret } = await site.accounts.factors.totp.enrol(account.id, EMAIL);
  const code = (): string => {
    site.now += 30_000;
    return oneTimeCode(fromBase32(secret.replaceAll(' ', '')), timeStep(site.now));
  };
  const confirmed = await person.visit((visit) =>
    site.accounts.factors.totp.confirm(visit, account.id, code()),
  );
  assert.ok(confirmed.ok);
  return code;
}

/** There and back, in a word. */
async function goThrough(
  site: FakeAccounts,
  person: Person,
  what: OidcBeginning = { purpose: 'sign-in' },
): Promise<string> {
  const url = await begin(site, person, what);
  return URL.canParse(url) ? await come(site, person, await home.authorize(url)) : url;
}

async function begin(site: FakeAccounts, person: Person, what: OidcBeginning): Promise<string> {
  const begun = await person.visit((visit) => own(site).begin(visit, 'home', what));
  return begun.ok ? begun.url : begun.reason;
}

async function come(site: FakeAccounts, person: Person, callback: string): Promise<string> {
  return outcome(await person.visit((visit) => own(site).finish(visit, 'home', callback)));
}

function outcome(verdict: IdentityVerdict): string {
  if (!verdict.ok) return verdict.reason;
  if (verdict.purpose === 'link') return 'linked';
  return verdict.signIn.done ? 'signed in' : 'second factor';
}

async function unlink(site: FakeAccounts, person: Person, account: string, subject = 'ann'): Promise<string> {
  const record = await recordOf(site, account);
  return await person.visit((visit) => own(site).unlink(visit, record, home.issuer, subject));
}

async function recordOf(site: FakeAccounts, account: string): Promise<AccountRecord> {
  const record = await site.state.accounts?.find(account);
  assert.ok(record !== undefined);
  return record;
}

async function provedAt(person: Person): Promise<readonly (number | undefined)[]> {
  const principal = await person.visit(({ session }) => session.principal);
  return [principal?.signedInAt, principal?.mfaAt];
}

function own({ accounts }: FakeAccounts): Identities {
  assert.ok(accounts.identities !== undefined);
  return accounts.identities;
}

function lastEvent({ events }: FakeAccounts): string {
  const last = events.at(-1);
  return `${last?.event} ${String(last?.details['reason'])}`;
}

function seconds(ms: number): number {
  return ms / 1000;
}
