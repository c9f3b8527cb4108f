import type { Exchange } from './exchange.ts';

/** Which origins are this application's own. */
export class OwnOrigins {
  readonly #declared: ReadonlySet<string>;
  readonly #hasPublic: boolean;

  /**
   * @param publicOrigin - the policy's `origin`, as browsers write it; undefined where the policy names none and
   * only loopback hosts are answered
   */
  constructor(publicOrigin: string | undefined) {
    this.#declared = new Set(publicOrigin === undefined ? [] : [publicOrigin]);
    this.#hasPublic = publicOrigin !== undefined;
  }

  /** Whether the value of an `Origin` header is the origin this request came to. `null` never is. */
  has(origin: string, exchange: Exchange): boolean {
    if (this.#hasPublic) return this.#declared.has(origin);
    // Without a declared origin the host guard lets only loopback names through, so Host can be believed.
    return origin === `${exchange.secure ? 'https' : 'http'}://${exchange.host}`;
  }
}
