import type { IdentityRecord, IdentityStore } from '../ports/accounts.ts';
import type { IsAccount } from './accounts.ts';

/** Accounts at other services, in the memory of this process. */
export class MemoryIdentities implements IdentityStore {
  readonly #isAccount: IsAccount;
  /** By issuer and subject, in the order in which they were added. */
  readonly #identities = new Map<string, IdentityRecord>();

  constructor(isAccount: IsAccount) {
    this.#isAccount = isAccount;
  }

  find(issuer: string, subject: string): IdentityRecord | undefined {
    return this.#identities.get(keyOf(issuer, subject));
  }

  add(record: IdentityRecord): boolean {
    const { issuer, subject, account } = record;
    const key = keyOf(issuer, subject);
    if (this.#identities.has(key) || !this.#isAccount(account)) return false;
    this.#identities.set(key, { ...record });
    return true;
  }

  use(issuer: string, subject: string, now: number): boolean {
    const record = this.find(issuer, subject);
    if (record !== undefined) this.#identities.set(keyOf(issuer, subject), { ...record, usedAt: now });
    return record !== undefined;
  }

  list(account: string): readonly IdentityRecord[] {
    const own = [...this.#identities.values()].filter((record) => record.account === account);
    return own.sort((a, b) => a.linkedAt - b.linkedAt);
  }

  remove(account: string, issuer: string, subject: string): boolean {
    const key = keyOf(issuer, subject);
    return this.#identities.get(key)?.account === account && this.#identities.delete(key);
  }

  /** Removes every one of an account. */
  removeAll(account: string): void {
    for (const { issuer, subject } of this.list(account)) this.#identities.delete(keyOf(issuer, subject));
  }
}

// With a mark between the two that either may hold, one pair could be made to look like another.
function keyOf(issuer: string, subject: string): string {
  return JSON.stringify([issuer, subject]);
}
