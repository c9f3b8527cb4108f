import { BulwarkError } from '../../core/errors.ts';
import type { StayRecord, StayStore, StayUse } from '../ports/stays.ts';
import type { IsAccount } from './accounts.ts';

/** Browsers that stay signed in, in the memory of this process. */
export class MemoryStays implements StayStore {
  readonly #isAccount: IsAccount;
  readonly #stays = new Map<string, StayRecord>();

  constructor(isAccount: IsAccount) {
    this.#isAccount = isAccount;
  }

  put(record: StayRecord, most: number): void {
    if (!this.#isAccount(record.account)) return;
    if (this.#stays.has(record.id)) {
      throw new BulwarkError('ERR_BULWARK_STORE', 'A browser with this id stays signed in already.');
    }
    this.#stays.set(record.id, { ...record });
    const newestFirst = this.#all(record.account)
      .toReversed()
      .sort((a, b) => b.createdAt - a.createdAt);
    for (const { id } of newestFirst.slice(most)) this.#stays.delete(id);
  }

  find(id: string, now: number): StayRecord | undefined {
    const record = this.#stays.get(id);
    return record === undefined || record.expiresAt <= now ? undefined : record;
  }

  rotate(id: string, tokenHash: string, { next, address, now }: StayUse): boolean {
    const record = this.find(id, now);
    if (record?.tokenHash !== tokenHash) return false;
    this.#stays.set(id, { ...record, tokenHash: next, address, usedAt: now });
    return true;
  }

  list(account: string, now: number): readonly StayRecord[] {
    const live = this.#all(account).filter(({ expiresAt }) => expiresAt > now);
    return live.sort((a, b) => b.usedAt - a.usedAt || b.createdAt - a.createdAt);
  }

  remove(account: string, id: string): boolean {
    return this.#stays.get(id)?.account === account && this.#stays.delete(id);
  }

  removeAll(account: string, exceptId?: string): number {
    const others = this.#all(account).filter(({ id }) => id !== exceptId);
    for (const { id } of others) this.#stays.delete(id);
    return others.length;
  }

  /** Deletes what is past its end. */
  sweep(now: number, most: number): number {
    let count = 0;
    for (const [id, { expiresAt }] of this.#stays) {
      if (count === most) break;
      if (expiresAt <= now && this.#stays.delete(id)) count += 1;
    }
    return count;
  }

  #all(account: string): StayRecord[] {
    return [...this.#stays.values()].filter((record) => record.account === account);
  }
}
