import type { KnownBrowserRecord, KnownBrowserStore } from '../ports/accounts.ts';
import type { IsAccount } from './accounts.ts';

/** Browsers that accounts are known to use, in the memory of this process. */
export class MemoryKnownBrowsers implements KnownBrowserStore {
  readonly #isAccount: IsAccount;
  /** By account, and then by the hash of what the cookie holds; those put last at the end. */
  readonly #devices = new Map<string, Map<string, KnownBrowserRecord>>();

  constructor(isAccount: IsAccount) {
    this.#isAccount = isAccount;
  }

  find(account: string, idHash: string): KnownBrowserRecord | undefined {
    return this.#devices.get(account)?.get(idHash);
  }

  put(record: KnownBrowserRecord, most: number): void {
    const { idHash, account } = record;
    if (!this.#isAccount(account)) return;
    const own = this.#devices.get(account) ?? new Map<string, KnownBrowserRecord>();
    this.#devices.set(account, own);
    const before = own.get(idHash);
    if (before !== undefined && before.seenAt > record.seenAt) return;
    own.delete(idHash);
    const { createdAt, name } = before ?? record;
    own.set(idHash, { ...record, createdAt, name });
    for (const old of this.list(account).slice(most)) own.delete(old.idHash);
  }

  list(account: string): readonly KnownBrowserRecord[] {
    const putLastFirst = [...(this.#devices.get(account)?.values() ?? [])].toReversed();
    return putLastFirst.sort((a, b) => b.seenAt - a.seenAt);
  }

  rename(account: string, idHash: string, name: string): boolean {
    const own = this.#devices.get(account);
    const record = own?.get(idHash);
    // In its place: the order is that of uses.
    if (record !== undefined) own?.set(idHash, { ...record, name });
    return record !== undefined;
  }

  removeAll(account: string, exceptIdHash?: string): number {
    const own = this.#devices.get(account);
    if (own === undefined) return 0;
    const excepted = exceptIdHash === undefined ? undefined : own.get(exceptIdHash);
    const before = own.size;
    own.clear();
    if (excepted === undefined) this.#devices.delete(account);
    else own.set(excepted.idHash, excepted);
    return before - own.size;
  }
}
