/**
 * Hashing in threads of its own, which give way to the event loop. In Node's pool a hash has as much of a core as the event
 * loop has, and every page waits behind it while people sign in.
 */
import { availableParallelism, constants, getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Argon2Engine, Argon2Request } from './argon2.ts';
import { type HashDone, type HashReady, packJob } from './hash-job.ts';
import { poolThreads } from './hash-queue.ts';

/**
 * How much lower. The scheduler of Linux gives a thread of this niceness a fifth of what it gives another (215 parts to 1024):
 * beside threads that never rest a hash takes up to five times as long as in the pool, and no longer. At 10 that is nine times,
 * at 19 seventy: whoever keeps the event loop busy would keep everyone from signing in. At 5 pages wait half as long again.
 */
export const NICER_BY = 7;
/** A hash that took as long was starved all the same, by other processes for instance: the next one is made in the pool. */
const LATE_MS = 1000;
/** Each costs somebody a sign-in: after so many all is made in the pool. */
const MOST_CRASHES = 3;

/** For tests, all of it. */
export interface ThreadsOptions {
  /** Threads at most. */
  readonly most?: number;
  readonly lateMs?: number;
  readonly start?: () => Worker;
}

/** An engine whose hashes are made in threads. */
export interface ThreadedEngine extends Argon2Engine {
  /** Threads that there are. */
  readonly threads: number;
}

/**
 * The engine with its hashes in threads, started one by one as hashes meet: so there are never more than the policy lets
 * run at once, nor more than there are cores or would be in Node's pool. What finds none ready is made in the pool. So is all of
 * it where a thread cannot lower itself alone (anything but Node.js on Linux) and where none can start: without leave
 * (`--permission`), or in a bundle without the thread's file.
 */
export function inThreads(engine: Argon2Engine, options: ThreadsOptions = {}): ThreadedEngine {
  const { most = Math.min(availableParallelism(), poolThreads()), lateMs = LATE_MS, start } = options;
  const threads = new HashThreads(engine, most, lateMs, start ?? startThread);
  return {
    ...engine,
    derive: (request) => threads.derive(request),
    get threads() {
      return threads.count;
    },
  };
}

/** Whether a thread here can lower its own priority and no other's: elsewhere it would lower the event loop too. */
function lowersItselfOnly(): boolean {
  const { bun, deno } = process.versions as { readonly bun?: string; readonly deno?: string };
  return process.platform === 'linux' && bun === undefined && deno === undefined;
}

function startThread(): Worker {
  return new Worker(new URL('./hash.worker.ts', import.meta.url), {
    workerData: { niceness: Math.min(getPriority() + NICER_BY, constants.priority.PRIORITY_LOW) },
    // What a hash takes is no part of these: that is the engine's own.
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 },
    // Options of this process, such as a preloaded module, are not for it. Nor are its secrets.
    execArgv: [],
    env: {},
  });
}

/** A hash that is asked for. */
interface Asked {
  readonly request: Argon2Request;
  readonly resolve: (tag: Buffer) => void;
  readonly reject: (error: unknown) => void;
}

/** A thread, and what it is at. */
interface Thread {
  readonly worker: Worker;
  isReady: boolean;
  asked: Asked | undefined;
  since: number;
}

class HashThreads {
  readonly #engine: Argon2Engine;
  readonly #most: number;
  readonly #lateMs: number;
  readonly #start: () => Worker;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Asked[] = [];
  #isOff = !lowersItselfOnly();
  /** The last hash of a thread took too long. */
  #wasLate = false;
  #crashes = 0;

  constructor(engine: Argon2Engine, most: number, lateMs: number, start: () => Worker) {
    this.#engine = engine;
    this.#most = most;
    this.#lateMs = lateMs;
    this.#start = start;
  }

  get count(): number {
    return this.#threads.size;
  }

  derive(request: Argon2Request): Promise<Buffer> {
    if (this.#isOff || this.#isStarved()) return this.#engine.derive(request);
    const threads = [...this.#threads];
    const idle = threads.find(({ isReady, asked }) => isReady && asked === undefined);
    if (idle !== undefined)
      return new Promise((resolve, reject) => this.#give(idle, { request, resolve, reject }));
    const isStarting = threads.some(({ isReady }) => !isReady);
    if (!isStarting && threads.length === this.#most)
      return new Promise((resolve, reject) => this.#waiting.push({ request, resolve, reject }));
    if (!isStarting) this.#open();
    // Nobody waits for a thread that may never be ready.
    return this.#engine.derive(request);
  }

  /** Every second hash at least has the priority of all else, however busy the machine is. */
  #isStarved(): boolean {
    const now = performance.now();
    const wasLate = this.#wasLate;
    this.#wasLate = false;
    return (
      wasLate ||
      [...this.#threads].some(({ asked, since }) => asked !== undefined && now - since > this.#lateMs)
    );
  }

  #give(thread: Thread, asked: Asked): void {
    thread.asked = asked;
    thread.since = performance.now();
    const job = packJob(asked.request);
    thread.worker.ref();
    thread.worker.postMessage(job, [job.bytes.buffer]);
  }

  #open(): void {
    let worker: Worker;
    try {
      worker = this.#start();
    } catch {
      // Without leave, or nowhere to find the file: for good.
      this.#isOff = true;
      return;
    }
    const thread: Thread = { worker, isReady: false, asked: undefined, since: 0 };
    this.#threads.add(thread);
    worker.on('message', (said: HashReady | HashDone) => {
      if ('engine' in said) this.#onReady(thread, said);
      else this.#onDone(thread, said);
    });
    // Told by its end, which follows.
    worker.on('error', () => undefined);
    worker.once('exit', () => this.#onExit(thread));
    // It keeps no process that has nothing else to do.
    worker.unref();
  }

  #onReady(thread: Thread, { engine }: HashReady): void {
    // A library that loads here and not there may be the only one that knows a version.
    if (engine !== this.#engine.name) {
      void thread.worker.terminate();
      return;
    }
    thread.isReady = true;
    this.#next(thread);
  }

  #onDone(thread: Thread, done: HashDone): void {
    const { asked, since } = thread;
    thread.asked = undefined;
    thread.worker.unref();
    this.#wasLate = performance.now() - since > this.#lateMs;
    this.#next(thread);
    if ('tag' in done) asked?.resolve(Buffer.from(done.tag.buffer));
    else asked?.reject(Object.assign(new Error(done.error), { code: done.code }));
  }

  #next(thread: Thread): void {
    const asked = this.#waiting.shift();
    if (asked !== undefined) this.#give(thread, asked);
  }

  /** Its hash fails and the next one starts another. One that was never ready would not be the next time either. */
  #onExit(thread: Thread): void {
    this.#threads.delete(thread);
    this.#crashes += 1;
    if (!thread.isReady || this.#crashes === MOST_CRASHES) this.#isOff = true;
    thread.asked?.reject(new Error('the thread that hashed this password has ended'));
    // There may be nobody left who would take those that wait.
    if (this.#threads.size > 0 && !this.#isOff) return;
    for (const { request, resolve, reject } of this.#waiting.splice(0))
      this.#engine.derive(request).then(resolve, reject);
  }
}
