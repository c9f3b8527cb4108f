/** `bulwark/account-pages`: the pages of accounts, mounted in one line on Express and node:http. */
import { type AccountPagesLayer, type AccountPagesLook, HostedPages } from '../account-pages/hosted-pages.ts';
import { connectPages, type PagesMiddleware } from '../node/mounted/connect-pages.ts';
import type { AccountPage, Layout } from '../ui/layout.ts';

export type { AccountPage, AccountPagesLook, Layout };

/** Connect-style middleware: what Express's `app.use` takes. For node:http its `answer`. */
export type AccountPagesMiddleware = PagesMiddleware;

const FIX = 'mount the layer first: app.use(layer), then app.use(accountPages(layer))';

/**
 * The pages of accounts. Mount it behind the layer and before everything else.
 *
 * @example
 * ```ts
 * app.use(layer);
 * app.use(accountPages(layer));
 * ```
 */
export function accountPages(
  layer: AccountPagesLayer,
  options: AccountPagesLook = {},
): AccountPagesMiddleware {
  return connectPages(new HostedPages(layer, options), FIX);
}
