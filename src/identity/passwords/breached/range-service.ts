/**
 * Breached passwords by asking a service, which learns next to nothing: it is sent the first five hex digits of a
 * SHA-1, sends back the rest of every hash that begins so, and the comparison is made here (k-anonymity). Padding is
 * asked for, so that the length of the answer does not tell which digits were sent.
 */
import { PASSWORD_CALLS } from '../passwords.calls.ts';
import { readOptions } from '../../../core/options.ts';
import { Problems } from '../../../core/problems.ts';
import type { BreachAnswer, BreachedPasswords, LookUpContext } from './breached.ts';
import {
  type RangeServiceOptions,
  rangeServiceOptions,
  type RangeServiceSettings,
} from './range-service.options.ts';
import { PASSWORDS_EVENTS } from '../passwords.events.ts';

/**
 * How the service is asked: the text of its answer, lines of `SUFFIX:COUNT`. Give one of your own to go through a
 * proxy, or to ask something other than HTTP.
 *
 * @param prefix - five hex digits in upper case; nothing else of a password ever leaves
 * @param signal - aborted when the time is over or the request has gone
 */
export type RangeRequest = (prefix: string, signal: AbortSignal) => Promise<string>;

const PREFIX_DIGITS = 5;
/** A padded answer has 1000 lines of some 40 characters. */
const MAX_ANSWER = 256 * 1024;
/** Each is a connection. Who comes after them is treated as if the service were gone. */
const MAX_AT_ONCE = 16;
const LINE = /^([0-9A-F]{35}):(\d{1,15})$/i;

/**
 * A service that knows breached passwords by ranges.
 *
 * @throws PolicyError with everything wrong with the options
 */
export function rangeService(options: RangeServiceOptions = {}, request?: RangeRequest): BreachedPasswords {
  PASSWORD_CALLS.rangeService(options, request);
  const problems = new Problems('production');
  const settings = readOptions('rangeService', rangeServiceOptions, options, problems);
  problems.throwIfAny();
  return new RangeService(settings, request ?? httpRequest(settings.url));
}

/** {@link rangeService}, with a clock that tests can turn. */
export class RangeService implements BreachedPasswords {
  readonly #settings: RangeServiceSettings;
  readonly #request: RangeRequest;
  readonly #now: () => number;
  #underWay = 0;
  #silentUntil = Number.NEGATIVE_INFINITY;

  constructor(
    settings: RangeServiceSettings,
    request: RangeRequest,
    now: () => number = () => performance.now(),
  ) {
    this.#settings = settings;
    this.#request = request;
    this.#now = now;
  }

  async lookUp(sha1: Uint8Array, context: LookUpContext): Promise<BreachAnswer> {
    context.signal?.throwIfAborted();
    if (this.#now() < this.#silentUntil || this.#underWay >= MAX_AT_ONCE) return this.#withoutAnswer();
    const digits = Buffer.from(sha1).toString('hex').toUpperCase();
    this.#underWay += 1;
    try {
      const text = await this.#ask(digits.slice(0, PREFIX_DIGITS), context.signal);
      const count = countIn(text, digits.slice(PREFIX_DIGITS));
      return count >= this.#settings.atLeast ? 'breached' : 'not-found';
    } catch (error) {
      // Whoever asked has gone: that says nothing about the service.
      context.signal?.throwIfAborted();
      this.#silentUntil = this.#now() + this.#settings.retryAfter;
      report(context, error);
      return this.#withoutAnswer();
    } finally {
      this.#underWay -= 1;
    }
  }

  /** A service of one's own may forget to look at its signal; nobody waits for it any longer for that. */
  async #ask(prefix: string, gone: AbortSignal | undefined): Promise<string> {
    const late = AbortSignal.timeout(this.#settings.timeout);
    const signal = gone === undefined ? late : AbortSignal.any([gone, late]);
    const { promise, reject } = Promise.withResolvers<never>();
    const end = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', end, { once: true });
    try {
      return await Promise.race([this.#request(prefix, signal), promise]);
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  #withoutAnswer(): BreachAnswer {
    return this.#settings.whenUnreachable === 'accept' ? 'not-found' : 'unchecked';
  }
}

/** Asks by HTTP: GET of the URL with the prefix behind it, no redirects, no more of an answer than can be one. */
function httpRequest(url: string): RangeRequest {
  return async (prefix, signal) => {
    const headers = { 'Add-Padding': 'true', 'User-Agent': 'bulwark', Accept: 'text/plain' };
    const response = await fetch(url + prefix, { headers, redirect: 'error', signal });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`it answered ${response.status}`);
    }
    return await readBounded(response);
  };
}

async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_ANSWER) throw new Error('its answer has no end');
  }
  return text;
}

/** How often a suffix was seen. Padding is lines with a count of 0. */
function countIn(text: string, suffix: string): number {
  let found = 0;
  let lines = 0;
  for (const line of text.split('\n')) {
    const plain = line.trimEnd();
    if (plain === '') continue;
    const match = LINE.exec(plain);
    // The page of a proxy that answers in the service's place must not look like a clean password.
    if (match === null) throw new Error('its answer is no list of hashes');
    lines += 1;
    if (match[1]?.toUpperCase() === suffix) found = Number(match[2]);
  }
  if (lines === 0) throw new Error('its answer is empty');
  return found;
}

function report({ audit }: LookUpContext, error: unknown): void {
  const cause = error instanceof Error ? error : new Error(String(error));
  const inner = cause.cause instanceof Error ? `: ${cause.cause.message}` : '';
  const message = `breached passwords could not be looked up: ${cause.message}${inner}`;
  if (audit === undefined) process.emitWarning(message, { code: 'ERR_BULWARK_RANGE_SERVICE' });
  else audit(PASSWORDS_EVENTS.rangeServiceUnavailable, { service: 'breached-passwords', message });
}
