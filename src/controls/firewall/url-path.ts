/**
 * One reading of a path. Proxies, frameworks and file systems each decode, split and resolve on their own; a path
 * on which they could differ is refused, and what is left means the same to all of them.
 */
import { isUtf8 } from 'node:buffer';
import { type Flaw, flaw } from './refusals.ts';

const BYTE = flaw('control, space or non-ASCII byte in the target');
const BACKSLASH = flaw('backslash in the path');
const FRAGMENT = flaw('fragment in the target');
const FOREIGN = flaw('target starts with two slashes');
const ESCAPE = flaw('malformed percent-escape');
const CONTROL = flaw('encoded control byte');
const ENCODED_SLASH = flaw('encoded slash or backslash');
const UTF8 = flaw('path is not UTF-8');
const DOTS = flaw('dot segment in the path');
const TWICE = flaw('path changes its meaning when decoded again');
const QUERY_NUL = flaw('NUL in the query');

const SLASH = 0x2f;
const PERCENT = 0x25;
const DOT = 0x2e;

/**
 * The path, percent-decoded once, with empty segments collapsed; or what is wrong with it.
 *
 * @param raw - an origin-form target up to its question mark
 */
export function readPath(raw: string): string | Flaw {
  // `//evil.example/x` is another host to every URL parser, and so to redirects and logs.
  if (raw.startsWith('//')) return FOREIGN;
  let escaped = false;
  let dotted = false;
  let doubled = false;
  let previous = 0;
  for (let index = 0; index < raw.length; index += 1) {
    const code = raw.charCodeAt(index);
    if (code <= 0x20 || code >= 0x7f) return BYTE;
    if (code === 0x5c) return BACKSLASH;
    if (code === 0x23) return FRAGMENT;
    if (code === PERCENT) escaped = true;
    else if (previous === SLASH) {
      if (code === DOT) dotted = true;
      else if (code === SLASH) doubled = true;
    }
    previous = code;
  }
  const path = escaped ? decodeOnce(raw) : raw;
  if (typeof path !== 'string') return path;
  if ((dotted || escaped) && hasDotSegment(path)) return DOTS;
  if (escaped && path.includes('%') && !isSettled(path)) return TWICE;
  return doubled ? path.replace(/\/{2,}/g, '/') : path;
}

/** What is wrong with a query, if anything is. It may hold encoded anything but NUL, which databases choke on. */
export function readQuery(query: string): Flaw | undefined {
  for (let index = 0; index < query.length; index += 1) {
    const code = query.charCodeAt(index);
    if (code <= 0x20 || code >= 0x7f) return BYTE;
    if (code === 0x23) return FRAGMENT;
    if (code === PERCENT && query.startsWith('00', index + 1)) return QUERY_NUL;
  }
  return undefined;
}

/** Where paths are taken apart, one after the other: a buffer of its own for each costs more than the work in it. */
const SCRATCH = Buffer.allocUnsafeSlow(16_384);

function roomFor(size: number): Buffer {
  return size <= SCRATCH.length ? SCRATCH : Buffer.allocUnsafe(size);
}

/** Percent-decodes an ASCII path, strictly: no control, no second way to write a slash, UTF-8 throughout. */
function decodeOnce(raw: string): string | Flaw {
  const bytes = roomFor(raw.length);
  let length = 0;
  for (let index = 0; index < raw.length; index += 1) {
    let byte = raw.charCodeAt(index);
    if (byte === PERCENT) {
      byte = hexPair(raw.charCodeAt(index + 1), raw.charCodeAt(index + 2));
      if (byte === -1) return ESCAPE;
      if (isSeparator(byte)) return ENCODED_SLASH;
      if (isControl(byte)) return CONTROL;
      index += 2;
    }
    bytes[length] = byte;
    length += 1;
  }
  const used = bytes.subarray(0, length);
  if (!isUtf8(used)) return UTF8;
  const path = used.toString('utf8');
  return C1_CONTROLS.test(path) ? CONTROL : path;
}

/** Terminals obey these as they obey ESC. */
const C1_CONTROLS = /[\u0080-\u009f]/;

/**
 * Whether a path that still holds escapes stays harmless however often a program behind us decodes it: `%252e%252e`,
 * `%25252f`, `%25c0%25af`. Escapes never overlap, so the order of decoding makes no difference, and decoding each one
 * as soon as it is complete reaches the innermost reading in one pass.
 */
function isSettled(path: string): boolean {
  const size = Buffer.byteLength(path);
  const bytes = roomFor(size);
  bytes.write(path, 'utf8');
  let length = 0;
  let changed = false;
  for (let index = 0; index < size; index += 1) {
    bytes[length] = bytes[index] ?? 0;
    length += 1;
    while (length >= 3 && bytes[length - 3] === PERCENT) {
      const byte = hexPair(bytes[length - 2] ?? 0, bytes[length - 1] ?? 0);
      if (byte === -1) break;
      if (isSeparator(byte) || isControl(byte)) return false;
      length -= 2;
      bytes[length - 1] = byte;
      changed = true;
      // A byte in the last place may complete the escape before it: look again from there.
    }
  }
  if (!changed) return true;
  const used = bytes.subarray(0, length);
  return isUtf8(used) && !hasDotSegment(used.toString('utf8'));
}

/**
 * Whether a segment is `.` or `..`, to anyone: Tomcat cuts `..;x` at the semicolon (CVE-2020-5902), Windows drops
 * spaces and dots at the end of a name, so that `.. ` and `...` resolve too.
 */
function hasDotSegment(path: string): boolean {
  let start = path.indexOf('/.');
  while (start !== -1) {
    let index = start + 1;
    while (path.charCodeAt(index) === DOT || path.charCodeAt(index) === 0x20) index += 1;
    const end = path[index];
    if (end === undefined || end === '/' || end === ';') return true;
    start = path.indexOf('/.', index);
  }
  return false;
}

function isSeparator(byte: number): boolean {
  return byte === SLASH || byte === 0x5c;
}

function isControl(byte: number): boolean {
  return byte < 0x20 || byte === 0x7f;
}

/** The byte that two hexadecimal digits name, or -1. */
function hexPair(high: number, low: number): number {
  const a = hexDigit(high);
  const b = hexDigit(low);
  return a === -1 || b === -1 ? -1 : a * 16 + b;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
