/** Who is asking: the socket's peer, or the client that a trusted proxy names. */
import { type Client, type Exchange, joined } from '../../core/exchange.ts';
import type { ForwardHead } from '../../core/forward-head.ts';
import type { Guard } from '../../core/guard.ts';
import type { HeaderKey } from '../../core/header-line.ts';
import { type Hop, parseForwarded, parseXForwardedFor, saysHttps } from './forwarded.ts';
import { clientKey, parseNode } from '../../core/ip.ts';
import type { ProxySettings } from './proxy.options.ts';

/** An address that was read: whom limits count, and whether its word about others is taken. */
export interface KnownAddress {
  readonly client: Client;
  readonly trusted: boolean;
}

/** What the host calls the other end of a Unix socket, which has no address. No header can name it. */
export const UNIX_PEER = 'unix';

/** A socket without an address, such as a closed one. They share one key, so that limits hold for them. */
const NAMELESS: KnownAddress = Object.freeze({
  client: Object.freeze({ address: 'unknown', key: 'unknown' }),
  trusted: false,
});

/** Addresses remembered. A flood of made-up ones empties the book now and then; it never fills memory. */
const BOOK_SIZE = 4096;

/** Reads addresses and remembers them: on a busy server the same few come again and again. */
export class AddressBook {
  readonly #settings: ProxySettings;
  readonly #known = new Map<string, KnownAddress>();
  readonly #unix: KnownAddress;

  constructor(settings: ProxySettings) {
    this.#settings = settings;
    this.#unix = {
      client: { address: UNIX_PEER, key: UNIX_PEER },
      trusted: settings.trusted.unixSocket,
    };
  }

  /** How many are remembered now: never more than 4096. */
  get size(): number {
    return this.#known.size;
  }

  /** The peer of a socket, as Node.js names it. Never fails: what is no address is `unknown`, and untrusted. */
  peer(text: string): KnownAddress {
    return text === UNIX_PEER ? this.#unix : (this.find(text) ?? NAMELESS);
  }

  /** An address as a proxy wrote it, or undefined where it is none. */
  find(text: string): KnownAddress | undefined {
    return this.#known.get(text) ?? this.#read(text);
  }

  #read(text: string): KnownAddress | undefined {
    const address = parseNode(text);
    if (address === undefined) return undefined;
    const known = {
      client: { address: address.text, key: clientKey(address, this.#settings.ipv6Prefix) },
      trusted: this.#settings.trusted.has(address),
    };
    if (this.#known.size >= BOOK_SIZE) this.#known.clear();
    // A copy: a piece of a long header would keep the whole of it in memory.
    this.#known.set(Buffer.from(text, 'latin1').toString('latin1'), known);
    return known;
  }
}

/** The guard. First of all, since everything after it counts, logs and decides by client and scheme. */
export function addressGuard(settings: ProxySettings): Guard {
  const book = new AddressBook(settings);
  const readProxy = settings.header === 'forwarded' ? readForwarded : readXForwarded;
  return {
    name: 'address',
    mode: 'enforce',
    derives: true,
    onRequest(exchange) {
      const peer = book.peer(exchange.request.peer);
      exchange.client = peer.client;
      if (peer.trusted) readProxy(exchange, book, peer);
      return undefined;
    },
    onForward: tellUpstream,
  };
}

/** Headers by which a proxy tells an upstream about the client. In whole families, since every product has its own. */
const TOLD_FAMILIES: readonly HeaderKey[] = ['x-forwarded-', 'x-bulwark-'];
const TOLD: ReadonlySet<HeaderKey> = new Set<HeaderKey>([
  'forwarded',
  'client-ip',
  'x-client-ip',
  'x-real-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
  'remote-user',
  'x-remote-user',
]);

/** Puts the facts that the layer found in the place of the client's own lines: an upstream may believe them. */
function tellUpstream({ client, secure, host }: Exchange, head: ForwardHead): void {
  for (const prefix of TOLD_FAMILIES) head.removeFamily(prefix);
  head.removeAll(TOLD);
  // Of a Unix socket, or one without an address, there is nothing to tell.
  if (client.address !== UNIX_PEER && client.address !== NAMELESS.client.address)
    head.set('X-Forwarded-For', client.address);
  head.set('X-Forwarded-Proto', secure ? 'https' : 'http');
  if (host !== '') head.set('X-Forwarded-Host', host);
}

/**
 * Whether a request brings the headers of a proxy that the policy does not name. Either a proxy is missing in
 * `proxy.trusted`, and all its clients share one address, or somebody tries their luck: worth one warning.
 */
export function seesUntrustedProxy(exchange: Exchange, book: AddressBook): boolean {
  const { headers, peer } = exchange.request;
  if (book.peer(peer).trusted) return false;
  // Nobody but a proxy is at the other end of a Unix socket.
  if (peer === UNIX_PEER) return true;
  return (
    headers['x-forwarded-for'] !== undefined ||
    headers['forwarded'] !== undefined ||
    headers['x-forwarded-proto'] !== undefined ||
    headers['x-forwarded-host'] !== undefined
  );
}

function readXForwarded(exchange: Exchange, book: AddressBook, peer: KnownAddress): void {
  const list = joined(exchange.request.headers['x-forwarded-for']);
  if (list !== undefined) exchange.client = walk(parseXForwardedFor(list), book, peer).client;
  const scheme = joined(exchange.request.headers['x-forwarded-proto']);
  if (scheme !== undefined) exchange.secure = saysHttps(scheme);
}

function readForwarded(exchange: Exchange, book: AddressBook, peer: KnownAddress): void {
  const list = joined(exchange.request.headers['forwarded']);
  if (list === undefined) return;
  const hops = parseForwarded(list);
  const { client, believed } = walk(hops, book, peer);
  exchange.client = client;
  // Only what the proxies themselves said: further left a client may write `proto=https` as it likes.
  const said = hops.slice(0, believed).flatMap((hop) => hop.proto ?? []);
  if (said.length > 0) exchange.secure = said.every((proto) => proto === 'https');
}

/**
 * From the right, past trusted hops, to the first that is not ours: that one is the client. What cannot be read ends
 * the walk at the last address that could, for it may hide whatever stands left of it.
 */
function walk(
  hops: readonly Hop[],
  book: AddressBook,
  peer: KnownAddress,
): { readonly client: Client; readonly believed: number } {
  let last = peer;
  let believed = 0;
  while (last.trusted && believed < hops.length) {
    const node = hops[believed]?.for;
    const next = node === undefined ? undefined : book.find(node);
    // Written by a trusted hop all the same, even where it hides who asked it (`for=unknown;proto=https`).
    believed += 1;
    if (next === undefined) break;
    last = next;
  }
  return { client: last.client, believed };
}
