import type { Exchange } from './exchange.ts';
import type { OriginParts } from './origin.ts';

/** Which origins are this application's own. */
export class OwnOrigins {
  readonly #public: string | undefined;
  /** By host, where there is more than one. */
  readonly #byHost: ReadonlyMap<string, string> | undefined;

  /**
   * @param publicOrigin - the policy's `origin`, as browsers write it; undefined where the policy names none and
   * only loopback hosts are answered
   * @param further - others that the same application is reached at
   */
  constructor(publicOrigin: string | undefined, further: readonly OriginParts[] = []) {
    this.#public = publicOrigin;
    this.#byHost =
      further.length === 0 ? undefined : new Map(further.map(({ host, origin }) => [host, origin]));
  }

  /** Whether the value of an `Origin` header is the origin this request came to. `null` never is. */
  has(origin: string, exchange: Exchange): boolean {
    return origin === this.of(exchange);
  }

  /** The origin that a request came to, as browsers write it. */
  of({ secure, host }: Exchange): string {
    const further = this.#byHost?.get(host);
    // Without a declared origin the host guard lets only loopback names through, so Host can be believed.
    return further ?? this.#public ?? `${secure ? 'https' : 'http'}://${host}`;
  }
}
