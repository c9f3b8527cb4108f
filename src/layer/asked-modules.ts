/** What a page in development asks for that one in production does not: each module by itself. */
import type { Exchange } from '../core/exchange.ts';
import { isAskedHere } from './shown-error.ts';

/** Scripts and styles that a page of this site loads, on this very machine. Browsers say so; a program that says it gains nothing. */
export function isModuleAskedHere(exchange: Exchange): boolean {
  const { method, headers } = exchange.request;
  const { 'sec-fetch-dest': destination, 'sec-fetch-site': site } = headers;
  return (
    (destination === 'script' || destination === 'style') &&
    site === 'same-origin' &&
    method === 'GET' &&
    isAskedHere(exchange)
  );
}
