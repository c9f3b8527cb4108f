/**
 * Where a request begins and ends, and whom it is for: what Node's parser lets through and a security layer must not.
 * A request that two programs in a row read differently is how one visitor's request ends up in another's (request
 * smuggling, CWE-444), so nothing here is repaired: it is refused, and the connection is closed.
 */
import { type Exchange, joined, type RequestFacts } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import type { Refusal } from '../../core/verdict.ts';
import type { FirewallSettings } from './firewall.options.ts';
import {
  anyFoldsBadly,
  HOST_NAME,
  isDependedOn,
  LENGTH_NAME,
  nameBits,
  ODD_NAME,
  ONCE_NAMES,
} from './header-names.ts';
import { parseHost, showHost, withoutDefaultPort } from './host-name.ts';
import { badRequest, type Flaw, flaw } from './refusals.ts';
import { parseAbsolute } from './target.ts';
import { PROBLEMS } from '../../core/problem-types.ts';

const VERSION = flaw('HTTP version is neither 1.1 nor 1.0');
const LINES = flaw('too many header lines');
const NO_HOST = flaw('no Host');
const HOSTS = flaw('two Host lines');
const HOST_FORM = flaw('Host is no host');
const NAMES = flaw('header name folds into another');
const LENGTHS = flaw('two Content-Length lines');
const LENGTH_FORM = flaw('Content-Length is not plain digits');
const TWICE = flaw('two lines of a header that stands once');
const CODING = flaw('Transfer-Encoding other than chunked');
const BOTH = flaw('Transfer-Encoding beside Content-Length');
const CODING_10 = flaw('Transfer-Encoding on HTTP/1.0');
const H2C = flaw('upgrade to h2c');
const HOP = flaw('Connection names a header that is not hop-by-hop');
const OTHER_HOST = flaw('absolute target for another host than Host');
const TARGET = flaw('target is of no form that this method has');

/** The guard. Its refusals close the connection: what follows on it cannot be told from the next request. */
export function framingGuard(settings: FirewallSettings): Guard {
  return {
    name: 'framing',
    mode: settings.mode,
    onRequest(exchange) {
      const found = readFraming(exchange.request, settings.headerLines);
      if (found === undefined) return undefined;
      return found === LINES ? tooManyLines() : badRequest(found, { close: true });
    },
    // CGI makes HTTP_PROXY of it, by which clients of HTTP choose their proxy (CVE-2016-5385).
    onForward: (_exchange, head) => head.remove('proxy'),
  };
}

/**
 * Whether the guard will refuse a request. For guards that refuse sooner: they must not leave a connection open on which
 * the next request cannot be told from this one.
 */
export function framingTest(settings: FirewallSettings): (exchange: Exchange) => boolean {
  return ({ request }) =>
    settings.mode === 'enforce' && readFraming(request, settings.headerLines) !== undefined;
}

/** The first thing wrong with how a request is framed, if anything is. */
export function readFraming(request: RequestFacts, headerLines: number): Flaw | undefined {
  if (request.httpVersion !== '1.1' && request.httpVersion !== '1.0') return VERSION;
  return (
    readLines(request, headerLines) ??
    readLength(request) ??
    readCoding(request) ??
    readUpgrade(request) ??
    readTarget(request)
  );
}

/** Every line by its name. Node keeps the first of two Hosts and drops the other, so only the raw lines tell. */
function readLines(request: RequestFacts, headerLines: number): Flaw | undefined {
  const { rawHeaders } = request;
  if (rawHeaders.length > 2 * headerLines) return LINES;
  let seen = 0;
  let repeated = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const bits = nameBits(rawHeaders[index] ?? '', index >> 1);
    repeated |= seen & bits;
    seen |= bits;
  }
  if ((seen & ODD_NAME) !== 0 && anyFoldsBadly(rawHeaders)) return NAMES;
  if ((repeated & HOST_NAME) !== 0) return HOSTS;
  if ((repeated & LENGTH_NAME) !== 0) return LENGTHS;
  if ((repeated & ONCE_NAMES) !== 0) return TWICE;
  const host = joined(request.headers['host']);
  // HTTP/1.0 has no Host; the host guard refuses what names none.
  if (host === undefined || (seen & HOST_NAME) === 0)
    return request.httpVersion === '1.0' ? undefined : NO_HOST;
  return parseHost(host) === undefined ? HOST_FORM : undefined;
}

/** No sign, no list, no leading zero, no more than 15 digits: past 2^53 two programs count differently. */
const PLAIN_LENGTH = /^(?:0|[1-9]\d{0,14})$/;

function readLength(request: RequestFacts): Flaw | undefined {
  const length = joined(request.headers['content-length']);
  return length === undefined || PLAIN_LENGTH.test(length) ? undefined : LENGTH_FORM;
}

/**
 * Exactly `chunked`, in lower case: names of codings have no case (RFC 9112 7), but `Chunked`, `chunked ` and
 * `gzip, chunked` are what front ends disagree on, and no client that means well sends them.
 */
function readCoding(request: RequestFacts): Flaw | undefined {
  const coding = joined(request.headers['transfer-encoding']);
  if (coding === undefined) return undefined;
  if (coding !== 'chunked') return CODING;
  if (request.httpVersion === '1.0') return CODING_10;
  return request.headers['content-length'] === undefined ? undefined : BOTH;
}

const H2C_TOKEN = /(?:^|[\s,])h2c(?:[\s,/]|$)/i;

/**
 * An upgrade to h2c turns the connection into one that no proxy looks into. A Connection that names `Cookie` or
 * `X-Forwarded-For` makes the next proxy drop that header, and with it what we decided by.
 */
function readUpgrade(request: RequestFacts): Flaw | undefined {
  const upgrade = joined(request.headers['upgrade']);
  if (upgrade !== undefined && H2C_TOKEN.test(upgrade)) return H2C;
  if (request.headers['http2-settings'] !== undefined) return H2C;
  const connection = joined(request.headers['connection']);
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  return connection.toLowerCase().split(',').some(namesEndToEnd) ? HOP : undefined;
}

/** Names that a Connection header may list although we depend on them: they belong to one hop (RFC 9110 7.6.1). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'proxy-connection',
]);

function namesEndToEnd(option: string): boolean {
  const name = option.trim();
  return isDependedOn(name) && !HOP_BY_HOP.has(name);
}

const SLASH = 0x2f;

function readTarget(request: RequestFacts): Flaw | undefined {
  const { target } = request;
  if (target.charCodeAt(0) === SLASH) return undefined;
  if (target === '*') return request.method === 'OPTIONS' ? undefined : TARGET;
  const absolute = parseAbsolute(target);
  if (absolute === undefined) return TARGET;
  const host = parseHost(joined(request.headers['host']) ?? '');
  if (host === undefined) return OTHER_HOST;
  const named = showHost(withoutDefaultPort(absolute.host, absolute.secure));
  return named === showHost(withoutDefaultPort(host, absolute.secure)) ? undefined : OTHER_HOST;
}

function tooManyLines(): Refusal {
  return badRequest(LINES, {
    ...PROBLEMS.headersTooLarge,
    detail: 'This request has too many header lines.',
    close: true,
  });
}
