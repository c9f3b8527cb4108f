/** What Fastify was told of the server that it has made for it. */
import type { TlsOptions } from './server.ts';
import { refusedOption, tlsOptionsOf } from './server-options.ts';

/**
 * Key and certificate, where it is to serve TLS.
 *
 * @throws BulwarkError ERR_BULWARK_SERVER_OPTION where it was told what the layer cannot serve or the policy decides
 */
export function tlsOf(options: Readonly<Record<string, unknown>>): TlsOptions | undefined {
  const { http, http2, https, routerOptions } = options as FastifyOptions;
  if (http2 === true) throw refusedOption('http2 is not spoken here: leave it to a proxy in front');
  if (routerOptions?.useSemicolonDelimiter === true)
    throw refusedOption('useSemicolonDelimiter has routes read a path otherwise than rules do: leave it out');
  tlsOptionsOf(http ?? {}, 'http');
  if (https === undefined || https === null || https === false) return undefined;
  const tls = tlsOptionsOf(Object(https) as object, 'https');
  // Fastify takes `true` too. Plain http in its place would be noticed too late.
  if (tls === undefined) throw refusedOption('https has no key and no certificate');
  return tls;
}

/**
 * Takes `trustProxy` out of the options. By it Fastify reads who asks off headers, and writes that into its log before any hook
 * has run, and lets nobody change what requests tell. It looks at the option once its server is made, and these options are
 * its own copy. One that looked earlier would do as it did before: requests are made to agree one by one.
 */
export function takeTrustProxy(options: object): void {
  const own: { trustProxy?: unknown } = options;
  if (own.trustProxy !== undefined) own.trustProxy = false;
}

/** What is looked at of the options that Fastify hands to its factory. */
interface FastifyOptions {
  readonly http?: object | null;
  readonly http2?: boolean;
  readonly https?: object | boolean | null;
  readonly routerOptions?: { readonly useSemicolonDelimiter?: boolean };
}
