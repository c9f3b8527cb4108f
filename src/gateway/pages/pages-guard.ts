/** Pages with a policy of their own answer are asked for anew each time: one that a browser has kept has another nonce, or none. */
import { type Exchange, header } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import { type HeaderKey } from '../../core/header-line.ts';
import { isPage } from '../../core/page.ts';

/** By these a browser asks whether what it has kept is still right (RFC 9110 13.1). `If-Range` is for the rest of a download. */
const CONDITIONS: ReadonlySet<HeaderKey> = new Set<HeaderKey>(['if-none-match', 'if-modified-since']);

/** Where an answer becomes a document, or may (Fetch standard, request destinations). */
const DOCUMENTS: ReadonlySet<string> = new Set(['document', 'iframe', 'frame', 'embed', 'object']);

/**
 * A 304 would leave a browser with the page it has and the policy that came with it: none, where it was kept before the
 * gateway was there. So documents are asked for without conditions, and pages leave without what a condition is made of.
 *
 * @param isLearning - whether pages are read on their way: then they are asked for as they are, without a coding
 */
export function pagesGuard(isLearning: boolean): Guard {
  return {
    name: 'pages',
    mode: 'enforce',
    onForward(exchange, head) {
      if (!mayBecomeDocument(exchange)) return;
      head.removeAll(CONDITIONS);
      if (isLearning) head.set('Accept-Encoding', 'identity');
    },
    onResponse(_exchange, head) {
      if (head.part !== 'answer' || !isPage(head)) return;
      head.removeHeader('etag');
      head.removeHeader('last-modified');
    },
  };
}

/** Browsers that do not say so (plain http, old ones) ask for HTML. */
function mayBecomeDocument({ request }: Exchange): boolean {
  const destination = header(request, 'sec-fetch-dest');
  if (destination !== undefined) return DOCUMENTS.has(destination);
  return header(request, 'accept')?.includes('text/html') === true;
}
