import type { Exchange } from './exchange.ts';
import { hostsOf, type OriginParts, parseOrigin } from './origin.ts';

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
    this.#byHost = further.length === 0 ? undefined : byHost(publicOrigin, further);
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

/**
 * Every host that one of them is answered at: a page at `example.org` is none of `https://example.com`, though it is
 * `https://example.org:8443` that was named. A host that is an origin's own stands for that one, and the public origin comes first.
 */
function byHost(
  publicOrigin: string | undefined,
  further: readonly OriginParts[],
): ReadonlyMap<string, string> {
  const main = publicOrigin === undefined ? undefined : parseOrigin(publicOrigin);
  const origins = [...(main === undefined ? [] : [main]), ...further];
  const known = new Map<string, string>();
  for (const index of [0, 1] as const)
    for (const parts of origins) {
      const host = hostsOf(parts)[index];
      if (!known.has(host)) known.set(host, parts.origin);
    }
  return known;
}
