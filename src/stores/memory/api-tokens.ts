import { isBound } from '../../core/bound-to.ts';
import { BulwarkError } from '../../core/errors.ts';
import type { ApiTokenRecord, ApiTokenStore } from '../ports/accounts.ts';
import type { IsAccount } from './accounts.ts';

/** Tokens of programs in the memory of this process. */
export class MemoryApiTokens implements ApiTokenStore {
  readonly #isAccount: IsAccount;
  /** By id, in the order in which they were added. */
  readonly #tokens = new Map<string, ApiTokenRecord>();
  /** The id of a token by its hash. */
  readonly #byHash = new Map<string, string>();

  constructor(isAccount: IsAccount) {
    this.#isAccount = isAccount;
  }

  add(record: ApiTokenRecord, most: number, now: number): boolean {
    const { id, hash, account, scopes } = record;
    const live = this.list(account).filter(({ expiresAt }) => expiresAt > now);
    if (live.length >= most || !this.#isAccount(account)) return false;
    if (this.#tokens.has(id) || this.#byHash.has(hash)) {
      throw new BulwarkError('ERR_BULWARK_STORE', 'An API token with this id or hash is stored already.');
    }
    this.#tokens.set(id, { ...record, scopes: Object.freeze([...scopes]) });
    this.#byHash.set(hash, id);
    return true;
  }

  find(hash: string, now: number): ApiTokenRecord | undefined {
    const id = this.#byHash.get(hash);
    const record = id === undefined ? undefined : this.#tokens.get(id);
    return record === undefined || record.expiresAt <= now ? undefined : record;
  }

  noteUse(id: string, address: string, now: number, noteEvery: number): void {
    const record = this.#tokens.get(id);
    if (record === undefined) return;
    const { usedAt } = record;
    if (usedAt !== undefined && (now <= usedAt || now - usedAt < noteEvery)) return;
    this.#tokens.set(id, { ...record, usedAt: now, usedFrom: address });
  }

  bind(id: string, jkt: string): string | undefined {
    const record = this.#tokens.get(id);
    if (record === undefined || isBound(record.jkt)) return record?.jkt;
    this.#tokens.set(id, { ...record, jkt });
    return jkt;
  }

  list(account: string): readonly ApiTokenRecord[] {
    const own = [...this.#tokens.values()].filter((record) => record.account === account);
    return own.toReversed().sort((a, b) => b.createdAt - a.createdAt);
  }

  remove(account: string, id: string): boolean {
    const record = this.#tokens.get(id);
    return record?.account === account && this.#delete(record);
  }

  removeAll(account: string): number {
    const own = this.list(account);
    for (const record of own) this.#delete(record);
    return own.length;
  }

  /** Deletes what is past its end. */
  sweep(now: number, most: number): number {
    let count = 0;
    for (const record of this.#tokens.values()) {
      if (count === most) break;
      if (record.expiresAt <= now && this.#delete(record)) count += 1;
    }
    return count;
  }

  #delete({ id, hash }: ApiTokenRecord): boolean {
    this.#byHash.delete(hash);
    return this.#tokens.delete(id);
  }
}
