/**
 * Who is signed in to an application behind the gateway: what it answers to them is theirs, and nobody keeps it, whatever it
 * says of caching; and what changes something under their session is not forged.
 */
import { type Exchange, FOREIGN_SESSION, header } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import type { ResponseHead } from '../../core/head.ts';
import { isPage } from '../../core/page.ts';
import { CookieNames } from '../vault/cookie-names.ts';
import { VAULT_COOKIE } from '../vault/handle.ts';

/**
 * The guard. The layer's own knows the sessions that the layer keeps; an application behind the gateway has its own, and says
 * by `Vary: Cookie` where it looked at them, as Flask and Django do. Files that it serves to anybody alike may be kept.
 *
 * @param cookies - names of cookies that say who is there
 */
export function privateAnswersGuard(cookies: readonly string[]): Guard {
  const names = new CookieNames([...cookies, VAULT_COOKIE]);
  return {
    name: 'private-answers',
    mode: 'enforce',
    // Ahead of `csrf`: what changes something under such a session is judged as under one of the layer's own.
    onRequest(exchange) {
      const { origin, 'sec-fetch-site': site } = exchange.request.headers;
      // Of what says where it comes from nobody asks for more.
      if (origin === undefined && site === undefined && bringsSession(exchange, names))
        exchange.set(FOREIGN_SESSION, true);
      return undefined;
    },
    onResponse(exchange, head) {
      if (head.part !== 'answer' || exchange.sessionRead) return;
      // Ahead of `cache`, which sees to the rest.
      if (mayBeTheirs(head) && saysWho(exchange, names)) exchange.sessionRead = true;
    },
  };
}

/** A page or data, which an application makes anew for each; or what it says depends on who asks. */
function mayBeTheirs(head: ResponseHead): boolean {
  if (isPage(head)) return true;
  const type = head.getHeader('content-type');
  if (typeof type === 'string' && type.startsWith('application/json')) return true;
  const vary = head.getHeader('vary');
  return vary !== undefined && /(?:^|[\s,])(?:cookie|authorization|\*)(?:$|[\s,])/i.test(String(vary));
}

function saysWho(exchange: Exchange, names: CookieNames): boolean {
  return exchange.request.headers['authorization'] !== undefined || bringsSession(exchange, names);
}

function bringsSession({ request }: Exchange, names: CookieNames): boolean {
  const cookies = header(request, 'cookie');
  return cookies?.split(';').some((pair) => names.has(pair.split('=', 1)[0] ?? '')) === true;
}
