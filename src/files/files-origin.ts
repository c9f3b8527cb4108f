/** The other origin that files are sent from (`files.origin`): what it serves, and what not. */
import type { Guard } from '../core/guard.ts';
import type { HeaderKey } from '../core/header-line.ts';
import type { OriginParts } from '../core/origin.ts';
import { PROBLEMS } from '../core/problem-types.ts';
import type { Refusal } from '../core/verdict.ts';
import type { FilesSettings } from './files.options.ts';

const NAME = 'files';
const COOKIE_HEADERS: ReadonlySet<HeaderKey> = new Set(['set-cookie', 'set-cookie2']);

/**
 * The guard: at that host there are links, and no other page. What a file does there that is opened in spite of all would
 * be done beside the sign-in and the pages of the application, which answers at both names.
 */
export function filesOriginGuard({ origin, linkPath }: FilesSettings, own: OriginParts | undefined): Guard {
  if (origin === undefined || origin.host === own?.host) return { name: NAME, mode: 'enforce' };
  const { host } = origin;
  const start = `${linkPath}/`;
  return {
    name: NAME,
    mode: 'enforce',
    onRequest({ host: asked, path, request: { method } }) {
      if (asked !== host) return undefined;
      const isLink =
        path.startsWith(start) && path.length > start.length && !path.includes('/', start.length);
      return isLink && (method === 'GET' || method === 'HEAD') ? undefined : NOTHING_HERE;
    },
  };
}

/** The last word of the guard, after all that sets cookies: none is set there that a file could read or plant. */
export function cookielessGuard({ origin }: FilesSettings, own: OriginParts | undefined): Guard {
  if (origin === undefined || origin.host === own?.host) return { name: NAME, mode: 'enforce' };
  const { host } = origin;
  return {
    name: NAME,
    mode: 'enforce',
    onResponse(exchange, head) {
      if (exchange.host === host) head.removeAll(COOKIE_HEADERS);
    },
  };
}

/** No fact for the log: whoever looks around there finds nothing. */
const NOTHING_HERE: Refusal = {
  ...PROBLEMS.notFound,
  detail: 'There is nothing at this address.',
};
