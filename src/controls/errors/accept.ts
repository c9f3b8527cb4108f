/** Reads an Accept header as far as it decides between a page and problem+json (RFC 9110 12.5.1). */
import { quality } from '../../core/quality.ts';

// Longer than any browser's; what follows is not read, so that a header made to be long costs nothing.
const MOST_READ = 1000;

/**
 * Whether a page is what the client would rather have: only where it names HTML, and nothing for programs before it.
 * A `fetch` or a command line asks for anything (`*` + `/*`), and gets JSON. Never throws.
 */
export function prefersHtml(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  let html = 0;
  let json = 0;
  for (const range of accept.slice(0, MOST_READ).toLowerCase().split(',')) {
    const [name, ...parameters] = range.split(';');
    const media = name?.trim();
    if (media === 'text/html' || media === 'application/xhtml+xml')
      html = Math.max(html, quality(parameters));
    else if (media === 'application/json' || media === 'application/problem+json') {
      json = Math.max(json, quality(parameters));
    }
  }
  return html > 0 && html >= json;
}
