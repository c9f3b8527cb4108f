/** The request's path and query, in the one reading that routes are matched by. */
import type { Exchange } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import type { HeaderKey } from '../../core/header-line.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { FirewallSettings } from './firewall.options.ts';
import { badRequest, flaw, malformed, pathEvidence } from './refusals.ts';
import { originForm } from './target.ts';
import { readPath, readQuery } from './url-path.ts';

const LENGTH = flaw('target is too long');
/** Headers by which some servers and frameworks take another path than the one that was judged (CVE-2018-14773). */
const OTHER_TARGETS: ReadonlySet<HeaderKey> = new Set<HeaderKey>([
  'x-original-url',
  'x-original-uri',
  'x-rewrite-url',
  // Where an application is mounted: gunicorn and others route by it.
  'x-script-name',
  'script-name',
  'path-info',
]);
const FORM = flaw('target is no path');

/** The guard. Sets `path` and `query` in every mode, as far as they can be read. */
export function urlGuard(settings: FirewallSettings): Guard {
  return {
    name: 'url',
    mode: settings.mode,
    derives: true,
    onRequest: (exchange) => readUrl(exchange, settings.urlLength),
    onForward: (_exchange, head) => head.removeAll(OTHER_TARGETS),
  };
}

function readUrl(exchange: Exchange, urlLength: number): Verdict {
  const { target } = exchange.request;
  if (target === '*') {
    exchange.path = '*';
    exchange.rawPath = '*';
    return undefined;
  }
  const origin = originForm(target);
  if (origin === undefined) {
    exchange.pathHasOneReading = false;
    return badRequest(FORM);
  }
  exchange.target = origin;
  const mark = origin.indexOf('?');
  const raw = mark === -1 ? origin : origin.slice(0, mark);
  exchange.query = mark === -1 ? '' : origin.slice(mark + 1);
  const path = readPath(raw);
  exchange.rawPath = raw;
  exchange.path = typeof path === 'string' ? path : raw;
  // Some handlers route by the raw path, some decode and resolve it: `access` closes what nobody can match for sure.
  exchange.pathHasOneReading = typeof path === 'string';
  if (target.length > urlLength) return tooLong();
  const found = typeof path === 'string' ? readQuery(exchange.query) : path;
  return found === undefined ? undefined : badRequest(found, { event: malformed(found, pathEvidence(raw)) });
}

function tooLong(): Verdict {
  return badRequest(LENGTH, { status: 414, detail: 'This address is too long.' });
}
