/**
 * What proxies say of the hops before them: X-Forwarded-For, X-Forwarded-Proto and RFC 7239 Forwarded.
 *
 * Each proxy adds at the right. Everything left of the hops that your own proxies added was written by the client, so
 * that both lists are cut from the right: no quote or comma on the left can change how the right is read.
 */

/** One hop, as its proxy describes it. Texts are as they came, unquoted; a field that is absent is undefined. */
export interface Hop {
  /** Who asked this proxy: an address, perhaps with a port, `unknown`, or an obfuscated name. */
  readonly for: string | undefined;
  /** The scheme it was asked by, lower case. */
  readonly proto: string | undefined;
  /** The Host it was asked for. Never used to decide anything. */
  readonly host: string | undefined;
}

/** Hops that are looked at: no real chain is longer, and a long one must not cost time. */
export const MAX_HOPS = 32;

/** What could not be read. It ends the walk: nothing left of it can be believed. */
const UNREADABLE: Hop = Object.freeze({ for: undefined, proto: undefined, host: undefined });

const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The hops of an X-Forwarded-For value, nearest proxy first, at most {@link MAX_HOPS}. */
export function parseXForwardedFor(value: string): readonly Hop[] {
  if (!value.includes(',')) return [nodeOf(value)];
  const hops: Hop[] = [];
  let end = value.length;
  while (end >= 0 && hops.length < MAX_HOPS) {
    const comma = end === 0 ? -1 : value.lastIndexOf(',', end - 1);
    hops.push(nodeOf(value.slice(comma + 1, end)));
    end = comma;
  }
  return hops;
}

function nodeOf(text: string): Hop {
  const node = text.trim();
  return node === '' ? UNREADABLE : { for: node, proto: undefined, host: undefined };
}

/** The hops of a Forwarded value (RFC 7239 4), nearest proxy first, at most {@link MAX_HOPS}. */
export function parseForwarded(value: string): readonly Hop[] {
  const hops: Hop[] = [];
  let end = value.length;
  while (end >= 0 && hops.length < MAX_HOPS) {
    const comma = commaBefore(value, end);
    hops.push(parseElement(value.slice(comma + 1, end)));
    end = comma;
  }
  return hops;
}

/**
 * Whether X-Forwarded-Proto says https, in each of its values: where proxies disagree, some part of the way was in
 * the clear, or a client added a value of its own.
 */
export function saysHttps(value: string): boolean {
  return value === 'https' || value.split(',').every((one) => one.trim().toLowerCase() === 'https');
}

/** The last comma before `end` that is in no quoted string, or -1. */
function commaBefore(value: string, end: number): number {
  let quoted = false;
  for (let index = end - 1; index >= 0; index -= 1) {
    const code = value.charCodeAt(index);
    if (code === QUOTE && !isEscaped(value, index)) quoted = !quoted;
    else if (code === COMMA && !quoted) return index;
  }
  return -1;
}

/** Whether an odd number of backslashes stands before `index`. */
function isEscaped(value: string, index: number): boolean {
  let start = index;
  while (start > 0 && value.charCodeAt(start - 1) === BACKSLASH) start -= 1;
  return (index - start) % 2 === 1;
}

// Sticky, and without two ways to match the same text: linear on anything.
const PAIR =
  /[ \t]*([\w!#$%&'*+.^`|~-]+)=(?:([\w!#$%&'*+.^`|~:[\]-]+)|"([^"\\]*(?:\\.[^"\\]*)*)")[ \t]*(;|$)/y;

/** One element: `for=192.0.2.60;proto=http;by=203.0.113.43`. Any flaw, or a name said twice, spoils the whole. */
function parseElement(text: string): Hop {
  const fields = new Map<string, string>();
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < text.length) {
    const match = PAIR.exec(text);
    const name = match?.[1]?.toLowerCase();
    if (match === null || name === undefined || fields.has(name)) return UNREADABLE;
    fields.set(name, match[2] ?? (match[3] ?? '').replace(/\\(.)/gs, '$1'));
    if (match[4] === ';' && PAIR.lastIndex === text.length) return UNREADABLE;
  }
  return { for: fields.get('for'), proto: fields.get('proto')?.toLowerCase(), host: fields.get('host') };
}
