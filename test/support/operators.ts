/** Operators for tests: people whose account has the role, and who have proved a second factor. */
import assert from 'node:assert/strict';
import type { Account, OperatorVisit } from '../../src/accounts/accounts.ts';
import { machineVisit } from '../../src/accounts/operators/machine-visit.ts';
import { type FakeAccounts, PASSWORD, type Person } from './accounts.ts';

/** Somebody who may act on accounts of others. */
export interface FakeOperator {
  readonly person: Person;
  readonly account: Account;
}

/** An operator who is signed in. @param mfa - whether they proved a second factor */
export async function operatorAt(site: FakeAccounts, email: string, mfa = true): Promise<FakeOperator> {
  const passwordHash = await site.accounts.passwords.hash(PASSWORD);
  const account = await site.accounts.create({ email, passwordHash, roles: ['operator'] });
  assert.ok(account !== undefined);
  const person = site.person('192.0.2.77');
  assert.equal(await person.signIn(email), 'signed in');
  if (mfa) await person.visit(({ session }) => session.renew({ mfa: true }));
  return { person, account };
}

/** Whoever holds the machine. */
export function machineOf(site: FakeAccounts): OperatorVisit {
  return machineVisit(site.site.sessions, site.audit, 'command line, ops');
}

/** Gives an account an authenticator app, and recovery codes. */
export async function furnishFactors(site: FakeAccounts, account: string): Promise<void> {
  const { factors } = site.state;
  assert.ok(factors !== undefined);
  await factors.totp.putPending(account, { id: 'a', sealed: 's', expiresAt: site.now + 1 });
  assert.ok(await factors.totp.confirm(account, 'a', 0, site.now));
  await factors.recoveryCodes.replace(account, ['hash of a code'], site.now);
}
