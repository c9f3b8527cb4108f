/** Passwords: judged when they are chosen, hashed in a bounded queue, verified in one time for all accounts. */
import { PASSWORD_CALLS } from './passwords.calls.ts';
import { BulwarkError } from '../../core/errors.ts';
import { defaultsOf, readOptions } from '../../core/options.ts';
import { Problems } from '../../core/problems.ts';
import { tendMethods } from '../../core/tended.ts';
import { type LookUpContext, lookUpPassword } from './breached/breached.ts';
import { howToGet, missingLibrary } from './describe-hash.ts';
import { isWholeCompared, matchesForeign, parseForeign } from './foreign/foreign-hash.ts';
import { defaultConcurrency, HashQueue } from './hash-queue.ts';
import { dummyHash, hashPassword, needsRehash, verifyPassword } from './password-hash.ts';
import {
  BREACHED,
  checkPassword,
  MAX_PASSWORD_LENGTH,
  passwordLength,
  type PasswordProblem,
  UNCHECKED,
} from './password-rules.ts';
import { type PasswordsOptions, passwordsOptions, type PasswordsSettings } from './passwords.options.ts';
import { Pepper } from './pepper.ts';
import type { Argon2Cost } from './phc-string.ts';

export type { BreachAnswer, BreachedPasswords, LookUpContext } from './breached/breached.ts';
export { type BuildRequest, type BuiltFilter, buildFilter } from './breached/build-filter.ts';
export { type BreachedFilter, filterFile } from './breached/filter-file.ts';
export { type RangeRequest, rangeService } from './breached/range-service.ts';
export type { RangeServiceOptions } from './breached/range-service.options.ts';
export { describeHash, type HashDescription } from './describe-hash.ts';
export type { HashFormat } from './foreign/format.ts';
export type { PasswordProblem, PasswordProblemCode } from './password-rules.ts';
export type { PasswordsOptions } from './passwords.options.ts';

/** What a sign-in is told. */
export interface PasswordVerdict {
  readonly ok: boolean;
  /** Where `ok` and the stored hash is not as it would be made today: what to store instead. */
  readonly rehash?: string;
  /** Nothing can be compared with the stored text: the account cannot sign in until its password is reset. Log it. */
  readonly unreadable?: true;
  /** Where `unreadable`: why, for the log. Holds nothing of the hash. */
  readonly reason?: string;
}

/** Whose password it is and what for. */
export interface PasswordSubject {
  /** A second factor is asked for as well. */
  readonly secondFactor: boolean;
  /** The account's own words: its email address, the person's name. */
  readonly ownWords: readonly string[];
}

/**
 * The longest text that is compared with a hash, in UTF-16 units. More than is taken for a new password: other software
 * took longer ones, and they sign in here until they are changed.
 */
const MAX_VERIFIED_LENGTH = 4096;

const NO_RING =
  'passwords.pepper: true is the key ring of a policy, and there is none: Passwords.of({ pepper: (await loadPolicy(...)).keys })';
const NO_SALT =
  'it is of Flask-Security, whose salt is not here: passwords: { flaskSecuritySalt: process.env.SECURITY_PASSWORD_SALT }';

/** The passwords of one application. */
export class Passwords {
  /** For metrics: how many hashes run and wait. */
  readonly queue: HashQueue;
  readonly #settings: PasswordsSettings;
  readonly #cost: Argon2Cost;
  readonly #pepper: Pepper | undefined;
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
    const { memory, passes, parallelism, concurrency, waiting, pepper } = settings;
    if (pepper === true) throw new BulwarkError('ERR_BULWARK_INVALID_OPTION', NO_RING);
    this.#settings = settings;
    this.#cost = { memory, passes, parallelism };
    this.#pepper = pepper === undefined ? undefined : new Pepper(pepper);
    this.#serviceWords = serviceWords;
    this.#dummy = dummyHash(this.#cost, this.#pepper);
    this.queue = new HashQueue(concurrency === 'auto' ? defaultConcurrency() : concurrency, waiting);
  }

  /**
   * Passwords without a policy, for a worker or an importer. With one, `new Passwords(policy.passwords)`.
   *
   * @throws PolicyError with everything wrong with the options
   */
  static of(options: PasswordsOptions, serviceWords: readonly string[] = []): Passwords {
    PASSWORD_CALLS.of(options, serviceWords);
    const problems = new Problems('production');
    const settings = readOptions('passwords', passwordsOptions, options, problems);
    problems.throwIfAny();
    return new Passwords(settings, serviceWords);
  }

  /** Characters of the shortest password that {@link check} passes. */
  shortest(secondFactor: boolean): number {
    PASSWORD_CALLS.shortest(secondFactor);
    const { minimumLength, minimumLengthWithSecondFactor } = this.#settings;
    return secondFactor ? minimumLengthWithSecondFactor : minimumLength;
  }

  /**
   * Everything wrong with a new password; nothing where it can be taken. Breached ones are looked up last, and only if
   * nothing else is wrong.
   *
   * @param context - the request's `signal`, and its `audit`, which hears of a service that does not answer
   */
  async check(
    password: string,
    subject: PasswordSubject,
    context: LookUpContext = {},
  ): Promise<readonly PasswordProblem[]> {
    PASSWORD_CALLS.check(password, subject, context);
    const { breached } = this.#settings;
    const problems = checkPassword(password, {
      minimumLength: this.shortest(subject.secondFactor),
      ownWords: [...this.#serviceWords, ...subject.ownWords],
    });
    if (problems.length > 0 || breached === undefined) return problems;
    const answer = await lookUpPassword(breached, password, context);
    if (answer === 'not-found') return problems;
    return [answer === 'breached' ? BREACHED : UNCHECKED];
  }

  /**
   * The hash to store for a new password that {@link check} has passed.
   *
   * @param signal - of the request: a waiter whose request has gone away leaves the queue
   * @throws BulwarkError `ERR_BULWARK_QUEUE_FULL`: answer 503 with `Retry-After`
   * @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT for a password that is longer than any that is taken, or no text
   */
  async hash(password: string, signal?: AbortSignal): Promise<string> {
    PASSWORD_CALLS.hash(password, signal);
    if (passwordLength(password) > MAX_PASSWORD_LENGTH || !password.isWellFormed()) {
      throw new BulwarkError(
        'ERR_BULWARK_INVALID_ARGUMENT',
        `a password is text of at most ${MAX_PASSWORD_LENGTH} characters; check() it before hash()`,
      );
    }
    return await this.queue.run(() => hashPassword(password, this.#cost, this.#pepper), signal);
  }

  /**
   * Compares a password with what is stored: a hash of Bulwark, or of another library (`describeHash` tells which). With
   * `undefined` or `null`, where there is no such account or it has no password, the same work is done against a hash that nothing matches: time must
   * not tell which accounts exist.
   *
   * @throws BulwarkError `ERR_BULWARK_QUEUE_FULL`: answer 503 with `Retry-After`
   */
  async verify(
    stored: string | null | undefined,
    password: string,
    signal?: AbortSignal,
  ): Promise<PasswordVerdict> {
    PASSWORD_CALLS.verify(stored, password, signal);
    // Longer than any that was ever taken, or no text: wrong, at the price of every other wrong one. Halves of
    // characters have no UTF-8; all of them would hash alike.
    if (password.length > MAX_VERIFIED_LENGTH || !password.isWellFormed())
      return await this.verify(undefined, '', signal);
    return await this.queue.run(() => this.#judge(stored ?? undefined, password), signal);
  }

  // One place in the queue for all of it: a rehash cannot find the queue full.
  async #judge(stored: string | undefined, password: string): Promise<PasswordVerdict> {
    const match = await verifyPassword(stored ?? this.#dummy, password, this.#pepper);
    if (stored === undefined || match === 'mismatch') return { ok: false };
    switch (match) {
      case 'match':
        return needsRehash(stored, this.#cost, this.#pepper) ? await this.#upgrade(password) : { ok: true };
      case 'match-as-sent':
        return await this.#upgrade(password);
      case 'unknown-pepper':
        return await this.#unreadable(password, 'its pepper is not in the key ring: put that secret back');
      case 'unknown-format':
        return await this.#judgeForeign(stored, password);
    }
  }

  async #judgeForeign(stored: string, password: string): Promise<PasswordVerdict> {
    const hash = parseForeign(stored);
    if (hash === undefined) return await this.#unreadable(password, 'it is no hash of a kind that is known');
    if (hash.kind === 'barred') {
      if (hash.format !== 'no-password') return await this.#unreadable(password, hash.reason);
      await this.#workInVain(password);
      return { ok: false };
    }
    const missing = missingLibrary(hash);
    if (missing !== undefined) return await this.#unreadable(password, howToGet(missing));
    const matched = await matchesForeign(hash, password, this.#settings.flaskSecuritySalt);
    if (matched === 'no-salt') return await this.#unreadable(password, NO_SALT);
    if (matched !== true) return { ok: false };
    return isWholeCompared(hash, password) ? await this.#upgrade(password) : { ok: true };
  }

  async #upgrade(password: string): Promise<PasswordVerdict> {
    return { ok: true, rehash: await hashPassword(password, this.#cost, this.#pepper) };
  }

  async #unreadable(password: string, reason: string): Promise<PasswordVerdict> {
    await this.#workInVain(password);
    return { ok: false, unreadable: true, reason };
  }

  async #workInVain(password: string): Promise<void> {
    await verifyPassword(this.#dummy, password, this.#pepper);
  }

  static {
    tendMethods(Passwords);
  }
}
