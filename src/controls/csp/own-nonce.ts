/** A nonce that an application makes itself, and writes into its pages and its own policy. */

/** How many are remembered. One that comes again within these is no nonce. */
const MOST_KNOWN = 256;
const MOST_READ = 4096;
const SCRIPTS = /^script-src(?:-elem)?$/i;
/** At least 128 bits (Content Security Policy Level 3, 7.1): 22 characters of base64 or base64url, 32 of hexadecimal digits. */
const NONCE = /^'nonce-([\w+/-]{22,128}={0,2})'$/i;
const HEX = /^[\da-f]{22,31}$/i;

/** What comes of a look at an application's policy. */
export type OwnNonce =
  | { readonly nonce: string }
  /** There is one that anybody can know: too short, or sent before. */
  | { readonly unfit: 'short' | 'again' };

/**
 * Reads nonces out of policies of the application. Frameworks such as SvelteKit make their own, take none, and name it in the
 * policy that they send: both policies hold, so that no script would run.
 */
export class OwnNonces {
  /** In the order in which they came. */
  readonly #known = new Set<string>();

  /**
   * The nonce for scripts that a policy names, if it names one that is not ours.
   *
   * @param policy - the value of the header, of whatever length
   */
  read(policy: string, ours: string): OwnNonce | undefined {
    if (!policy.includes("'nonce-")) return undefined;
    const source = scriptNonce(policy.slice(0, MOST_READ));
    if (source === undefined) return undefined;
    const nonce = NONCE.exec(source)?.[1];
    if (nonce === ours) return undefined;
    if (nonce === undefined || HEX.test(nonce)) return { unfit: 'short' };
    if (this.#known.has(nonce)) return { unfit: 'again' };
    this.#known.add(nonce);
    if (this.#known.size > MOST_KNOWN) {
      const [oldest = ''] = this.#known;
      this.#known.delete(oldest);
    }
    return { nonce };
  }
}

function scriptNonce(policy: string): string | undefined {
  for (const directive of policy.split(/[;,]/)) {
    const [name = '', ...sources] = directive.trim().split(/\s+/);
    if (!SCRIPTS.test(name)) continue;
    const source = sources.find((one) => one.toLowerCase().startsWith("'nonce-"));
    if (source !== undefined) return source;
  }
  return undefined;
}
