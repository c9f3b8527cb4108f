/** `bulwark/account-pages/hono`: the pages of accounts as middleware of Hono on Node.js. */
import { type AccountPagesLayer, type AccountPagesLook, HostedPages } from '../account-pages/hosted-pages.ts';
import { honoPages, type PagesMiddleware } from '../node/mounted/hono-pages.ts';
import type { AccountPage, Layout } from '../ui/layout.ts';

export type { HonoContext, HonoRequest } from '../node/mounted/hono-pages.ts';
export type { AccountPage, AccountPagesLook, Layout };

/** What Hono's `app.use` takes. */
export type AccountPagesMiddleware = PagesMiddleware;

/**
 * The pages of accounts. Mount it before the application's own routes.
 *
 * @example
 * ```ts
 * const app = new Hono();
 * app.use(accountPages(layer));
 * ```
 */
export function accountPages(
  layer: AccountPagesLayer,
  options: AccountPagesLook = {},
): AccountPagesMiddleware {
  return honoPages(new HostedPages(layer, options));
}
