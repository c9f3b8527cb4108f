/** Files that are for taking home: a browser saves them, and opens none as a page of this site. */
import type { Exchange } from '../../core/exchange.ts';
import type { OutgoingHead } from '../../core/head.ts';

/**
 * For routes that say `download: true`. What a visitor has uploaded is opened by another as whatever it claims to be; saved, it is
 * nobody's page. The name that the application gave it stays.
 */
export function saveDownload({ rules }: Exchange, head: OutgoingHead): void {
  if (rules.download !== true || (head.statusCode !== 200 && head.statusCode !== 206)) return;
  head.setHeader('Content-Disposition', asAttachment(head.getHeader('content-disposition')));
}

/** The parameters as they are, behind the one word that counts (RFC 6266 4.2). */
function asAttachment(own: unknown): string {
  if (typeof own !== 'string') return 'attachment';
  const end = own.indexOf(';');
  return end === -1 ? 'attachment' : `attachment${own.slice(end)}`;
}
