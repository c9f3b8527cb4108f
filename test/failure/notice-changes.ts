/** Each change of which an owner is told and that no write brings together with its notice: how it is made, and how it is refused. */
import assert from 'node:assert/strict';
import type { AccountRecord } from '../../src/stores/ports/accounts.ts';
import { FakeAccounts, type Member, PASSWORD } from '../support/accounts.ts';
import { SoftAuthenticator } from '../support/authenticator.ts';
import { fromBase32 } from '../support/base32.ts';
import type { AccountVisit } from '../../src/accounts/accounts.ts';
import { oneTimeCode, timeStep } from '../../src/identity/mfa/totp-code.ts';
import type { State } from '../../src/stores/ports/state.ts';
import { CLIENT_ID, CLIENT_SECRET, OpenIdProvider } from '../support/openid-provider.ts';

const EMAIL = 'ann@example.com';
const WRONG = 'not this one, surely';
const LATER_MS = 20 * 60_000;

/** One process of an application with an account, its owner, and a provider. */
export interface Site extends Member {
  readonly site: FakeAccounts;
  readonly home: OpenIdProvider;
}

/** Has a method of a store do what it does, and then something else. */
export type Then = <K extends string>(store: Readonly<Record<K, unknown>>, method: K) => void;

/** A change. */
export interface Change {
  /** How the subject of its notice begins. */
  readonly subject: string;
  /** Does what comes before, and gives back what makes the change. */
  readonly prepare: (site: Site, then: Then) => Promise<() => Promise<unknown>>;
  /** Asks for it so that it is not made. */
  readonly refuse: (site: Site) => Promise<unknown>;
}

/** Opens the application on a state. */
export async function openSite(state: State): Promise<Site> {
  const home = await OpenIdProvider.start();
  const providers = {
    home: { name: 'Home', issuer: home.issuer, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET },
  };
  const site = new FakeAccounts({ failures: 10 }, state, { providers, scopes: ['files:read'] });
  return { site, home, ...(await site.member(EMAIL)) };
}

/** All of them, by name. */
export const CHANGES: Readonly<Record<string, Change>> = {
  'an authenticator app that is added': {
    subject: 'A second factor was added',
    async prepare(site, then) {
      const code = await enrol(site);
      then(factorsOf(site).totp, 'confirm');
      return () => addApp(site, code);
    },
    refuse: async (site) => {
      await enrol(site);
      assert.equal(await addApp(site, '000000'), false);
    },
  },
  'a passkey that is added': {
    subject: 'A second factor was added',
    prepare: async (site, then) => {
      then(factorsOf(site).passkeys, 'add');
      return Promise.resolve(() => addPasskey(site));
    },
    refuse: async (site) => {
      // Whoever ends the session meanwhile has it undone.
      const { passkeys } = factorsOf(site);
      const add = passkeys.add.bind(passkeys);
      passkeys.add = async (...given) => {
        const added = await add(...given);
        await site.site.site.sessions.revokeAccount(site.account.id);
        return added;
      };
      await assert.rejects(addPasskey(site), { code: 'ERR_BULWARK_SESSION_OVER' });
      assert.equal((await passkeys.list(site.account.id)).length, 0);
    },
  },
  'a passkey that is removed': {
    subject: 'A second factor was removed',
    prepare: async (site, then) => {
      await addPasskey(site);
      then(factorsOf(site).passkeys, 'remove');
      return () => removePasskey(site);
    },
    refuse: async (site) => {
      assert.equal(await removePasskey(site), false);
    },
  },
  'recovery codes that are made': {
    subject: 'New recovery codes were made',
    prepare: async (site, then) => {
      then(factorsOf(site).recoveryCodes, 'replace');
      return Promise.resolve(() => makeCodes(site));
    },
    refuse: async (site) => {
      const gone = new Error('the store is gone');
      site.site.state.sessions.revokeAccount = () => Promise.reject(gone);
      await assert.rejects(makeCodes(site));
    },
  },
  'an identity that is linked': {
    subject: 'Another service was linked',
    prepare: async (site, then) => {
      then(accountsOf(site).identities, 'add');
      return Promise.resolve(() => link(site));
    },
    refuse: async (site) => {
      await addIdentity(site, 'somebody else');
      assert.equal(await link(site), false);
    },
  },
  'an identity that is unlinked': {
    subject: 'A service to sign in with was unlinked',
    prepare: async (site, then) => {
      await addIdentity(site, site.account.id);
      then(accountsOf(site).identities, 'remove');
      return () => unlink(site);
    },
    refuse: async (site) => {
      // Someone was quicker.
      await addIdentity(site, site.account.id);
      const { identities } = accountsOf(site);
      const remove = identities.remove.bind(identities);
      identities.remove = async (...given) => {
        await remove(...given);
        return remove(...given);
      };
      assert.equal(await unlink(site), 'none');
    },
  },
  'an API token that is made': {
    subject: 'An API token was made',
    prepare: async (site, then) => {
      then(accountsOf(site).apiTokens, 'add');
      return Promise.resolve(() => makeToken(site));
    },
    refuse: async (site) => {
      // The password is another by the time the token is there.
      const { apiTokens } = accountsOf(site);
      const add = apiTokens.add.bind(apiTokens);
      apiTokens.add = async (...given) => {
        const added = await add(...given);
        await site.site.accounts.credentials.raiseVersion(site.account.id);
        return added;
      };
      assert.equal((await makeToken(site))?.ok, false);
    },
  },
  'a sign-in from a new browser': {
    subject: 'A new sign-in to your account',
    prepare: async (site, then) => {
      then(accountsOf(site).knownBrowsers, 'put');
      return Promise.resolve(() => site.site.person('203.0.113.9').signIn(EMAIL));
    },
    refuse: async ({ site, account }) => {
      const { sessions } = site.state;
      const create = sessions.create.bind(sessions);
      sessions.create = async (...given) => {
        await create(...given);
        await site.accounts.credentials.raiseVersion(account.id);
      };
      assert.equal(await site.person('203.0.113.9').signIn(EMAIL), 'expired');
    },
  },
  'another address that is asked for': {
    subject: 'A new address for your account was asked for',
    prepare: async (site, then) => {
      then(accountsOf(site).mailTokens, 'put');
      return Promise.resolve(() => askForAddress(site, 'anna@example.org'));
    },
    refuse: async (site) => {
      await site.site.accounts.create({ email: 'bob@example.com' });
      await askForAddress(site, 'bob@example.com');
    },
  },
  'the last guess of a password': {
    subject: 'Someone is guessing your password',
    prepare: async ({ site }, then) => {
      const guess = await guessUpTo(site, 9);
      then(accountsOf({ site }).guesses, 'advance');
      return () => guess(WRONG);
    },
    refuse: async ({ site }) => {
      const guess = await guessUpTo(site, 9);
      assert.equal(await guess(PASSWORD), 'signed in');
    },
  },
  'an account that is removed': {
    subject: 'Your account was removed',
    prepare: async (site, then) => {
      then(accountsOf(site), 'remove');
      return Promise.resolve(() => remove(site));
    },
    refuse: async (site) => {
      // Someone was quicker.
      const accounts = accountsOf(site);
      const removeOne = accounts.remove.bind(accounts);
      accounts.remove = async (...given) => {
        await removeOne(...given);
        return removeOne(...given);
      };
      assert.equal(await remove(site), false);
    },
  },
};

function accountsOf({ site }: Pick<Site, 'site'>): NonNullable<State['accounts']> {
  return site.state.accounts ?? assert.fail('the state keeps accounts');
}

function factorsOf({ site }: Pick<Site, 'site'>): NonNullable<State['factors']> {
  return site.state.factors ?? assert.fail('the state keeps second factors');
}

/** Something that the owner asks for. */
async function ask<T>(
  { site, person }: Site,
  what: (visit: AccountVisit, own: AccountRecord) => Promise<T>,
): Promise<Awaited<T>> {
  return await person.visit(async (visit) => {
    const own = await site.accounts.current(visit);
    assert.ok(own !== undefined);
    return await what(visit, own);
  });
}

async function enrol({ site, account }: Site): Promise<string> {
  const { secret } = await site.accounts.factors.totp.enrol(account.id, EMAIL);
  return oneTimeCode(fromBase32(secret.replaceAll(' ', '')), timeStep(site.now));
}

async function addApp(site: Site, code: string): Promise<boolean> {
  const { totp } = site.site.accounts.factors;
  const verdict = await ask(site, (visit, own) =>
    site.site.accounts.addFactor(visit, own, {
      add: () => totp.confirm(visit, own.id, code),
      what: () => 'authenticator app',
      undo: () => totp.remove(visit, own.id),
    }),
  );
  return verdict.ok;
}

async function addPasskey(site: Site): Promise<unknown> {
  const { passkeys } = site.site.accounts.factors;
  return await ask(site, async (visit, own) => {
    const options = await passkeys.registrationOptions(visit, { account: own.id, name: EMAIL });
    const response = new SoftAuthenticator().create(options);
    return await site.site.accounts.addFactor(visit, own, {
      add: () => passkeys.register(visit, own.id, response, 'Key'),
      what: ({ passkey }) => `passkey ${passkey.name}`,
      undo: ({ passkey }) => passkeys.remove(visit, own.id, passkey.id),
    });
  });
}

async function removePasskey(site: Site): Promise<boolean> {
  const { passkeys } = site.site.accounts.factors;
  const [passkey] = await passkeys.list(site.account.id);
  return await ask(site, (visit, own) =>
    site.site.accounts.removeFactor(visit, own, 'passkey', () =>
      passkeys.remove(visit, own.id, passkey?.id ?? 'none'),
    ),
  );
}

function makeCodes(site: Site): Promise<unknown> {
  return ask(site, (visit, own) => site.site.accounts.makeRecoveryCodes(visit, own));
}

function makeToken(site: Site): Promise<{ readonly ok: boolean } | undefined> {
  const wish = { name: 'CI', scopes: ['files:read'] };
  return ask(site, async (visit, own) => await site.site.accounts.apiTokens?.create(visit, own, wish));
}

function remove({ site, account }: Site): Promise<boolean> {
  return site.person('198.51.100.1').visit((visit) => site.accounts.remove(visit, account.id));
}

async function addIdentity(site: Site, account: string): Promise<void> {
  const identity = { issuer: site.home.issuer, subject: 'ann', account, label: '' };
  if (account !== site.account.id) {
    const other = await site.site.accounts.create({ email: 'bob@example.com' });
    assert.ok(other !== undefined);
    identity.account = other.id;
  }
  await accountsOf(site).identities.add({ ...identity, linkedAt: site.site.now, usedAt: undefined });
}

async function link({ site, home, person }: Site): Promise<boolean> {
  const { identities } = site.accounts;
  assert.ok(identities !== undefined);
  const begun = await person.visit((visit) => identities.begin(visit, 'home', { purpose: 'link' }));
  assert.ok(begun.ok);
  const callback = await home.authorize(begun.url);
  return (await person.visit((visit) => identities.finish(visit, 'home', callback))).ok;
}

function unlink(site: Site): Promise<unknown> {
  const { identities } = site.site.accounts;
  return ask(site, async (visit, own) => identities?.unlink(visit, own, site.home.issuer, 'ann'));
}

async function askForAddress(site: Site, email: string): Promise<void> {
  await ask(site, (visit, own) => site.site.accounts.changeEmail.ask(visit, own, email));
  await site.site.accounts.settled();
}

/** Guesses so often that one more would be the last, from browsers that the account does not know. */
async function guessUpTo(site: FakeAccounts, times: number): Promise<(password: string) => Promise<string>> {
  const guess = async (password: string): Promise<string> => {
    site.now += LATER_MS;
    return await site.person('203.0.113.9').signIn(EMAIL, password);
  };
  for (let time = 0; time < times; time += 1) assert.equal(await guess(WRONG), 'credentials');
  return guess;
}
