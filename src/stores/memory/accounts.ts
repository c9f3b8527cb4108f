import {
  type AccountChange,
  type AccountRecord,
  type AccountStore,
  changedAccount,
} from '../ports/accounts.ts';
import type { OutboxRecord } from '../ports/mail.ts';
import { SWEEP_BATCH } from '../storable.ts';
import { MemoryActRequests } from './act-requests.ts';
import { MemoryActivity } from './activity.ts';
import { MemoryApiTokens } from './api-tokens.ts';
import { MemoryGuesses } from './guesses.ts';
import { MemoryIdentities } from './identities.ts';
import { MemoryKnownBrowsers } from './known-browsers.ts';
import { MemoryMailTokens } from './mail-tokens.ts';
import { MemoryOutbox } from './outbox.ts';
import { MemoryStays } from './stays.ts';

/** Whether there is an account of this id. */
export type IsAccount = (id: string) => boolean;

/** Accounts in the memory of this process. They end with it: for tests. */
export class MemoryAccounts implements AccountStore {
  readonly #accounts = new Map<string, AccountRecord>();
  /** The id of an account by its address. */
  readonly #byEmail = new Map<string, string>();
  readonly #isAccount: IsAccount = (id) => this.#accounts.has(id);
  readonly outbox: MemoryOutbox = new MemoryOutbox();
  readonly mailTokens: MemoryMailTokens = new MemoryMailTokens(this.outbox);
  readonly guesses: MemoryGuesses = new MemoryGuesses();
  readonly knownBrowsers: MemoryKnownBrowsers = new MemoryKnownBrowsers(this.#isAccount);
  readonly activity: MemoryActivity = new MemoryActivity(this.#isAccount);
  readonly identities: MemoryIdentities = new MemoryIdentities(this.#isAccount);
  readonly apiTokens: MemoryApiTokens = new MemoryApiTokens(this.#isAccount);
  readonly actRequests: MemoryActRequests = new MemoryActRequests(this.#isAccount);
  readonly stays: MemoryStays = new MemoryStays(this.#isAccount);

  create(record: AccountRecord): boolean {
    if (this.#accounts.has(record.id) || this.#byEmail.has(record.emailKey)) return false;
    this.#accounts.set(record.id, { ...record, roles: Object.freeze([...record.roles]) });
    this.#byEmail.set(record.emailKey, record.id);
    return true;
  }

  find(id: string): AccountRecord | undefined {
    return this.#accounts.get(id);
  }

  findByEmail(emailKey: string): AccountRecord | undefined {
    const id = this.#byEmail.get(emailKey);
    return id === undefined ? undefined : this.#accounts.get(id);
  }

  change(
    id: string,
    version: number,
    change: AccountChange,
    mail?: OutboxRecord,
  ): 'changed' | 'stale' | 'taken' {
    const record = this.#accounts.get(id);
    if (record?.version !== version) return 'stale';
    const changed = changedAccount(record, change);
    if ((this.#byEmail.get(changed.emailKey) ?? id) !== id) return 'taken';
    if (mail !== undefined) this.outbox.put(mail);
    this.#byEmail.delete(record.emailKey);
    this.#byEmail.set(changed.emailKey, id);
    this.#accounts.set(id, changed);
    return 'changed';
  }

  replacePasswordHash(id: string, verified: string, stronger: string): boolean {
    const record = this.#accounts.get(id);
    if (record?.passwordHash !== verified) return false;
    this.#accounts.set(id, { ...record, passwordHash: stronger });
    return true;
  }

  remove(id: string): boolean {
    const record = this.#accounts.get(id);
    this.mailTokens.removeAll(id);
    this.knownBrowsers.removeAll(id);
    this.activity.removeAll(id);
    this.identities.removeAll(id);
    this.apiTokens.removeAll(id);
    this.actRequests.removeAll(id);
    this.stays.removeAll(id);
    if (record !== undefined) this.#byEmail.delete(record.emailKey);
    return this.#accounts.delete(id);
  }

  after(id: string | undefined, limit: number): readonly AccountRecord[] {
    const following = [...this.#accounts.values()].filter((record) => id === undefined || record.id > id);
    return following.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit);
  }

  afterEmail(emailKey: string | undefined, limit: number): readonly AccountRecord[] {
    const last = emailKey === undefined ? undefined : Buffer.from(emailKey);
    return [...this.#accounts.values()]
      .map((record) => ({ record, place: Buffer.from(record.emailKey) }))
      .filter(({ place }) => last === undefined || place.compare(last) > 0)
      .sort((a, b) => a.place.compare(b.place))
      .slice(0, limit)
      .map(({ record }) => record);
  }

  sweep(now: number): number {
    const links = this.mailTokens.sweep(now, SWEEP_BATCH);
    const guesses = this.guesses.sweep(now, SWEEP_BATCH - links);
    const tokens = this.apiTokens.sweep(now, SWEEP_BATCH - links - guesses);
    let swept = links + guesses + tokens;
    swept += this.actRequests.sweep(now, SWEEP_BATCH - swept);
    return swept + this.stays.sweep(now, SWEEP_BATCH - swept);
  }
}
