/**
 * What a proxy says of its client ahead of all else on a connection: the PROXY protocol of HAProxy, versions 1 and 2
 * (haproxy.org, proxy-protocol.txt). For proxies that carry bytes and read no HTTP, and so can add no header.
 *
 * Nothing is guessed and nothing repaired: a head with a second reading would have some of it read as the first request.
 */
import { isIP } from 'node:net';
import { parseAddress } from '../../core/ip.ts';

/** Whom a head names. */
export interface ProxiedClient {
  /** An address, in its canonical text. Undefined: there is one, and the proxy does not say which. */
  readonly address: string | undefined;
  readonly port: number;
  /** Whether the client's own connection to the proxy is TLS. Only version 2 has a word for it. */
  readonly encrypted: boolean;
}

/** What was made of the first bytes of a connection. */
export type ProxyHead =
  | { readonly kind: 'short' }
  | { readonly kind: 'bad'; readonly reason: string }
  /** `client` is undefined where the proxy asks for itself, to see whether we live. */
  | { readonly kind: 'whole'; readonly length: number; readonly client: ProxiedClient | undefined };

/** A head of version 1 with its line end (proxy-protocol.txt 2.1). */
const LONGEST_V1 = 107;
/**
 * A head of version 2: far past addresses, names and the certificate that some proxies hand on, and little enough for a
 * connection that nobody has been seen on yet. The length field could ask for 64 KB.
 */
export const LONGEST_HEAD: number = 4096;

const SIGNATURE_V1 = Buffer.from('PROXY ', 'latin1');
const SIGNATURE_V2 = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
const FIXED_V2 = 16;

const SHORT: ProxyHead = { kind: 'short' };
const HIDDEN: ProxiedClient = { address: undefined, port: 0, encrypted: false };

/** Reads the head of a connection from what has come so far. Looks at no byte past the head. */
export function readProxyHead(bytes: Buffer): ProxyHead {
  if (bytes.length === 0) return SHORT;
  const [signature, read] =
    bytes[0] === SIGNATURE_V2[0] ? ([SIGNATURE_V2, readV2] as const) : ([SIGNATURE_V1, readV1] as const);
  const length = Math.min(bytes.length, signature.length);
  if (bytes.compare(signature, 0, length, 0, length) !== 0) return bad('no PROXY protocol head');
  return length < signature.length ? SHORT : read(bytes);
}

function readV1(bytes: Buffer): ProxyHead {
  const end = bytes.subarray(0, LONGEST_V1).indexOf('\r\n', 0, 'latin1');
  if (end === -1) return bytes.length < LONGEST_V1 ? SHORT : bad('a head of version 1 without an end');
  const [, family = '', source = '', target = '', from = '', to = '', ...more] = bytes
    .subarray(0, end)
    .toString('latin1')
    .split(' ');
  const length = end + 2;
  // What stands behind it is to be passed over: the address that it may have is nobody's.
  if (family === 'UNKNOWN') return { kind: 'whole', length, client: HIDDEN };
  const version = family === 'TCP4' ? 4 : 6;
  const isGood =
    (family === 'TCP4' || family === 'TCP6') &&
    more.length === 0 &&
    [source, target].every((text) => isIP(text) === version && !text.includes('%')) &&
    [from, to].every((text) => PORT.test(text) && Number(text) <= 0xffff);
  if (!isGood) return bad('a head of version 1 that names no client');
  return named(length, source, Number(from), false);
}

const PORT = /^(?:0|[1-9]\d{0,4})$/;

/** Bytes of both addresses and ports, by the byte for family and transport. Datagrams carry no HTTP. */
const ADDRESSES: ReadonlyMap<number, number> = new Map([
  [0x00, 0],
  [0x11, 12],
  [0x21, 36],
  [0x31, 216],
]);
const TCP4 = 0x11;
const TCP6 = 0x21;
const LOCAL = 0x20;
const PROXIED = 0x21;

function readV2(bytes: Buffer): ProxyHead {
  if (bytes.length < FIXED_V2) return SHORT;
  const command = bytes.readUInt8(12);
  const family = bytes.readUInt8(13);
  const length = FIXED_V2 + bytes.readUInt16BE(14);
  if (command !== LOCAL && command !== PROXIED) return bad('a version or command that is not known');
  if (length > LONGEST_HEAD) return bad(`a head of over ${LONGEST_HEAD} bytes`);
  if (bytes.length < length) return SHORT;
  // It asks for itself: whatever it says of addresses is to be passed over.
  if (command === LOCAL) return { kind: 'whole', length, client: undefined };
  const taken = ADDRESSES.get(family);
  if (taken === undefined) return bad('a family or transport that is not known');
  if (FIXED_V2 + taken > length) return bad('a head that ends within its addresses');
  const head = bytes.subarray(0, length);
  const fields = readFields(head, FIXED_V2 + taken);
  if (typeof fields === 'string') return bad(fields);
  if (family === TCP4) {
    const address = [...head.subarray(FIXED_V2, FIXED_V2 + 4)].join('.');
    return named(length, address, head.readUInt16BE(FIXED_V2 + 8), fields.encrypted);
  }
  if (family === TCP6) {
    const words = Array.from({ length: 8 }, (_, at) => head.readUInt16BE(FIXED_V2 + at * 2).toString(16));
    return named(length, words.join(':'), head.readUInt16BE(FIXED_V2 + 32), fields.encrypted);
  }
  return { kind: 'whole', length, client: { ...HIDDEN, encrypted: fields.encrypted } };
}

const CHECKSUM = 0x03;
const TLS = 0x20;
/** Of the field on TLS: the client connected by it. */
const OVER_TLS = 0x01;

/** The fields behind the addresses; a text says what is wrong with them. Those that are not known are passed over. */
function readFields(head: Buffer, start: number): { readonly encrypted: boolean } | string {
  const seen = new Set<number>();
  let encrypted = false;
  let at = start;
  while (at < head.length) {
    if (at + 3 > head.length) return 'a field without a length';
    const kind = head.readUInt8(at);
    const size = head.readUInt16BE(at + 1);
    const value = head.subarray(at + 3, at + 3 + size);
    if (value.length < size) return 'a field that is longer than the head';
    if (kind === CHECKSUM || kind === TLS) {
      if (seen.has(kind)) return 'a field that stands twice';
      seen.add(kind);
    }
    if (kind === CHECKSUM && !fitsChecksum(head, at + 3, value)) return 'a checksum that does not fit';
    // A client byte and four for the verdict on its certificate, whatever else stands behind them.
    if (kind === TLS && size < 5) return 'a field on TLS that is cut';
    if (kind === TLS) encrypted = (value.readUInt8(0) & OVER_TLS) !== 0;
    at += 3 + size;
  }
  return { encrypted };
}

/** The whole head, with zeros where the sum stands (proxy-protocol.txt 2.2.3). */
function fitsChecksum(head: Buffer, at: number, sum: Buffer): boolean {
  if (sum.length !== 4) return false;
  const blank = Buffer.from(head);
  blank.fill(0, at, at + 4);
  return crc32c(blank) === sum.readUInt32BE(0);
}

/** CRC-32 by Castagnoli (RFC 9260, appendix A), which node:zlib has not. */
function crc32c(bytes: Buffer): number {
  let rest = 0xffffffff;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit += 1) rest = (rest >>> 1) ^ ((rest & 1) * 0x82f63b78);
  }
  return (rest ^ 0xffffffff) >>> 0;
}

function named(length: number, text: string, port: number, encrypted: boolean): ProxyHead {
  const address = parseAddress(text)?.text;
  return { kind: 'whole', length, client: { address, port, encrypted } };
}

function bad(reason: string): ProxyHead {
  return { kind: 'bad', reason };
}
