/** `bulwark/account-pages/fastify`: the pages of accounts as a plugin of Fastify 5. */
import { type AccountPagesLayer, type AccountPagesLook, HostedPages } from '../account-pages/hosted-pages.ts';
import { fastifyPages, type PagesPlugin } from '../node/mounted/fastify-pages.ts';
import type { AccountPage, Layout } from '../ui/layout.ts';

export type { FastifyInstance, FastifyReply, FastifyRequest } from '../node/mounted/fastify-pages.ts';
export type { AccountPage, AccountPagesLook, Layout };

/** What Fastify's `app.register` takes. */
export type AccountPagesPlugin = PagesPlugin;

/**
 * The pages of accounts, as routes of a plugin. The policy declares `accounts`.
 *
 * @example
 * ```ts
 * const app = Fastify({ serverFactory: layer.serverFactory });
 * await app.register(accountPages(layer));
 * ```
 * @throws BulwarkError ERR_BULWARK_INVALID_OPTION, at the start, where it is registered under a prefix
 */
export function accountPages(layer: AccountPagesLayer, options: AccountPagesLook = {}): AccountPagesPlugin {
  return fastifyPages(new HostedPages(layer, options), 'account pages');
}
