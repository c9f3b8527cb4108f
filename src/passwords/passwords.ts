/** Passwords: judged when they are chosen, hashed in a bounded queue, verified in one time for all accounts. */
import { defaultsOf, readOptions } from '../core/options.ts';
import { Problems } from '../core/problems.ts';
import type { Argon2Cost } from './phc-string.ts';
import { defaultConcurrency, HashQueue } from './hash-queue.ts';
import { dummyHash, hashPassword, needsRehash, verifyPassword } from './password-hash.ts';
import {
  checkPassword,
  MAX_PASSWORD_LENGTH,
  passwordLength,
  type PasswordProblem,
} from './password-rules.ts';
import { type PasswordsOptions, passwordsOptions, type PasswordsSettings } from './passwords.options.ts';

/** What a sign-in is told. */
export interface PasswordVerdict {
  readonly ok: boolean;
  /** Where `ok` and the stored hash was made at another cost than today's: what to store instead. */
  readonly rehash?: string;
  /** The stored text is no hash that can be read: the account cannot sign in until its password is reset. Log it. */
  readonly unreadable?: true;
}

/** Whose password it is and what for. */
export interface PasswordSubject {
  /** A second factor is asked for as well. */
  readonly secondFactor: boolean;
  /** The account's own words: its email address, the person's name. */
  readonly ownWords: readonly string[];
}

/** The passwords of one application. */
export class Passwords {
  /** For metrics: how many hashes run and wait. */
  readonly queue: HashQueue;
  readonly #settings: PasswordsSettings;
  readonly #cost: Argon2Cost;
  readonly #serviceWords: readonly string[];
  readonly #dummy: string;

  /**
   * @param settings - the policy's section `passwords`, read; the defaults without it
   * @param serviceWords - the service's name and host, which no password may be made of
   */
  constructor(
    settings: PasswordsSettings = defaultsOf(passwordsOptions),
    serviceWords: readonly string[] = [],
  ) {
    const { memory, passes, parallelism, concurrency, waiting } = settings;
    this.#settings = settings;
    this.#cost = { memory, passes, parallelism };
    this.#serviceWords = serviceWords;
    this.#dummy = dummyHash(this.#cost);
    this.queue = new HashQueue(concurrency === 'auto' ? defaultConcurrency() : concurrency, waiting);
  }

  /**
   * For an application that uses passwords without a policy.
   *
   * @throws PolicyError with everything wrong with the options
   */
  static of(options: PasswordsOptions, serviceWords: readonly string[] = []): Passwords {
    const problems = new Problems('production');
    const settings = readOptions('passwords', passwordsOptions, options, problems);
    problems.throwIfAny();
    return new Passwords(settings, serviceWords);
  }

  /** Everything wrong with a new password; nothing where it can be taken. */
  check(password: string, subject: PasswordSubject): readonly PasswordProblem[] {
    const { minimumLength, minimumLengthWithSecondFactor } = this.#settings;
    return checkPassword(password, {
      minimumLength: subject.secondFactor ? minimumLengthWithSecondFactor : minimumLength,
      ownWords: [...this.#serviceWords, ...subject.ownWords],
    });
  }

  /**
   * The hash to store for a new password that {@link check} has passed.
   *
   * @param signal - of the request: a waiter whose request has gone away leaves the queue
   * @throws BulwarkError `ERR_BULWARK_QUEUE_FULL`: answer 503 with `Retry-After`
   * @throws RangeError for a password that is longer than any that is taken
   */
  async hash(password: string, signal?: AbortSignal): Promise<string> {
    if (isTooLong(password)) {
      throw new RangeError(
        `a password has at most ${MAX_PASSWORD_LENGTH} characters; check() it before hash()`,
      );
    }
    return await this.queue.run(() => hashPassword(password, this.#cost), signal);
  }

  /**
   * Compares a password with what is stored. With `undefined`, where there is no such account, the same work is done
   * against a hash that nothing matches: time must not tell which accounts exist.
   *
   * @throws BulwarkError `ERR_BULWARK_QUEUE_FULL`: answer 503 with `Retry-After`
   */
  async verify(stored: string | undefined, password: string, signal?: AbortSignal): Promise<PasswordVerdict> {
    // Longer than any that was ever taken: wrong, at the price of every other wrong one.
    if (isTooLong(password)) return await this.verify(undefined, '', signal);
    return await this.queue.run(() => this.#judge(stored, password), signal);
  }

  // One place in the queue for all of it: a rehash cannot find the queue full.
  async #judge(stored: string | undefined, password: string): Promise<PasswordVerdict> {
    const match = await verifyPassword(stored ?? this.#dummy, password);
    if (match === 'unknown-format') {
      await verifyPassword(this.#dummy, password);
      return { ok: false, unreadable: true };
    }
    if (match === 'mismatch' || stored === undefined) return { ok: false };
    if (!needsRehash(stored, this.#cost)) return { ok: true };
    return { ok: true, rehash: await hashPassword(password, this.#cost) };
  }
}

function isTooLong(password: string): boolean {
  return passwordLength(password) > MAX_PASSWORD_LENGTH;
}
