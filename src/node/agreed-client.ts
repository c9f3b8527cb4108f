/**
 * Who is asking, as a framework tells it: the same that the layer has found. With two lists of proxies, the policy's and the
 * framework's own, a limit would count one address and the application another; and some read `X-Forwarded-Proto` from its
 * other end, where the client wrote it. Few proxies take `X-Forwarded-Host` away, and a link in a mail that is made of it leads
 * to whoever wrote it.
 */
import { isIP } from 'node:net';
import type { Exchange } from '../core/exchange.ts';
import { parseAddress } from '../core/ip.ts';
import { attachedView, View } from '../layer/view.ts';

/** What frameworks call it. */
type Told = 'ip' | 'ips' | 'protocol' | 'secure';

const FACTS: Readonly<Record<Told, (exchange: Exchange) => unknown>> = {
  // Of a Unix socket, or one that is closed, there is no address to tell.
  ip: ({ client }) => (isIP(client.address) === 0 ? undefined : client.address),
  // The client alone, where a proxy named one: what stands before it in `X-Forwarded-For` is the client's own word.
  ips: ({ client: { address }, request: { peer } }) =>
    isIP(address) === 0 || address === parseAddress(peer)?.text ? [] : [address],
  protocol: ({ secure }) => (secure ? 'https' : 'http'),
  secure: ({ secure }) => secure,
};

const FORWARDED_HOST = 'x-forwarded-host';
/** What frameworks take from `X-Forwarded-Host` where they trust a proxy. The layer judged the Host line, and no other. */
const OF_HOST: ReadonlySet<string> = new Set(['host', 'hostname']);

const agreeing = new WeakSet<object>();

/**
 * Has all requests that inherit from a prototype tell what the layer found; those that no layer has judged tell what they
 * did before. Once for a prototype: a request that is not asked pays nothing.
 *
 * @param prototype - or one request, where its prototype lets nobody change it
 * @param requestOf - Node's own request, which has the view
 * @returns whether all of it could be changed
 */
export function agreeOnClient(prototype: object, requestOf: (request: object) => object): boolean {
  if (agreeing.has(prototype)) return true;
  const names = [...Object.keys(FACTS), ...OF_HOST];
  if (names.some((name) => Object.getOwnPropertyDescriptor(prototype, name)?.configurable === false))
    return false;
  agreeing.add(prototype);
  for (const name of names) {
    const own = getterOf(prototype, name);
    if (own === undefined) continue;
    const fact = OF_HOST.has(name) ? undefined : FACTS[name as Told];
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: true,
      get(this: object) {
        const view = attachedView(requestOf(this));
        if (view === undefined || !View.isOfThisCopy(view)) return own.call(this);
        return fact === undefined ? own.call(withoutForwardedHost(this)) : fact(View.exchangeOf(view));
      },
    });
  }
  return true;
}

/** The same request, as a framework sees it that was sent none: with a port or without one, each reads Host in its own way. */
function withoutForwardedHost(request: object): object {
  const { headers } = request as { readonly headers: Readonly<Record<string, unknown>> };
  if (headers[FORWARDED_HOST] === undefined) return request;
  return Object.create(request, {
    headers: { value: { ...headers, [FORWARDED_HOST]: undefined } },
  }) as object;
}

function getterOf(prototype: object, name: string): (() => unknown) | undefined {
  for (let at: object | null = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const found = Object.getOwnPropertyDescriptor(at, name);
    if (found !== undefined) return ({ get: undefined, ...found } as { readonly get?: () => unknown }).get;
  }
  return undefined;
}
