/**
 * Sessions that this process has read, kept until Redis tells of a change: an ordinary request of someone signed in then
 * asks nobody. It holds only while the connection that carries those notices does; without it every look-up asks Redis.
 */
import type { Replaced, SessionRecord } from '../ports/sessions.ts';

/** Characters of application data a cached session may have: a few large ones must not take the place of all others. */
const MOST_DATA = 16 * 1024;

/** A look-up under way. What it brings is kept only if nothing was heard of the session meanwhile. */
interface Reading {
  stale: boolean;
}

/** The cache of one process. */
export class NearCache {
  readonly #capacity: number;
  /** In the order of their last use. */
  readonly #records = new Map<string, SessionRecord>();
  readonly #readings = new Map<string, Set<Reading>>();
  #open = false;

  /** @param capacity - sessions kept; 0 keeps none */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many sessions are kept. */
  get size(): number {
    return this.#records.size;
  }

  /** The session as last read, if nothing was heard of it since. */
  get(idHash: string): SessionRecord | undefined {
    const record = this.#records.get(idHash);
    if (record === undefined) return undefined;
    this.#records.delete(idHash);
    this.#records.set(idHash, record);
    return record;
  }

  /** Looks a session up, and keeps it unless it changed while the answer was on its way. */
  async read(
    idHash: string,
    ask: () => Promise<SessionRecord | Replaced | undefined>,
  ): Promise<SessionRecord | Replaced | undefined> {
    if (!this.#open || this.#capacity === 0) return ask();
    const reading: Reading = { stale: false };
    const others = this.#readings.get(idHash);
    if (others === undefined) this.#readings.set(idHash, new Set([reading]));
    else others.add(reading);
    try {
      const record = await ask();
      if (!reading.stale) this.#keep(idHash, record);
      return record;
    } finally {
      this.#done(idHash, reading);
    }
  }

  /** Forgets a session, and what is on its way of it. */
  drop(idHash: string): void {
    this.#records.delete(idHash);
    for (const reading of this.#readings.get(idHash) ?? []) reading.stale = true;
  }

  /** Begins to keep sessions: changes are told from now on. */
  open(): void {
    this.#open = true;
  }

  /** Forgets everything and keeps nothing, until {@link open}: what changes now is not told. */
  shut(): void {
    this.#open = false;
    this.clear();
  }

  /** Forgets everything. */
  clear(): void {
    this.#records.clear();
    for (const readings of this.#readings.values()) for (const reading of readings) reading.stale = true;
  }

  #keep(idHash: string, record: SessionRecord | Replaced | undefined): void {
    this.#records.delete(idHash);
    if (typeof record !== 'object' || record.data.length > MOST_DATA) return;
    this.#records.set(idHash, record);
    if (this.#records.size <= this.#capacity) return;
    const [oldest] = this.#records.keys();
    if (oldest !== undefined) this.#records.delete(oldest);
  }

  #done(idHash: string, reading: Reading): void {
    const readings = this.#readings.get(idHash);
    readings?.delete(reading);
    if (readings?.size === 0) this.#readings.delete(idHash);
  }
}
