/**
 * Word from Redis that a session changed, whoever changed it (client tracking, broadcast mode): what keeps the near cache
 * true. Redis tells of every write, expiry and deletion under our prefix, those by hand at a console too.
 */
import type { NearCache } from './near-cache.ts';

/** Connections that carry the word, as one driver makes them. They reconnect by themselves. */
export interface TidingsSource {
  /** Connects. Rejects where that fails at first. */
  start(handlers: TidingsHandlers): Promise<void>;
  /** Has the server tell of every change under a prefix from now on. */
  track(prefix: string): Promise<void>;
  /** Resolves when everything that the server sent before has been heard. */
  ping(): Promise<void>;
  close(): void;
}

/** What a source calls. */
export interface TidingsHandlers {
  /** All its connections are there, at first or again. */
  readonly onReady: () => void;
  /** One of them is gone. */
  readonly onLost: () => void;
  /** Keys that changed; null: all of them may have. */
  readonly onKeys: (keys: readonly string[] | null) => void;
}

/** How often the line is tried, and how long the answer may take, in milliseconds. */
const PING_EVERY_MS = 1000;
const PING_DEADLINE_MS = 500;

/** Keeps a near cache true for as long as the word comes through, and shut while it does not. */
export class Tidings {
  readonly #source: TidingsSource;
  readonly #near: NearCache;
  /** What session keys begin with. */
  readonly #prefix: string;
  #pinging: NodeJS.Timeout | undefined;
  /** Whether the server tells us of changes, over connections that nobody has seen go. */
  #tracking = false;
  /** One set-up after the other: a server refuses a second one of the same prefix on one connection. */
  #turn: Promise<void> = Promise.resolve();
  /** How often a connection was lost: what began before the last time is void. */
  #losses = 0;
  #closed = false;

  /** @param prefix - of the keys of sessions; what follows is the id in braces */
  constructor(source: TidingsSource, near: NearCache, prefix: string) {
    this.#source = source;
    this.#near = near;
    this.#prefix = prefix;
  }

  /** Begins to listen. Rejects where Redis cannot be reached at first. */
  async start(): Promise<void> {
    const ready = Promise.withResolvers<void>();
    await this.#source.start({
      onReady: () => {
        this.#lost();
        this.#turn = this.#turn.then(() => this.#track()).then(ready.resolve, ready.reject);
      },
      onLost: () => this.#lost(),
      onKeys: (keys) => this.#heard(keys),
    });
    await ready.promise;
    this.#pinging = setInterval(() => void this.#ping(), PING_EVERY_MS).unref();
  }

  /** Stops listening. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#pinging);
    this.#lost();
    this.#source.close();
  }

  async #track(): Promise<void> {
    const before = this.#losses;
    await this.#source.track(this.#prefix);
    // Lost again meanwhile: what was set up went with the connection.
    if (before !== this.#losses || this.#closed) return;
    this.#tracking = true;
    this.#near.open();
  }

  /** At once, and not when the connection is back: what is revoked in between must not be let in from memory. */
  #lost(): void {
    this.#losses += 1;
    this.#tracking = false;
    this.#near.shut();
  }

  #heard(keys: readonly string[] | null): void {
    if (keys === null) return this.#near.clear();
    for (const key of keys) this.#near.drop(key.slice(this.#prefix.length + 1, -1));
  }

  /**
   * A connection can be dead for minutes before anybody says so, and silence is what a quiet server sounds like. So it is
   * asked; while it owes the answer nothing is believed from memory.
   */
  async #ping(): Promise<void> {
    if (!this.#tracking) return;
    const before = this.#losses;
    const late = setTimeout(() => this.#near.shut(), PING_DEADLINE_MS);
    try {
      await this.#source.ping();
      // All that the server had to tell was heard before this answer.
      if (before === this.#losses) this.#near.open();
    } catch {
      this.#lost();
    } finally {
      clearTimeout(late);
    }
  }
}
