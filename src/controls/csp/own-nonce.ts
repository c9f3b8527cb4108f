/** A nonce that an application makes itself, and writes into its pages and its own policy. */
import type { Exchange } from '../../core/exchange.ts';
import type { RouteRules } from '../../core/route-rules.ts';

/** How many are remembered. One that comes again within these is no nonce. */
const MOST_KNOWN = 4096;
/** How many of those that came again. They make no room for others: such a one is as fixed later as it was then. */
const MOST_FIXED = 256;
/** Whoever makes one nonce twice makes others twice too, and who asks for enough pages between has them forgotten. */
const SHUT_MS = 60 * 60 * 1000;
const MOST_READ = 4096;
const SCRIPTS = /^script-src(?:-elem)?$/i;
/** At least 128 bits (Content Security Policy Level 3, 7.1): 22 characters of base64 or base64url, 32 of hexadecimal digits. */
const NONCE = /^'nonce-([\w+/-]{22,128}={0,2})'$/i;
const HEX = /^[\da-f]{22,31}$/i;

/** What comes of a look at an application's policy. */
export type OwnNonce =
  | { readonly nonce: string }
  /** There is one that anybody can know: too short, or sent before, if not this one then another of the same routes. */
  | { readonly unfit: 'short' | 'again' };

/**
 * Reads nonces out of policies of the application. Frameworks such as SvelteKit make their own, take none, and name it in the
 * policy that they send: both policies hold, so that no script would run.
 */
export class OwnNonces {
  readonly #known = new Lately(MOST_KNOWN);
  readonly #fixed = new Lately(MOST_FIXED);
  /** Until when none is taken for these routes. */
  readonly #shut = new WeakMap<RouteRules, number>();

  /**
   * The nonce for scripts that a policy names, if it names one that is not ours.
   *
   * @param policy - the value of the header, of whatever length
   */
  read(
    policy: string,
    { nonce: ours, rules, now }: Pick<Exchange, 'nonce' | 'rules' | 'now'>,
  ): OwnNonce | undefined {
    if (!policy.includes("'nonce-")) return undefined;
    const source = scriptNonce(policy.slice(0, MOST_READ));
    if (source === undefined) return undefined;
    const nonce = NONCE.exec(source)?.[1];
    if (nonce === ours) return undefined;
    if (nonce === undefined || HEX.test(nonce)) return { unfit: 'short' };
    if (this.#cameBefore(nonce)) this.#shut.set(rules, now + SHUT_MS);
    return now < (this.#shut.get(rules) ?? 0) ? { unfit: 'again' } : { nonce };
  }

  #cameBefore(nonce: string): boolean {
    if (this.#fixed.has(nonce)) return true;
    if (!this.#known.has(nonce)) {
      this.#known.add(nonce);
      return false;
    }
    this.#fixed.add(nonce);
    return true;
  }
}

/** The last so many words. */
class Lately {
  readonly #words = new Set<string>();
  readonly #order: string[] = [];
  readonly #most: number;
  #next = 0;

  constructor(most: number) {
    this.#most = most;
  }

  has(word: string): boolean {
    return this.#words.has(word);
  }

  add(word: string): void {
    const oldest = this.#order[this.#next];
    if (oldest !== undefined) this.#words.delete(oldest);
    // A copy: a piece of a header would keep the whole header.
    const own = Buffer.from(word, 'latin1').toString('latin1');
    this.#order[this.#next] = own;
    this.#words.add(own);
    this.#next = (this.#next + 1) % this.#most;
  }
}

function scriptNonce(policy: string): string | undefined {
  for (const directive of policy.split(/[;,]/)) {
    const [name = '', ...sources] = directive.trim().split(/\s+/);
    // What forbids scripts and names a nonce contradicts itself.
    if (!SCRIPTS.test(name) || sources.some((one) => one.toLowerCase() === "'none'")) continue;
    const source = sources.find((one) => one.toLowerCase().startsWith("'nonce-"));
    if (source !== undefined) return source;
  }
  return undefined;
}
