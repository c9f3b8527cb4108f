import type { Exchange } from './exchange.ts';

/** Which origins are this application's own. */
export class OwnOrigins {
  readonly #public: string | undefined;

  /**
   * @param publicOrigin - the policy's `origin`, as browsers write it; undefined where the policy names none and
   * only loopback hosts are answered
   */
  constructor(publicOrigin: string | undefined) {
    this.#public = publicOrigin;
  }

  /** Whether the value of an `Origin` header is the origin this request came to. `null` never is. */
  has(origin: string, exchange: Exchange): boolean {
    return origin === this.of(exchange);
  }

  /** The origin that a request came to, as browsers write it. */
  of({ secure, host }: Exchange): string {
    // Without a declared origin the host guard lets only loopback names through, so Host can be believed.
    return this.#public ?? `${secure ? 'https' : 'http'}://${host}`;
  }
}
