/** `bulwark/console`: pages for operators, mounted in one line on Express and node:http. */
import { type ConsoleLayer, HostedConsole } from '../console/hosted-console.ts';
import { connectPages, type PagesMiddleware } from '../node/mounted/connect-pages.ts';

export type { ConsoleLayer };

/** Connect-style middleware: what Express's `app.use` takes. For node:http its `answer`. */
export type ConsoleMiddleware = PagesMiddleware;

const FIX = 'mount the layer first: app.use(layer), then app.use(consolePages(layer))';

/**
 * The operators' console: what happens now and over time, events and their stories, guards that only observe, the policy. The
 * policy declares it (`console: true`), and with it who may see it.
 *
 * @example
 * ```ts
 * app.use(layer);
 * app.use(consolePages(layer));
 * ```
 * @throws PolicyError where the policy declares none
 * @throws BulwarkError ERR_BULWARK_STORE where its database cannot be opened
 */
export function consolePages(layer: ConsoleLayer): ConsoleMiddleware {
  return connectPages(new HostedConsole(layer), FIX);
}
