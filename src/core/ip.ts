/** IP addresses: one text for each, whatever spelling it came in. */
import { isIPv4 } from 'node:net';

/** An address, read. `::ffff:1.2.3.4` is IPv4 here: a dual-stack socket writes the same client both ways. */
export interface IpAddress {
  readonly family: 4 | 6;
  /** 16 bits each, in network order: two for IPv4, eight for IPv6. */
  readonly words: readonly number[];
  /** Dotted decimal, or the canonical text of RFC 5952. No zone, no brackets, no port. */
  readonly text: string;
}

/** The longest IPv6 text, plus a zone of a sane length. */
const MAX_TEXT = 64;
/** An address in brackets, and a port behind it. */
const MAX_NODE = MAX_TEXT + 8;
const WORD_BITS = 16;

/**
 * Reads an address. A zone id (`fe80::1%eth0`) names an interface of this machine, not a client, and is dropped.
 * Octal, hexadecimal and short IPv4 forms (`0177.1`) are no addresses: other programs read them differently.
 */
export function parseAddress(text: string): IpAddress | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const zone = text.indexOf('%');
  if (zone === text.length - 1) return undefined;
  const bare = zone === -1 ? text : text.slice(0, zone);
  if (isIPv4(bare)) return zone === -1 ? fromWords(4, readV4(bare)) : undefined;
  const words = readV6(bare);
  return words === undefined ? undefined : fromV6(words);
}

/** Reads an address as proxies write it: bare, in brackets, with a port or without (RFC 7239 6). */
export function parseNode(text: string): IpAddress | undefined {
  if (text.length > MAX_NODE) return undefined;
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    const inner = end === -1 ? '' : text.slice(1, end);
    // By its text: one that is IPv4 in IPv6 is read as the IPv4 address that it is.
    return inner.includes(':') && isPortSuffix(text, end + 1) ? parseAddress(inner) : undefined;
  }
  const colon = text.indexOf(':');
  // Two colons: a bare IPv6 address, whose last group cannot be told from a port, and so is none.
  if (colon === -1 || text.includes(':', colon + 1)) return parseAddress(text);
  return isPortSuffix(text, colon) ? parseAddress(text.slice(0, colon)) : undefined;
}

/**
 * What limits count by: an IPv4 address as it is, an IPv6 one by its network, as in `2001:db8:1:2::/64`. A client
 * with one line owns the whole network, so that a count of single addresses would stop nothing. What a translator brings
 * from IPv4 (NAT64, RFC 6052) is the IPv4 address at its end: by their network, all of that internet would be one client.
 *
 * @param ipv6Prefix - bits that name the network, 48 to 64
 */
export function clientKey(address: IpAddress, ipv6Prefix: number): string {
  if (address.family === 4) return address.text;
  if (NAT64.every((word, index) => address.words[index] === word)) return formatV4(address.words.slice(6));
  const network = address.words.map((word, index) => word & wordMask(ipv6Prefix, index));
  return `${formatV6(network)}/${ipv6Prefix}`;
}

/** `64:ff9b::/96`, the prefix that every network may use for it. */
const NAT64 = [0x64, 0xff9b, 0, 0, 0, 0];

/** Which bits of the word at `index` belong to a prefix of `bits`. */
export function wordMask(bits: number, index: number): number {
  const within = Math.min(Math.max(bits - index * WORD_BITS, 0), WORD_BITS);
  return (0xffff << (WORD_BITS - within)) & 0xffff;
}

/** `:` and a port (RFC 7239 allows an obfuscated one) up to the end of the text, or nothing. */
function isPortSuffix(text: string, start: number): boolean {
  return start === text.length || PORT_SUFFIX.test(text.slice(start));
}

const PORT_SUFFIX = /^:(?:\d{1,5}|_[\w.-]{1,32})$/;

function fromWords(family: 4 | 6, words: readonly number[]): IpAddress {
  return { family, words, text: family === 4 ? formatV4(words) : formatV6(words) };
}

function fromV6(words: readonly number[]): IpAddress {
  const mapped = words[5] === 0xffff && words.slice(0, 5).every((word) => word === 0);
  return mapped ? fromWords(4, words.slice(6)) : fromWords(6, words);
}

function readV4(text: string): number[] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return [(a << 8) | b, (c << 8) | d];
}

/**
 * The eight words of an IPv6 address (RFC 4291 2.2), or nothing. Node's `isIPv6` says the same of every text, by a regular
 * expression whose making takes three milliseconds of each start.
 */
function readV6(text: string): number[] | undefined {
  const gap = text.indexOf('::');
  if (gap === -1) {
    const words = readGroups(text, true);
    return words?.length === 8 ? words : undefined;
  }
  const head = readGroups(text.slice(0, gap), false);
  const tail = readGroups(text.slice(gap + 2), true);
  // `::` stands for one group at least.
  if (head === undefined || tail === undefined || head.length + tail.length > 7) return undefined;
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => 0);
  return [...head, ...zeros, ...tail];
}

/** @param mayEndDotted - whether the last group may be an IPv4 address, which has the place of two */
function readGroups(text: string, mayEndDotted: boolean): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const last = groups.at(-1) ?? '';
  const dotted = mayEndDotted && isIPv4(last) ? readV4(last) : [];
  if (dotted.length > 0) groups.pop();
  if (!groups.every((group) => GROUP.test(group))) return undefined;
  return [...groups.map((group) => parseInt(group, 16)), ...dotted];
}

const GROUP = /^[0-9a-f]{1,4}$/i;

function formatV4(words: readonly number[]): string {
  const [high = 0, low = 0] = words;
  return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`;
}

/** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero words as `::`. */
function formatV6(words: readonly number[]): string {
  const run = longestZeroRun(words);
  const hex = words.map((word) => word.toString(16));
  if (run.length < 2) return hex.join(':');
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`;
}

function longestZeroRun(words: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, word] of words.entries()) {
    if (word !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}
