/** Requests by hand, as a proxy that ends TLS sends them on. */
import { proxyHeaders } from '../checks/browser.ts';

/** A head, with the empty line behind it. `line`: method and target. */
export function requestHead(line: string, more: readonly string[] = []): string {
  const lines = Object.entries(proxyHeaders()).map(([name, value]) => `${name}: ${value}`);
  return [`${line} HTTP/1.1`, ...lines, ...more, '', ''].join('\r\n');
}

/** What a page of the site itself says with its forms. */
export const SAME_ORIGIN = 'Sec-Fetch-Site: same-origin';
