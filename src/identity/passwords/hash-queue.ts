/**
 * A short queue in front of the hashing. Eight sign-ins at once must not make every other page wait, and a thousand
 * must not fill memory: at 19 MiB and 25 ms each, whoever cannot be served within seconds is better told so at once.
 */
import { availableParallelism } from 'node:os';
import { BulwarkError } from '../../core/errors.ts';
import type { MetricFamily } from '../../core/metrics.ts';

/** How many threads Node.js has for hashing, files and name look-ups together, unless it is told otherwise. */
const DEFAULT_POOL_THREADS = 4;

interface Waiter {
  readonly start: () => void;
}

/** Runs at most so many tasks at once and lets at most so many wait, first come first served. */
export class HashQueue {
  readonly #concurrency: number;
  readonly #capacity: number;
  readonly #waiters = new Set<Waiter>();
  #active = 0;
  #refused = 0;

  /**
   * @param concurrency - tasks at once, at least 1
   * @param capacity - tasks that may wait beside those, 0 or more
   */
  constructor(concurrency: number, capacity: number) {
    this.#concurrency = concurrency;
    this.#capacity = capacity;
  }

  /** Tasks that run now. */
  get active(): number {
    return this.#active;
  }

  /** Tasks that wait now. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Tasks that found too many waiting, since the start. */
  get refused(): number {
    return this.#refused;
  }

  /** For metrics. */
  get figures(): readonly MetricFamily[] {
    return [
      {
        name: 'bulwark_hashes',
        type: 'gauge',
        help: 'Password hashes that are under way, and that wait.',
        samples: [
          [{ state: 'running' }, this.#active],
          [{ state: 'waiting' }, this.#waiters.size],
        ],
      },
      {
        name: 'bulwark_hashes_waiting_most',
        type: 'gauge',
        help: 'Password hashes that may wait: one more is answered 503.',
        samples: [[{}, this.#capacity]],
      },
      {
        name: 'bulwark_hashes_refused',
        type: 'counter',
        help: 'Password hashes for which too many were waiting.',
        samples: [[{}, this.#refused]],
      },
    ];
  }

  /**
   * Runs a task when its turn comes.
   *
   * @param signal - of a request that may go away: while it waits, it then leaves the queue
   * @throws BulwarkError `ERR_BULWARK_QUEUE_FULL` at once where too many wait: answer 503 with `Retry-After`
   * @throws the signal's reason where it was aborted before its turn came
   */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.#active < this.#concurrency) this.#active += 1;
    else await this.#wait(signal);
    try {
      return await task();
    } finally {
      this.#handOver();
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiters.size >= this.#capacity) {
      this.#refused += 1;
      return Promise.reject(
        new BulwarkError(
          'ERR_BULWARK_QUEUE_FULL',
          `${this.#waiters.size} password hashes are waiting already; answer 503 with Retry-After`,
        ),
      );
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(waiter);
        reject(signal?.reason as Error);
      };
      const waiter: Waiter = {
        start: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  // The place goes straight to the next in line: nobody who comes in between can take it.
  #handOver(): void {
    const [next] = this.#waiters;
    if (next === undefined) {
      this.#active -= 1;
      return;
    }
    this.#waiters.delete(next);
    next.start();
  }
}

/**
 * How many hashes run at once where the policy does not say: one less than there are cores, and one less than there
 * are threads in Node's pool, so that the event loop has a core and files and name look-ups have a thread. At least 1.
 */
export function defaultConcurrency(cores: number = availableParallelism(), poolSize?: string): number {
  return Math.max(1, Math.min(cores, poolThreads(poolSize)) - 1);
}

/** Threads of Node's pool. */
export function poolThreads(size: string | undefined = process.env['UV_THREADPOOL_SIZE']): number {
  return /^[1-9]\d{0,3}$/.test(size ?? '') ? Number(size) : DEFAULT_POOL_THREADS;
}
