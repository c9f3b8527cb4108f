/** `bulwark/console/hono`: pages for operators as middleware of Hono on Node.js. */
import { type ConsoleLayer, HostedConsole } from '../console/hosted-console.ts';
import { honoPages, type PagesMiddleware } from '../node/mounted/hono-pages.ts';

export type { ConsoleLayer };

/** What Hono's `app.use` takes. */
export type ConsoleMiddleware = PagesMiddleware;

/**
 * The operators' console. Mount it before the application's own routes. The policy declares it: `console: true`.
 *
 * @example
 * ```ts
 * const app = new Hono();
 * app.use(consolePages(layer));
 * ```
 * @throws PolicyError where the policy declares none
 * @throws BulwarkError ERR_BULWARK_STORE where its database cannot be opened
 */
export function consolePages(layer: ConsoleLayer): ConsoleMiddleware {
  return honoPages(new HostedConsole(layer));
}
