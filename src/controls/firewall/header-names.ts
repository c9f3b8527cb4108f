/**
 * Header names that are one name to somebody behind us. CGI, WSGI and PHP turn `Content-Length` and `Content_Length`
 * into the same variable (CVE-2015-0219): what a proxy strips or sets under one spelling comes in under the other.
 */
import { byPlace } from '../../core/by-name.ts';
import { foldName } from '../../core/forward-head.ts';

const DEPENDED_ON: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'http2-settings',
  'keep-alive',
  'origin',
  'referer',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
  'x-csrf-token',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-real-ip',
  'x-rewrite-url',
]);
const DEPENDED_ON_PREFIXES = ['proxy-', 'sec-', 'x-forwarded-'] as const;

/** Whether security or framing stands on a header of this (lower-case) name. */
export function isDependedOn(name: string): boolean {
  return DEPENDED_ON.has(name) || DEPENDED_ON_PREFIXES.some((prefix) => name.startsWith(prefix));
}

/**
 * Headers that are no lists, and by which somebody decides: of two lines Node.js takes the first or joins them, gunicorn and
 * Werkzeug take the last or refuse, waitress joins them. `Host` and `Content-Length` are looked at by themselves.
 */
const ONCE: ReadonlyMap<string, number> = new Map(
  [
    'authorization',
    'content-range',
    'content-type',
    'date',
    'dpop',
    'from',
    'if-modified-since',
    'if-range',
    'if-unmodified-since',
    'max-forwards',
    'origin',
    'range',
    'referer',
    'sec-fetch-dest',
    'sec-fetch-mode',
    'sec-fetch-site',
    'sec-fetch-user',
    'sec-websocket-key',
    'sec-websocket-version',
    'user-agent',
    'x-http-method-override',
  ].map((name, index) => [name, 1 << index]),
);

/** What framing looks for in a name, as bits: those of {@link ONCE} below these. */
export const HOST_NAME: number = 1 << 30;
export const LENGTH_NAME: number = 1 << 29;
export const ODD_NAME: number = 1 << 28;
export const ONCE_NAMES: number = (1 << ONCE.size) - 1;

/** Which of these bits a name has, at the place of its line. One look-up for each line of every request. */
export const nameBits: (name: string, place: number) => number = byPlace((name) => {
  const lower = name.toLowerCase();
  const once = ONCE.get(foldName(name)) ?? 0;
  if (lower === 'host') return HOST_NAME | once;
  if (lower === 'content-length') return LENGTH_NAME | once;
  return isOdd(name) ? ODD_NAME | once : once;
});

/** Whether a name has a character that some program folds into a dash: an underscore, a dot or the like. */
export function isOdd(name: string): boolean {
  for (let index = 0; index < name.length; index += 1) {
    const code = name.charCodeAt(index);
    const lower = code | 0x20;
    const plain = (lower >= 0x61 && lower <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === DASH;
    if (!plain) return true;
  }
  return false;
}

const DASH = 0x2d;

/**
 * Whether an odd header name folds into a name that matters, or into another name of the same request. Each name is folded
 * once: a hundred odd ones, compared each with each, cost 20 ms of every request, and this runs before any limit.
 *
 * @param rawHeaders - names and values in turn
 */
export function anyFoldsBadly(rawHeaders: readonly string[]): boolean {
  const byFolded = new Map<string, string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const odd = isOdd(name);
    const folded = odd ? foldName(name) : name;
    if (odd && isDependedOn(folded)) return true;
    const other = byFolded.get(folded);
    if (other === undefined) byFolded.set(folded, name);
    else if (other !== name) return true;
  }
  return false;
}
