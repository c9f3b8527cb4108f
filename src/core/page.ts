import type { ResponseHead } from './head.ts';

/**
 * Whether an answer is a page: HTML or XHTML, as its Content-Type says. SVG and other XML are documents too and can
 * hold script, but no application writes its nonce into them: for them the policy for everything else is right, which
 * lets nothing run.
 */
export function isPage(head: ResponseHead): boolean {
  const type = head.getHeader('content-type');
  return typeof type === 'string' && isPageType(type);
}

/** Whether a Content-Type is one of a page. */
export function isPageType(type: string): boolean {
  if (type.startsWith('text/html')) return true;
  const end = type.indexOf(';');
  const media = (end === -1 ? type : type.slice(0, end)).trim().toLowerCase();
  return media === 'text/html' || media === 'application/xhtml+xml';
}
