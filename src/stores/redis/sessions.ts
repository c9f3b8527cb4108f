import { hash } from 'node:crypto';
import { BulwarkError } from '../../core/errors.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type {
  Admission,
  Replaced,
  SessionCap,
  SessionChange,
  SessionRecord,
  SessionStore,
} from '../ports/sessions.ts';
import { oldestFirst } from '../oldest-first.ts';
import { isOver, MAX_TOKENS, REPLACED_FOR_MS } from '../storable.ts';
import type { NearCache } from './near-cache.ts';
import type { RedisLine } from './redis-line.ts';
import {
  ADMIT,
  CREATE,
  END,
  GRACE_MS,
  INDEX,
  LOOK,
  PUT_TOKEN,
  REVOKE,
  TAKE_PLACE,
  TAKE_TOKEN,
  UPDATE,
  USE,
} from './scripts.ts';
import { fieldsOf, readRecord, WAITING } from './session-hash.ts';

/** How long a session that waits to be let in is kept, where whoever made it died in between. */
const WAITING_MS = 10_000;
/** Sessions of one account that are asked for at once: each answer must come within the deadline. */
const AT_ONCE = 50;
/** Rounds in which every session found was over already, which only a flood of new ones can cause. */
const MOST_VAIN_ROUNDS = 100;
const NEVER = -1;

/**
 * Sessions in Redis, shared by every process of the network.
 *
 * A session and the index of its account are on different servers of a cluster, and no script changes both. So a
 * session of an account waits, unfindable, until it stands in the index; and whoever ends all sessions of an account
 * looks again until the index names none. Either the one sees the other's session and ends it before it is let in, or
 * it began afterwards.
 */
export class RedisSessions implements SessionStore {
  readonly #redis: RedisLine;
  readonly #near: NearCache;

  constructor(redis: RedisLine, near: NearCache) {
    this.#redis = redis;
    this.#near = near;
  }

  async find(idHash: string, now: number): Promise<SessionRecord | undefined> {
    const found = await this.#ask(idHash, now, NEVER);
    return found === 'replaced' ? undefined : found;
  }

  /** Answers at once where this process has read the session and Redis has told of no change since. */
  use(idHash: string, now: number, noteEvery: number): MaybePromise<SessionRecord | Replaced | undefined> {
    const near = this.#near.get(idHash);
    // Not one that looks over: a use elsewhere, told of a moment later, may have moved its end.
    if (near !== undefined && now - near.seenAt < noteEvery && !isOver(near, now)) return near;
    return this.#near.read(idHash, async () => {
      const found = await this.#ask(idHash, now, noteEvery);
      if (typeof found === 'object' && found.seenAt === now && found.createdAt !== now)
        this.#mendIndex(found);
      return found;
    });
  }

  // A server of a cluster may have lost the index with its last moments, and a session that it does not name would be
  // there after "end all". Nobody waits for this; the next use does it again.
  #mendIndex(record: SessionRecord): void {
    this.#index(record).catch(() => undefined);
  }

  async #index({ account, seenAt, expiresAt, idHash }: SessionRecord): Promise<void> {
    if (account === undefined) return;
    await this.#redis.run(INDEX, [this.#redis.key('a', tagOf(account))], seenAt, expiresAt, idHash);
  }

  async create(record: SessionRecord): Promise<void> {
    await this.#announce(record);
    // Not let in: somebody ended every session of the account just now, and this one with them.
    await this.#admit(record);
  }

  async update(
    idHash: string,
    version: number,
    { data, device }: SessionChange,
    now: number,
  ): Promise<boolean> {
    this.#near.drop(idHash);
    const values = device === undefined ? [data] : [data, device];
    return isOne(await this.#redis.run(UPDATE, [this.#session(idHash)], now, version, ...values));
  }

  async replace(idHash: string, record: SessionRecord, now: number): Promise<boolean> {
    // First, since it may refuse: then the old session stays.
    await this.#announce(record);
    const tag = await this.#end(END, idHash, now, REPLACED_FOR_MS);
    if (tag === undefined) {
      await this.revoke(record.idHash);
      return false;
    }
    return this.#admit(record);
  }

  /**
   * The index of the account has the last word: whoever is noted there has a place, and is noted before being let in. It
   * may name some that are over, and these are struck off first.
   */
  async createWithin(record: SessionRecord, cap: SessionCap, now: number): Promise<Admission> {
    const { replaces } = cap;
    if (replaces !== undefined && (await this.find(replaces, now)) === undefined) return 'over';
    await this.#keepWaiting(record);
    const ended = await this.#takePlace(record, cap, now);
    const isOld = replaces !== undefined && ended !== 'full';
    const isOver = isOld && (await this.#end(END, replaces, now, REPLACED_FOR_MS)) === undefined;
    if (ended === 'full' || isOver) {
      await this.revoke(record.idHash);
      return isOver ? 'over' : 'full';
    }
    // Not let in: somebody ended every session of the account just now, and this one with them.
    await this.#admit(record);
    return ended;
  }

  async #takePlace(record: SessionRecord, cap: SessionCap, now: number): Promise<readonly string[] | 'full'> {
    const { idHash, expiresAt, account = '' } = record;
    const index = this.#redis.key('a', tagOf(account));
    const values = [now, expiresAt, idHash, cap.most, cap.replaces ?? ''] as const;
    const ended: string[] = [];
    for (let round = 0; round < MOST_VAIN_ROUNDS; round += 1) {
      const reply = await this.#redis.run(TAKE_PLACE, [index], ...values);
      if (isOne(reply)) return ended;
      const named = (reply as string[]).filter((one) => one !== cap.replaces);
      const found = await this.#lookAt(named, now);
      const live = found.filter((one) => one !== undefined);
      const dead = named.filter((_, at) => found[at] === undefined);
      if (dead.length > 0) await this.#redis.send('ZREM', index, ...dead);
      const tooMany = live.length - cap.most + 1;
      if (tooMany <= 0) continue;
      if (!cap.endsOldest) return 'full';
      for (const one of oldestFirst(live).slice(0, tooMany)) if (await this.revoke(one)) ended.push(one);
    }
    throw new BulwarkError(
      'ERR_BULWARK_STORE',
      'Sessions of this account begin faster than one finds a place.',
    );
  }

  async #lookAt(named: readonly string[], now: number): Promise<(SessionRecord | undefined)[]> {
    const found: (SessionRecord | undefined)[] = [];
    for (let from = 0; from < named.length; from += AT_ONCE) {
      const some = named.slice(from, from + AT_ONCE);
      const asked = some.map(async (one) =>
        readRecord(one, await this.#redis.run(LOOK, [this.#session(one)], now)),
      );
      found.push(...(await Promise.all(asked)));
    }
    return found;
  }

  async revoke(idHash: string): Promise<boolean> {
    return (await this.#end(REVOKE, idHash)) !== undefined;
  }

  async revokeAccount(account: string, exceptIdHash?: string): Promise<number> {
    const tag = tagOf(account);
    const index = this.#redis.key('a', tag);
    let count = 0;
    for (let vain = 0; vain < MOST_VAIN_ROUNDS;) {
      // One more than a batch: the one excepted may stand first for ever.
      const others = (await this.#indexed(tag, 0)).filter((one) => one !== exceptIdHash);
      if (others.length === 0) return count;
      const ended = await Promise.all(
        others.map(async (one) => {
          this.#near.drop(one);
          const keys = [this.#session(one), this.#tokens(one)] as const;
          return (await this.#redis.run(REVOKE, keys, tag)) !== null;
        }),
      );
      const some = ended.filter(Boolean).length;
      count += some;
      if (some === 0) vain += 1;
      await this.#redis.send('ZREM', index, ...others);
    }
    throw new BulwarkError(
      'ERR_BULWARK_STORE',
      'Sessions of this account begin faster than they can be ended.',
    );
  }

  async list(account: string, now: number): Promise<readonly SessionRecord[]> {
    const tag = tagOf(account);
    const live = new Map<string, SessionRecord>();
    for (let from = 0; ; from += AT_ONCE) {
      const page = await this.#indexed(tag, from);
      const found = await Promise.all(page.map((one) => this.find(one, now)));
      for (const record of found) if (record?.account === account) live.set(record.idHash, record);
      if (page.length <= AT_ONCE) break;
    }
    return [...live.values()].sort((a, b) => b.seenAt - a.seenAt || b.createdAt - a.createdAt);
  }

  async putOnceToken(idHash: string, tokenHash: string, expiresAt: number, now: number): Promise<boolean> {
    const keys = [this.#session(idHash), this.#tokens(idHash)] as const;
    return isOne(await this.#redis.run(PUT_TOKEN, keys, now, tokenHash, expiresAt, MAX_TOKENS));
  }

  async takeToken(idHash: string, tokenHash: string, now: number): Promise<boolean> {
    const keys = [this.#session(idHash), this.#tokens(idHash)] as const;
    return isOne(await this.#redis.run(TAKE_TOKEN, keys, now, tokenHash));
  }

  /** Nothing to do: Redis forgets each session at its end. */
  sweep(): number {
    return 0;
  }

  count(): Promise<number> {
    return this.#redis.count('s');
  }

  async #ask(idHash: string, now: number, noteEvery: number): Promise<SessionRecord | Replaced | undefined> {
    const keys = [this.#session(idHash), this.#redis.key('r', idHash)] as const;
    const reply = await this.#redis.run(USE, keys, now, noteEvery);
    return isOne(reply) ? 'replaced' : readRecord(idHash, reply);
  }

  /** Stores a session that is not let in yet, and has its account's index name it. */
  async #announce(record: SessionRecord): Promise<void> {
    await this.#keepWaiting(record);
    await this.#index(record);
  }

  async #keepWaiting(record: SessionRecord): Promise<void> {
    const { account, idHash } = record;
    const waits = account === undefined ? [] : [WAITING, '1'];
    const fields = [...fieldsOf(record, account === undefined ? '' : tagOf(account)), ...waits];
    const life = account === undefined ? lifeOf(record) : WAITING_MS;
    if (!isOne(await this.#redis.run(CREATE, [this.#session(idHash)], life, ...fields))) throw taken();
  }

  /** Lets a session in. False: it was ended while it waited. */
  async #admit(record: SessionRecord): Promise<boolean> {
    if (record.account === undefined) return true;
    return isOne(await this.#redis.run(ADMIT, [this.#session(record.idHash)], lifeOf(record)));
  }

  /** Ends a session by a script. The tag of its account, or undefined: there was none to end. */
  async #end(script: typeof END, idHash: string, ...values: number[]): Promise<string | undefined> {
    this.#near.drop(idHash);
    const keys = [this.#session(idHash), this.#tokens(idHash), this.#redis.key('r', idHash)] as const;
    const tag = await this.#redis.run(script, keys, ...values);
    // Dropped again: a read under way may have brought it back meanwhile.
    this.#near.drop(idHash);
    if (typeof tag !== 'string') return undefined;
    if (tag !== '') await this.#redis.send('ZREM', this.#redis.key('a', tag), idHash);
    return tag;
  }

  /** A batch of the sessions that an index names, and one more where there is one. */
  async #indexed(tag: string, from: number): Promise<string[]> {
    const reply = await this.#redis.send('ZRANGE', this.#redis.key('a', tag), `${from}`, `${from + AT_ONCE}`);
    return reply as string[];
  }

  #session(idHash: string): string {
    return this.#redis.key('s', idHash);
  }

  #tokens(idHash: string): string {
    return this.#redis.key('t', idHash);
  }
}

/** Milliseconds until a session that has just been used is forgotten. */
function lifeOf({ expiresAt, seenAt, idleMs }: SessionRecord): number {
  return Math.max(0, Math.min(expiresAt - seenAt, idleMs)) + GRACE_MS;
}

// Some drivers can be told to give numbers as texts.
function isOne(reply: unknown): boolean {
  return Number(reply) === 1;
}

/** What stands for an account in keys: names of accounts are personal, of any length, and may hold braces. */
function tagOf(account: string): string {
  return hash('sha256', account, 'base64url');
}

function taken(): BulwarkError {
  return new BulwarkError('ERR_BULWARK_STORE', 'A session with this id hash is stored already.');
}
