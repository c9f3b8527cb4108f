/** Hosts, as Host headers and absolute targets name them: one strict grammar, one canonical text. */
import { isIP } from 'node:net';
import { unique } from '../../core/by-name.ts';
import { parseAddress } from '../../core/ip.ts';

/** A host, read. */
export interface HostName {
  /** Lower case, without a trailing dot; IPv6 canonical and in brackets. */
  readonly name: string;
  /** As a number; undefined where the text names none. */
  readonly port: number | undefined;
}

/** RFC 1035 2.3.4: 253 characters, then a dot, a colon and five digits. */
const MAX_LENGTH = 260;
const MAX_NAME = 253;
const LABELS = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
const PORT = /^(?:0|[1-9]\d{0,4})$/;

/** Readings remembered: nearly every request names one of a few hosts. */
const MEMORY_SIZE = 256;
const memory = new Map<string, KnownHost>();
let last: KnownHost | undefined;

interface KnownHost {
  readonly text: string;
  readonly host: HostName;
}

/**
 * Reads a host: a DNS name, an IPv4 address or a bracketed IPv6 one, and perhaps a port. No user part, list, path,
 * percent-escape, space or control: every one of those is read as another host by some program. A name whose last
 * label is a number must be an IPv4 address, since browsers read `127.1` and `0x7f.1` as one.
 */
export function parseHost(text: string): HostName | undefined {
  // Nearly every request asks for the same: compared with the last, it need not be read for its place in memory.
  if (text === last?.text) return last.host;
  const known = memory.get(text) ?? readHost(text);
  if (known !== undefined) last = known;
  return known?.host;
}

/** The host as a Host header writes it. */
export function showHost(host: HostName): string {
  return host.port === undefined ? host.name : `${host.name}:${host.port}`;
}

/** The same host without a port that its scheme implies: `example.com:443` over https is `example.com`. */
export function withoutDefaultPort(host: HostName, secure: boolean): HostName {
  return host.port === (secure ? 443 : 80) ? { name: host.name, port: undefined } : host;
}

function readHost(text: string): KnownHost | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const colon = text.startsWith('[') ? text.indexOf(':', text.indexOf(']')) : text.indexOf(':');
  const name = readName(colon === -1 ? text : text.slice(0, colon));
  const port = colon === -1 ? undefined : readPort(text.slice(colon + 1));
  if (name === undefined || (colon !== -1 && port === undefined)) return undefined;
  if (memory.size >= MEMORY_SIZE) memory.clear();
  // A copy: a piece of a long target would keep the whole of it in memory.
  const own = Buffer.from(text, 'latin1').toString('latin1');
  const known = { text: own, host: { name: unique(name), port } };
  memory.set(own, known);
  return known;
}

function readName(text: string): string | undefined {
  if (text.startsWith('[')) return readBracketed(text);
  const name = (text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase();
  if (name.length > MAX_NAME || !LABELS.test(name)) return undefined;
  const last = name.slice(name.lastIndexOf('.') + 1);
  return isNumberToBrowsers(last) && isIP(name) !== 4 ? undefined : name;
}

/** WHATWG URL, "ends in a number": digits, or hexadecimal behind `0x`. */
function isNumberToBrowsers(label: string): boolean {
  return /^(?:\d+|0x[\da-f]*)$/.test(label);
}

function readBracketed(text: string): string | undefined {
  const inner = text.endsWith(']') ? text.slice(1, -1) : '';
  if (!inner.includes(':') || inner.includes('%')) return undefined;
  const address = parseAddress(inner);
  // A mapped IPv4 address in brackets is a second name for a host that has one.
  return address?.family === 6 ? `[${address.text}]` : undefined;
}

function readPort(text: string): number | undefined {
  const port = PORT.test(text) ? Number(text) : undefined;
  return port !== undefined && port <= 65_535 ? port : undefined;
}
