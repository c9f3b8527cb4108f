/** Whose passkeys these are: the domain they belong to, and the origins that may ask for them. */
import { isIP } from 'node:net';
import { BulwarkError } from '../../core/errors.ts';
import { type OriginParts, parseOrigin } from '../../core/origin.ts';

/** The relying party of WebAuthn. */
export class RelyingParty {
  readonly #id: string;
  readonly #origin: string | undefined;
  readonly #related: ReadonlySet<string>;

  /**
   * @param origin - the policy's; undefined where it names none, and only loopback hosts are answered
   * @param rpId - a domain above the origin's host
   * @param related - other origins whose pages may use its passkeys
   */
  constructor(origin: OriginParts | undefined, rpId: string | undefined, related: readonly string[] = []) {
    this.#related = new Set(related);
    this.#id = rpId ?? origin?.hostname ?? LOCALHOST;
    this.#origin = origin?.origin;
  }

  /**
   * The RP ID.
   *
   * @throws BulwarkError ERR_BULWARK_INVALID_OPTION where the origin is an address: browsers make no passkeys for those
   */
  get id(): string {
    if (isIP(this.#id.replace(/^\[|\]$/g, '')) === 0) return this.#id;
    throw new BulwarkError(
      'ERR_BULWARK_INVALID_OPTION',
      'Passkeys belong to a host name, and the origin is an address. For development: http://localhost.',
    );
  }

  /** Whether a page of this origin may use passkeys. A copy of the page on another host has another origin. */
  accepts(origin: string): boolean {
    if (this.#origin !== undefined) return origin === this.#origin || this.#related.has(origin);
    // Without a declared origin only loopback is answered: any port of it, as browsers have it.
    return parseOrigin(origin)?.hostname === LOCALHOST;
  }
}

/** Whether passkeys of pages on `hostname` can belong to `rpId`. */
export function isAbove(rpId: string, hostname: string): boolean {
  if (rpId === hostname) return true;
  return rpId.includes('.') && hostname.endsWith(`.${rpId}`);
}

const LOCALHOST = 'localhost';
