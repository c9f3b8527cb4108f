import { BulwarkError } from '../../core/errors.ts';
import type { RememberedBrowserRecord, RememberedBrowserStore } from '../ports/factors.ts';

/** Remembered browsers in the memory of this process. */
export class MemoryRememberedBrowsers implements RememberedBrowserStore {
  readonly #devices = new Map<string, RememberedBrowserRecord>();

  put(record: RememberedBrowserRecord, most: number): void {
    if (this.#devices.has(record.id)) {
      throw new BulwarkError('ERR_BULWARK_STORE', 'A device with this id is stored already.');
    }
    this.#devices.set(record.id, { ...record });
    const newestFirst = this.#all(record.account)
      .toReversed()
      .sort((a, b) => b.createdAt - a.createdAt);
    for (const { id } of newestFirst.slice(most)) this.#devices.delete(id);
  }

  find(id: string, now: number): RememberedBrowserRecord | undefined {
    const record = this.#devices.get(id);
    return record === undefined || record.expiresAt <= now ? undefined : record;
  }

  rotate(id: string, tokenHash: string, next: string, now: number): boolean {
    const record = this.find(id, now);
    if (record?.tokenHash !== tokenHash) return false;
    this.#devices.set(id, { ...record, tokenHash: next, usedAt: now });
    return true;
  }

  list(account: string, now: number): readonly RememberedBrowserRecord[] {
    const live = this.#all(account).filter(({ expiresAt }) => expiresAt > now);
    return live.sort((a, b) => b.usedAt - a.usedAt || b.createdAt - a.createdAt);
  }

  remove(account: string, id: string): boolean {
    return this.#devices.get(id)?.account === account && this.#devices.delete(id);
  }

  removeAll(account: string): number {
    const all = this.#all(account);
    for (const { id } of all) this.#devices.delete(id);
    return all.length;
  }

  /** Deletes what is past its end. */
  sweep(now: number, most: number): number {
    let count = 0;
    for (const [id, { expiresAt }] of this.#devices) {
      if (count === most) break;
      if (expiresAt <= now && this.#devices.delete(id)) count += 1;
    }
    return count;
  }

  #all(account: string): RememberedBrowserRecord[] {
    return [...this.#devices.values()].filter((record) => record.account === account);
  }
}
