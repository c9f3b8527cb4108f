/** What a session has of a browser that stays signed in: where it is over, another one begins there by itself. */
import type { SessionRecord, SessionStore } from '../../stores/ports/sessions.ts';
import { oldestFirst } from '../../stores/oldest-first.ts';
import { asStored, type JsonValue, readValues, writeValues } from './session-data.ts';

/** What ends together with sessions that somebody ends, and before them: else one could begin anew in between. */
export interface SessionCompanion {
  /** Of one session. */
  endOne(account: string, stay: string): Promise<void>;
  /** Of all sessions of an account, but one. */
  endAll(account: string, exceptStay: string | undefined): Promise<void>;
}

/** The sessions of a stay that nobody has used: who was sent the cookie of one never got it, or keeps it. */
export interface UnusedSessions {
  /** Those that began since, in milliseconds since 1970. None, where one that did was used. */
  find(account: string, stay: string, since: number): Promise<readonly string[]>;
}

/**
 * How long before its beginning a session of a stay counts as used. So its first use is noted however soon it comes, and by
 * a process whose clock is behind; and whether there was one can be told. Less than its idle time.
 */
export function unusedFor({
  touchEvery,
  idle,
}: {
  readonly touchEvery: number;
  readonly idle: number;
}): number {
  return Math.min(2 * touchEvery, Math.floor(0.75 * idle));
}

/** Under which value of a session its stay is kept. */
export const STAY_VALUE = 'bulwark.stay';

/** Under which value a session has what its account knows the browser by: the hash of that. */
export const BROWSER_VALUE = 'bulwark.browser';

/** The stay of a session, by its data. Read only where there is one: lists of devices parse no carts. */
export function stayOf(data: string | undefined): string | undefined {
  return textOf(data, STAY_VALUE);
}

/** Its known browser, in the same way. */
export function browserOf(data: string | undefined): string | undefined {
  return textOf(data, BROWSER_VALUE);
}

function textOf(data: string | undefined, key: string): string | undefined {
  const value = data?.includes(key) === true ? readValues(data).get(key) : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Data with values that go with a sign-in. */
export function withValues(data: string, values: Readonly<Record<string, JsonValue>> | undefined): string {
  if (values === undefined) return data;
  const stored = Object.entries(values).map(([key, value]) => [key, asStored(key, value)] as const);
  return writeValues(new Map([...readValues(data), ...stored]));
}

/** The sessions of an account, as one browser that stays signed in sees them. */
export interface SessionsByStay {
  /** Its own, those first that began first: more than one, where it lost the cookie of the others. */
  readonly own: readonly string[];
  readonly others: readonly SessionRecord[];
}

/** Ends what goes together with sessions, before they are ended themselves. */
export class SessionStays {
  /** None: nobody stays signed in, and nothing is asked of the store for it. */
  companion: SessionCompanion | undefined;
  readonly #store: SessionStore;
  readonly #clock: () => number;

  constructor(store: SessionStore, clock: () => number) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Whether anybody may stay signed in. */
  get areKept(): boolean {
    return this.companion !== undefined;
  }

  /** {@link UnusedSessions.find}, of sessions that began as {@link unusedFor} says. */
  async findUnused(account: string, stay: string, since: number, before: number): Promise<readonly string[]> {
    const all = await this.#store.list(account, this.#clock());
    const begun = all.filter(({ createdAt, data }) => createdAt >= since && stayOf(data) === stay);
    return begun.every(({ createdAt, seenAt }) => seenAt <= createdAt - before)
      ? begun.map(({ idHash }) => idHash)
      : [];
  }

  /** The live sessions of an account, by one look. */
  async sessionsOf(account: string, stay: string): Promise<SessionsByStay> {
    const all = await this.#store.list(account, this.#clock());
    return {
      own: oldestFirst(all.filter(({ data }) => stayOf(data) === stay)),
      others: all.filter(({ data }) => stayOf(data) !== stay),
    };
  }

  async endOf({ account, data }: SessionRecord): Promise<void> {
    const stay = stayOf(data);
    if (account !== undefined && stay !== undefined) await this.companion?.endOne(account, stay);
  }

  async endById(idHash: string): Promise<void> {
    const record = await this.#store.find(idHash, this.#clock());
    if (record !== undefined) await this.endOf(record);
  }

  async endAll(account: string, exceptIdHash: string | undefined): Promise<void> {
    const left = exceptIdHash === undefined ? undefined : await this.#store.find(exceptIdHash, this.#clock());
    await this.companion?.endAll(account, stayOf(left?.data));
  }
}
