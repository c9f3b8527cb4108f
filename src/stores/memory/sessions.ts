import { BulwarkError } from '../../core/errors.ts';
import type {
  Admission,
  Replaced,
  SessionCap,
  SessionChange,
  SessionRecord,
  SessionStore,
} from '../ports/sessions.ts';
import { oldestFirst } from '../oldest-first.ts';
import { MAX_TOKENS, REPLACED_FOR_MS, SWEEP_BATCH } from '../storable.ts';
import { NONE, SessionTable } from './session-table.ts';

/** Sessions in the memory of this process. They end with it. */
export class MemorySessions implements SessionStore {
  readonly #sessions = new SessionTable();
  readonly #byAccount = new Map<string, Set<string>>();
  /** By session: the hash of a token and when it ends, in the order in which they were issued. */
  readonly #tokens = new Map<string, Map<string, number>>();
  /** Ids that went on under another, and until when that is known. */
  readonly #replaced = new Map<string, number>();

  find(idHash: string, now: number): SessionRecord | undefined {
    const place = this.#live(idHash, now);
    return place === NONE ? undefined : this.#sessions.at(place);
  }

  create(record: SessionRecord): void {
    if (this.#sessions.placeOf(record.idHash) !== NONE) {
      throw new BulwarkError('ERR_BULWARK_STORE', 'A session with this id hash is stored already.');
    }
    // A copy: what the caller does to its own object later is not stored. Nor what a reader does to its list of roles.
    this.#sessions.add({ ...record, roles: Object.freeze([...record.roles]) });
    if (record.account === undefined) return;
    const ids = this.#byAccount.get(record.account);
    if (ids === undefined) this.#byAccount.set(record.account, new Set([record.idHash]));
    else ids.add(record.idHash);
  }

  use(idHash: string, now: number, noteEvery: number): SessionRecord | Replaced | undefined {
    const place = this.#live(idHash, now);
    const record = place === NONE ? undefined : this.#sessions.at(place);
    if (record === undefined) return (this.#replaced.get(idHash) ?? 0) > now ? 'replaced' : undefined;
    // Not by the record, which lies elsewhere in memory.
    const seenAt = this.#sessions.seenAt(place);
    if (now <= seenAt || now - seenAt < noteEvery) return record;
    const used = { ...record, seenAt: now };
    this.#sessions.put(place, used);
    return used;
  }

  update(idHash: string, version: number, change: SessionChange, now: number): boolean {
    const place = this.#live(idHash, now);
    const record = place === NONE ? undefined : this.#sessions.at(place);
    if (record?.version !== version) return false;
    const { data, device = record.device } = change;
    this.#sessions.put(place, { ...record, data, device, version: version + 1 });
    return true;
  }

  replace(idHash: string, record: SessionRecord, now: number): boolean {
    if (this.find(idHash, now) === undefined) return false;
    // First, since it may refuse: then the old session stays.
    this.create(record);
    this.#replaced.set(idHash, now + REPLACED_FOR_MS);
    return this.#delete(idHash);
  }

  createWithin(record: SessionRecord, cap: SessionCap, now: number): Admission {
    const { most, endsOldest, replaces } = cap;
    if (replaces !== undefined && this.find(replaces, now) === undefined) return 'over';
    const others = this.list(record.account ?? '', now).filter(({ idHash }) => idHash !== replaces);
    const tooMany = others.length - most + 1;
    if (tooMany > 0 && !endsOldest) return 'full';
    if (replaces === undefined) this.create(record);
    else this.replace(replaces, record, now);
    const ended = oldestFirst(others).slice(0, Math.max(0, tooMany));
    for (const idHash of ended) this.#delete(idHash);
    return ended;
  }

  revoke(idHash: string): boolean {
    return this.#delete(idHash);
  }

  revokeAccount(account: string, exceptIdHash?: string): number {
    let count = 0;
    for (const idHash of this.#byAccount.get(account) ?? []) {
      if (idHash !== exceptIdHash && this.#delete(idHash)) count += 1;
    }
    return count;
  }

  list(account: string, now: number): readonly SessionRecord[] {
    const live: SessionRecord[] = [];
    for (const idHash of this.#byAccount.get(account) ?? []) {
      const record = this.find(idHash, now);
      if (record !== undefined) live.push(record);
    }
    return live.sort(lastUsedFirst);
  }

  putOnceToken(idHash: string, tokenHash: string, expiresAt: number, now: number): boolean {
    if (this.find(idHash, now) === undefined) return false;
    const tokens = this.#tokens.get(idHash) ?? new Map<string, number>();
    this.#tokens.set(idHash, tokens);
    tokens.set(tokenHash, expiresAt);
    for (const oldest of tokens.keys()) {
      if (tokens.size <= MAX_TOKENS) break;
      tokens.delete(oldest);
    }
    return true;
  }

  takeToken(idHash: string, tokenHash: string, now: number): boolean {
    if (this.find(idHash, now) === undefined) return false;
    const tokens = this.#tokens.get(idHash);
    const expiresAt = tokens?.get(tokenHash);
    if (tokens === undefined || expiresAt === undefined || expiresAt <= now) return false;
    return tokens.delete(tokenHash);
  }

  sweep(now: number): number {
    let count = 0;
    for (const idHash of this.#sessions.over(now, SWEEP_BATCH)) if (this.#delete(idHash)) count += 1;
    for (const [idHash, tokens] of this.#tokens) {
      for (const [tokenHash, expiresAt] of tokens) {
        if (count === SWEEP_BATCH) return count;
        if (expiresAt <= now && tokens.delete(tokenHash)) count += 1;
      }
      if (tokens.size === 0) this.#tokens.delete(idHash);
    }
    for (const [idHash, until] of this.#replaced) {
      if (count === SWEEP_BATCH) return count;
      if (until <= now && this.#replaced.delete(idHash)) count += 1;
    }
    return count;
  }

  count(): number {
    return this.#sessions.size;
  }

  /** Where a session is that is not over; NONE. */
  #live(idHash: string, now: number): number {
    const place = this.#sessions.placeOf(idHash);
    return place === NONE || this.#sessions.isOver(place, now) ? NONE : place;
  }

  #delete(idHash: string): boolean {
    const place = this.#sessions.placeOf(idHash);
    const record = place === NONE ? undefined : this.#sessions.at(place);
    if (record === undefined) return false;
    this.#sessions.remove(place);
    this.#tokens.delete(idHash);
    if (record.account !== undefined) {
      const ids = this.#byAccount.get(record.account);
      ids?.delete(idHash);
      if (ids?.size === 0) this.#byAccount.delete(record.account);
    }
    return true;
  }
}

function lastUsedFirst(a: SessionRecord, b: SessionRecord): number {
  return b.seenAt - a.seenAt || b.createdAt - a.createdAt;
}
