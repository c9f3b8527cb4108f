/** Files made anew in threads of their own, so that decoding holds up no request, and one that takes too long is ended. */
import { Worker } from 'node:worker_threads';
import { BulwarkError } from '../../../core/errors.ts';
import { tendMethods } from '../../../core/tended.ts';
import { Places } from '../antivirus/places.ts';
import type { Made, MakeJob, NotMade } from './jobs.ts';
import { checkRemaker, REMAKER_CALLS } from './remaker.calls.ts';

/** How much a file may be, and how many at once. */
export interface RemakerOptions {
  /** Of an image, all frames together: default 50,000,000, as a camera has. Four bytes of memory each. */
  readonly pixels?: number;
  /** Of an animation: default 500. */
  readonly frames?: number;
  /** Bytes of markup: default 1 MB. */
  readonly markup?: number;
  /** Milliseconds for one file: default 30,000. */
  readonly timeout?: number;
  /** Files at once: default 2. */
  readonly atOnce?: number;
  /** Files that wait: default 50. */
  readonly waiting?: number;
}

/** A file made anew, or why not, in a word and in a sentence for whoever sent it. */
export type Remade =
  | Extract<Made, { readonly ok: true }>
  | { readonly ok: false; readonly reason: Exclude<NotMade, 'missing'>; readonly detail: string };

/** Makes files anew. */
export class Remaker {
  readonly #options: Required<RemakerOptions>;
  readonly #places: Places;
  #idle: Worker[] = [];

  constructor(options: RemakerOptions = {}) {
    checkRemaker(options);
    this.#options = {
      pixels: 50_000_000,
      frames: 500,
      markup: 1024 ** 2,
      timeout: 30_000,
      atOnce: 2,
      waiting: 50,
      ...options,
    };
    this.#places = new Places(this.#options.atOnce, this.#options.waiting);
  }

  /**
   * Decodes a JPEG, PNG, WebP, GIF or AVIF and writes its pixels anew, in the same format: turned as it was meant to be seen, in sRGB,
   * without place, camera, comments, thumbnails, and whatever stood behind its end. How many pixels and frames it has is read from
   * its head before any is decoded. 16 bits a colour become 8; of an animated PNG the first picture is left.
   *
   * @param bytes - they are copied; whether they may be as many is the caller's to say
   * @throws BulwarkError ERR_BULWARK_PACKAGE_MISSING where `sharp` is not installed; ERR_BULWARK_QUEUE_FULL where too many wait
   */
  async image(bytes: Uint8Array): Promise<Remade> {
    REMAKER_CALLS.image(bytes);
    const { pixels, frames, timeout } = this.#options;
    return await this.#make(
      { kind: 'image', bytes, pixels, frames, seconds: Math.ceil(timeout / 1000) },
      'sharp',
    );
  }

  /**
   * Writes SVG or HTML anew, without scripts, handlers, forms, and anything that would be fetched from elsewhere. Serve it as an
   * attachment all the same: what is left out is what is known.
   *
   * @param bytes - in UTF-8
   * @throws BulwarkError ERR_BULWARK_PACKAGE_MISSING where `dompurify` and `jsdom` are not installed; ERR_BULWARK_QUEUE_FULL
   */
  async markup(kind: 'svg' | 'html', bytes: Uint8Array): Promise<Remade> {
    REMAKER_CALLS.markup(kind, bytes);
    if (bytes.length > this.#options.markup) return notMade('size');
    return await this.#make({ kind, bytes }, 'dompurify jsdom');
  }

  /** Ends the threads that have nothing to do. They keep no process from ending. */
  async close(): Promise<void> {
    await Promise.all(this.#idle.map((worker) => worker.terminate()));
  }

  async #make(job: MakeJob, packages: string): Promise<Remade> {
    const leave = await this.#places.enter();
    if (leave === undefined)
      throw new BulwarkError('ERR_BULWARK_QUEUE_FULL', 'Too many files wait to be made anew. Answer 503.');
    try {
      const made = await this.#ask(job);
      if (made.ok) return made;
      if (made.reason !== 'missing') return notMade(made.reason);
      throw new BulwarkError(
        'ERR_BULWARK_PACKAGE_MISSING',
        `This needs more packages: npm install ${packages}`,
      );
    } finally {
      leave();
    }
  }

  /** One job a thread: that it is ended concerns nobody else. */
  #ask(job: MakeJob): Promise<Made> {
    const worker = this.#idle.pop() ?? this.#start();
    const { promise, resolve } = Promise.withResolvers<Made>();
    const late = setTimeout(() => {
      resolve({ ok: false, reason: 'slow' });
      void worker.terminate();
    }, this.#options.timeout);
    const onMade = (made: Made): void => {
      this.#idle.push(worker);
      resolve(made);
    };
    // Of memory, mostly.
    const onExit = (): void => resolve({ ok: false, reason: 'slow' });
    worker.once('message', onMade);
    worker.once('exit', onExit);
    worker.ref();
    worker.postMessage(job, []);
    return promise.finally(() => {
      clearTimeout(late);
      worker.off('message', onMade);
      worker.off('exit', onExit);
      // Nothing to do: no reason to keep the process.
      worker.unref();
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./remake.worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 512 },
      // Options of this process, such as a preloaded module, are not for it.
      execArgv: [],
      env: {},
    });
    // Told by its end, which follows.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      this.#idle = this.#idle.filter((one) => one !== worker);
    });
    return worker;
  }

  static {
    tendMethods(Remaker);
  }
}

const WORDS: Readonly<Record<Exclude<NotMade, 'missing'>, string>> = {
  kind: 'The file is no image, drawing or page of a kind that is taken here.',
  pixels: 'The image has too many pixels.',
  frames: 'The animation has too many pictures.',
  broken: 'The file is cut or damaged.',
  slow: 'The file took too long to be looked at.',
  size: 'The file is too large.',
};

function notMade(reason: Exclude<NotMade, 'missing'>): Remade {
  return { ok: false, reason, detail: WORDS[reason] };
}
