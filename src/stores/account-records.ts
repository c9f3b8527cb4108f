/** What every store holds its accounts to, so that one behaves as the other. */
import type { AccountChange, AccountRecord } from './account-ports.ts';
import { assertWellFormed } from './storable.ts';

/** The texts of an account, or those that a change of it brings. */
export interface AccountTexts {
  readonly id?: string;
  readonly email?: string;
  readonly emailKey?: string;
  readonly passwordHash?: string | null | undefined;
  readonly roles?: readonly string[];
}

/**
 * Refuses an account, or a change of one, that a store could not give back as it is.
 *
 * @throws BulwarkError ERR_BULWARK_STORE
 */
export function assertAccount(texts: AccountTexts): void {
  const { id = '', email = '', emailKey = '', passwordHash, roles = [] } = texts;
  assertWellFormed('account', id, email, emailKey, passwordHash ?? '', ...roles);
}

/** An account after a change of it. */
export function changedAccount(record: AccountRecord, change: AccountChange): AccountRecord {
  const { passwordHash, disabledAt } = change;
  return {
    ...record,
    email: change.email ?? record.email,
    emailKey: change.emailKey ?? record.emailKey,
    passwordHash: passwordHash === undefined ? record.passwordHash : (passwordHash ?? undefined),
    roles: change.roles === undefined ? record.roles : Object.freeze([...change.roles]),
    disabledAt: disabledAt === undefined ? record.disabledAt : (disabledAt ?? undefined),
    version: record.version + 1,
  };
}
