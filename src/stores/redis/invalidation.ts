/**
 * Word from Redis that a session changed, whoever changed it (client tracking, broadcast mode): what keeps the near cache
 * true. Redis tells of every write, expiry and deletion under our prefix, those by hand at a console too.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isOutage } from './driver.ts';
import type { NearCache } from './near-cache.ts';

/** Connections that carry the word, as one driver makes them. They reconnect by themselves. */
export interface InvalidationSource {
  /** Connects. Rejects where that fails at first. */
  start(handlers: InvalidationHandlers): Promise<void>;
  /** Has the server tell of every change under these prefixes from now on. */
  track(prefixes: readonly string[]): Promise<void>;
  close(): void;
}

/** What a source calls. */
export interface InvalidationHandlers {
  /** All its connections are there, at first or again. */
  readonly onReady: () => void;
  /** One of them is gone, or was not to be had. */
  readonly onLost: (error?: unknown) => void;
  /** Keys that changed; null: all of them may have. */
  readonly onKeys: (keys: readonly string[] | null) => void;
}

/** What is listened for. */
export interface InvalidationKeys {
  /** What keys of sessions begin with; the id and one brace follow. */
  readonly sessions: string;
  /** A key of this process alone. */
  readonly beat: string;
}

/** How often the way is tried, and how long the word may be under way, in milliseconds. */
const BEAT_EVERY_MS = 1000;
const BEAT_DEADLINE_MS = 500;
/** After so long without it what was set up is set up anew. */
const BEAT_LOST_MS = 3000;

/** Keeps a near cache true for as long as the word comes through, and shut while it does not. */
export class Invalidation {
  readonly #source: InvalidationSource;
  readonly #near: NearCache;
  readonly #keys: InvalidationKeys;
  readonly #beat: () => Promise<unknown>;
  #beating: NodeJS.Timeout | undefined;
  /** Called when our own beat is heard. */
  #heardBeat: () => void = nothing;
  /** Whether the server was asked to tell us, over connections that nobody has seen go. */
  #tracking = false;
  #losses = 0;
  #met: unknown = undefined;
  /** One step after the other: a server refuses a second set-up of the same prefix on one connection. */
  #turn: Promise<void> = Promise.resolve();
  #turns = 0;
  #closed = false;

  /** @param beat - writes the key `beat` by the connection that sessions are asked by */
  constructor(
    source: InvalidationSource,
    near: NearCache,
    keys: InvalidationKeys,
    beat: () => Promise<unknown>,
  ) {
    this.#source = source;
    this.#near = near;
    this.#keys = keys;
    this.#beat = beat;
  }

  /** What was in the way last: a server that is full, or that refuses this to its user. */
  get met(): unknown {
    return this.#met;
  }

  /**
   * Begins to listen. Rejects where Redis refuses to tell of changes; settles never where a driver goes on trying to
   * connect, as one does that the server will not have.
   */
  async start(): Promise<void> {
    const ready = Promise.withResolvers<void>();
    await this.#source.start({
      onReady: () => {
        this.#lost();
        this.#next(async () => this.#track()).then(ready.resolve, ready.reject);
      },
      onLost: (error) => {
        // What the server said tells more than that the connection was gone by then.
        if (error instanceof Error && (this.#met === undefined || !isOutage(error))) this.#met = error;
        this.#lost();
      },
      onKeys: (keys) => this.#heard(keys),
    });
    await ready.promise;
    this.#beating = setInterval(() => {
      if (this.#turns === 0) this.#next(async () => this.#check()).catch(nothing);
    }, BEAT_EVERY_MS).unref();
  }

  /** Stops listening. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#beating);
    this.#lost();
    this.#source.close();
  }

  #next(step: () => Promise<void>): Promise<void> {
    this.#turns += 1;
    const turn = this.#turn.then(step).finally(() => {
      this.#turns -= 1;
    });
    this.#turn = turn.catch(nothing);
    return turn;
  }

  async #track(): Promise<void> {
    const before = this.#losses;
    await this.#source.track([this.#keys.sessions, this.#keys.beat]);
    // Lost again meanwhile: what was set up went with the connection.
    if (before !== this.#losses || this.#closed) return;
    this.#tracking = true;
    await this.#check();
  }

  /** At once, and not when the connection is back: what is revoked in between must not be let in from memory. */
  #lost(): void {
    this.#losses += 1;
    this.#tracking = false;
    this.#near.shut();
  }

  #heard(keys: readonly string[] | null): void {
    if (keys === null) return this.#near.clear();
    const { sessions, beat } = this.#keys;
    for (const key of keys) {
      if (key === beat) this.#heardBeat();
      else if (key.startsWith(sessions)) this.#near.drop(key.slice(sessions.length, -1));
    }
  }

  /**
   * Tries the whole way: what is written where sessions are asked for must be heard here. A connection can be dead for
   * minutes before anybody says so, a driver can move it to another server, a failover can leave the two on different
   * ones; and silence is what a quiet server sounds like. While a beat is owed nothing is believed from memory.
   */
  async #check(): Promise<void> {
    if (this.#closed) return;
    if (!this.#tracking) return this.#track();
    const before = this.#losses;
    const late = setTimeout(() => this.#near.shut(), BEAT_DEADLINE_MS);
    const given = new AbortController();
    const { promise, resolve } = Promise.withResolvers<'heard'>();
    this.#heardBeat = () => resolve('heard');
    try {
      await this.#beat();
      const outcome = await Promise.race([promise, sleep(BEAT_LOST_MS, 'lost', { signal: given.signal })]);
      // All that the server had to tell was heard before this.
      if (before === this.#losses && outcome === 'heard') this.#near.open();
      else this.#lost();
    } catch {
      this.#lost();
    } finally {
      clearTimeout(late);
      given.abort();
      this.#heardBeat = nothing;
    }
  }
}

function nothing(): void {
  // Nobody waits for it.
}
