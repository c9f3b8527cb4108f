/** `bulwark/console/fastify`: pages for operators as a plugin of Fastify 5. */
import { type ConsoleLayer, HostedConsole } from '../console/hosted-console.ts';
import { fastifyPages, type PagesPlugin } from '../node/mounted/fastify-pages.ts';

export type { ConsoleLayer };

/** What Fastify's `app.register` takes. */
export type ConsolePlugin = PagesPlugin;

/**
 * The operators' console, as routes of a plugin. The policy declares it: `console: true`.
 *
 * @example
 * ```ts
 * const app = Fastify({ serverFactory: layer.serverFactory });
 * await app.register(consolePages(layer));
 * ```
 * @throws PolicyError where the policy declares none
 * @throws BulwarkError ERR_BULWARK_STORE where its database cannot be opened
 */
export function consolePages(layer: ConsoleLayer): ConsolePlugin {
  return fastifyPages(new HostedConsole(layer), 'pages of the console');
}
