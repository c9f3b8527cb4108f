import type { ActRequestRecord, ActRequestStore } from '../ports/act-requests.ts';
import type { IsAccount } from './accounts.ts';

/** Acts that wait, in the memory of this process. */
export class MemoryActRequests implements ActRequestStore {
  readonly #isAccount: IsAccount;
  readonly #requests = new Map<string, ActRequestRecord>();

  constructor(isAccount: IsAccount) {
    this.#isAccount = isAccount;
  }

  ask(record: ActRequestRecord, now: number): boolean {
    const { id, act, account } = record;
    const before = this.#about(act, account);
    if (!this.#isAccount(account) || (before !== undefined && before.expiresAt > now)) return false;
    if (before !== undefined) this.#requests.delete(before.id);
    this.#requests.set(id, { ...record });
    return true;
  }

  find(act: string, id: string, now: number): ActRequestRecord | undefined {
    const found = this.#requests.get(id);
    return found?.act === act && found.expiresAt > now ? found : undefined;
  }

  about(act: string, account: string, now: number): ActRequestRecord | undefined {
    const found = this.#about(act, account);
    return found !== undefined && found.expiresAt > now ? found : undefined;
  }

  take(act: string, id: string, by: string, now: number): ActRequestRecord | undefined {
    const found = this.find(act, id, now);
    if (found === undefined || found.askedBy === by) return undefined;
    this.#requests.delete(id);
    return found;
  }

  replace(id: string, askedAt: number, record: ActRequestRecord, now: number): boolean {
    const before = this.find(record.act, id, now);
    if (before?.account !== record.account || before.askedAt !== askedAt) return false;
    this.#requests.delete(id);
    this.#requests.set(record.id, { ...record });
    return true;
  }

  remove(act: string, id: string): boolean {
    return this.#requests.get(id)?.act === act && this.#requests.delete(id);
  }

  list(act: string, after: string | undefined, limit: number, now: number): readonly ActRequestRecord[] {
    return [...this.#requests.values()]
      .filter((one) => one.act === act && one.expiresAt > now && (after === undefined || one.id > after))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, limit);
  }

  /** Removes those about an account. */
  removeAll(account: string): void {
    for (const one of this.#requests.values()) if (one.account === account) this.#requests.delete(one.id);
  }

  /** Deletes what is past its end. Returns how many. */
  sweep(now: number, limit: number): number {
    const over = [...this.#requests.values()].filter(({ expiresAt }) => expiresAt <= now).slice(0, limit);
    for (const { id } of over) this.#requests.delete(id);
    return over.length;
  }

  #about(act: string, account: string): ActRequestRecord | undefined {
    return [...this.#requests.values()].find((one) => one.act === act && one.account === account);
  }
}
