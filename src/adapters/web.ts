/** `bulwark/web`: the layer where a `Request` goes in and a `Response` comes out: Bun, Deno, and frameworks that speak in these. */
import { call, callback } from '../core/call.ts';
import { openProtector, type LayerHandle } from '../node/protector.ts';
import { answerWeb } from '../node/web/web-host.ts';
import type { Policy, PolicyOptions } from '../policy/policy.ts';
import { type View, viewOf } from '../layer/view.ts';

export type { LayerHandle } from '../node/protector.ts';
export type { View } from '../layer/view.ts';

/** A handler: what is behind the request is whatever the server hands on beside it. */
export type FetchHandler<Rest extends readonly unknown[]> = (
  request: Request,
  ...rest: Rest
) => Response | undefined | Promise<Response | undefined>;

/** What of the server the layer has to be told. */
export interface WebOptions {
  /**
   * The address at the other end of the connection. Default: what Bun, Deno and @hono/node-server hand on beside the request.
   * Without it all clients share one limit, and no proxy is trusted.
   */
  readonly peer?: (request: Request, ...rest: readonly unknown[]) => string | undefined;
}

/** The layer for handlers of the web. */
export interface WebProtector extends LayerHandle {
  /**
   * Puts a handler under the layer. What it throws becomes a plain 500.
   *
   * @example
   * ```ts
   * const layer = bulwark(policy);
   * const handler = layer.handler((request) => new Response(`hello ${bulwark.of(request).client.address}`));
   * ```
   */
  handler<Rest extends readonly unknown[]>(
    handle: FetchHandler<Rest>,
  ): (request: Request, ...rest: Rest) => Promise<Response>;
}

/** {@link bulwark}, with {@link View} of a request at `bulwark.of`. */
export interface WebBulwark {
  (policy?: PolicyOptions | Policy, options?: WebOptions): WebProtector;
  /** What the layer knows of a request. */
  of(request: Request): View;
}

const HARDENED = 'layer.handler(handle), and a server in front that is strict about HTTP';
const FIX = 'serve layer.handler(handle) in place of the handler itself';
const checkHandler = call("layer.handler((request) => new Response('hello'))", { handle: callback });

/**
 * Makes the layer for handlers that take a `Request` and return a `Response`. How a request stood on the wire, slow clients and
 * the number of connections are for the server to judge: the layer says so at its first request.
 *
 * @example
 * ```ts
 * const layer = bulwark(policy);
 * export default { fetch: layer.handler((request) => new Response('hello')) };
 * ```
 * @throws PolicyError with every problem of the policy
 */
export const bulwark: WebBulwark = Object.assign(
  (policy: PolicyOptions | Policy = {}, { peer = handedPeer }: WebOptions = {}): WebProtector => {
    // Nothing is known of the router behind it.
    const { protector, gate } = openProtector(policy, { hardened: HARDENED });
    let isFirst = true;
    const handler: WebProtector['handler'] = (handle) => {
      checkHandler(handle);
      return async (request, ...rest) => {
        const address = peer(request, ...rest);
        if (isFirst) {
          isFirst = false;
          gate.selfCheck.tell(
            'ERR_BULWARK_WEB_UNSEEN',
            address === undefined ? `${UNSEEN}; ${NOBODY}` : UNSEEN,
          );
        }
        // Of an upgrade that was taken over there is no answer, and servers that know upgrades expect none.
        return (await answerWeb(gate, request, address, (handed) => handle(handed, ...rest))) as Response;
      };
    };
    return Object.assign({ handler }, protector);
  },
  { of: (request: Request): View => viewOf(request, FIX) },
);

const UNSEEN =
  'requests come as objects of the web: how they stood on the wire (smuggling), slow clients and the number of connections are for the server in front to judge';
const NOBODY =
  'and nobody says who asks, so that all clients share one limit: write bulwark(policy, { peer })';

/** What is handed on beside a request: by Bun its server, by Deno the connection, by @hono/node-server Node's own request. */
interface Beside {
  readonly requestIP?: (request: Request) => { readonly address?: unknown } | null;
  readonly remoteAddr?: { readonly hostname?: unknown };
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: unknown } };
}

function handedPeer(request: Request, ...[first]: readonly unknown[]): string | undefined {
  if (typeof first !== 'object' || first === null) return undefined;
  const beside = first as Beside;
  const address =
    beside.remoteAddr?.hostname ??
    beside.incoming?.socket?.remoteAddress ??
    beside.requestIP?.(request)?.address;
  return typeof address === 'string' && address !== '' ? address : undefined;
}
