/**
 * What stays open behind its answer: WebSockets, events. Each ends with the session that opened it, whichever process ended
 * that: the store is asked again every so often, since nobody else asks for as long as the connection lasts.
 */
import type { SessionStore } from '../stores/ports/sessions.ts';

/** One connection that stays open. */
export interface OpenStream {
  readonly kind: 'socket' | 'answer';
  /** The sessions that it was opened by: of the layer, of the vault. */
  readonly sessions: readonly string[];
  /** Ends it, and not as if it had come to its end. */
  readonly cut: () => void;
  /** Bytes that came from the client: what is used does not lie idle. */
  readonly received: () => number;
}

interface Watched {
  readonly stream: OpenStream;
  received: number;
  lookedAt: number;
}

const TICK_MS = 200;
/** So often is one looked at, in milliseconds. */
const EVERY_MS = 1_000;
/** So many are looked at in one tick: ten thousand take ten seconds, and no request waits for that. */
const MOST_A_TICK = 200;
/** So often is a look noted that is no use, in milliseconds: never. */
const UNNOTED = Number.MAX_SAFE_INTEGER;

/** Those of one process. */
export class OpenStreams {
  readonly #store: SessionStore;
  readonly #noteEvery: number;
  readonly #clock: () => number;
  /** The one that was looked at longest ago is first. */
  readonly #watched = new Set<Watched>();
  readonly #timer: NodeJS.Timeout;

  /** @param noteEvery - how often a use is noted, in milliseconds */
  constructor(store: SessionStore, noteEvery: number, clock: () => number = Date.now) {
    this.#store = store;
    this.#noteEvery = noteEvery;
    this.#clock = clock;
    this.#timer = setInterval(() => this.#look(), TICK_MS).unref();
  }

  /** WebSockets that are open. */
  get sockets(): number {
    let count = 0;
    for (const { stream } of this.#watched) if (stream.kind === 'socket') count += 1;
    return count;
  }

  /** Watches over a stream. Returns what ends that. */
  add(stream: OpenStream): () => void {
    const watched: Watched = { stream, received: stream.received(), lookedAt: performance.now() };
    this.#watched.add(watched);
    return () => void this.#watched.delete(watched);
  }

  /** Ends every WebSocket: none comes to an end by itself. */
  cutSockets(): void {
    for (const watched of this.#watched) if (watched.stream.kind === 'socket') this.#cut(watched);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    const due: Watched[] = [];
    for (const watched of this.#watched) {
      if (now - watched.lookedAt < EVERY_MS || due.length === MOST_A_TICK) break;
      due.push(watched);
    }
    for (const watched of due) {
      watched.lookedAt = now;
      this.#watched.delete(watched);
      this.#watched.add(watched);
      // A store that is gone ends nothing: it is asked again.
      this.#judge(watched).catch(() => undefined);
    }
  }

  async #judge(watched: Watched): Promise<void> {
    const { stream } = watched;
    const received = stream.received();
    const noteEvery = received === watched.received ? UNNOTED : this.#noteEvery;
    watched.received = received;
    for (const idHash of stream.sessions) {
      const found = await this.#store.use(idHash, this.#clock(), noteEvery);
      // One that went on under another id has no end of its own any more.
      if (found !== undefined && found !== 'replaced') continue;
      this.#cut(watched);
      return;
    }
  }

  #cut(watched: Watched): void {
    if (this.#watched.delete(watched)) watched.stream.cut();
  }
}
