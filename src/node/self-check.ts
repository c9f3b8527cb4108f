/** The layer's look at its own deployment: what makes a control hold less than it could is said once, with a fix. */
import type { IncomingMessage } from 'node:http';
import type { ErrorCode } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import { AddressBook, seesUntrustedProxy, UNIX_PEER } from '../controls/firewall/address.ts';
import { AddressList, parseNetwork } from '../core/address-list.ts';
import { parseAddress } from '../core/ip.ts';
import { readProxyHead } from '../controls/firewall/proxy-head.ts';
import type { Layer } from '../layer/layer.ts';
import { LAYER_FIRST, wasRead } from './request-body.ts';
import { NODE_EVENTS } from './node.events.ts';

/** Looks at requests as they come until there is nothing left to say. */
export class SelfCheck {
  readonly #layer: Layer;
  readonly #book: AddressBook;
  readonly #told = new Set<ErrorCode>();
  readonly #byHeader = new ToldPeers();
  readonly #byHead = new ToldPeers();

  constructor(layer: Layer) {
    this.#layer = layer;
    this.#book = new AddressBook(layer.policy.proxy);
  }

  /** Looks at one request. */
  look(request: IncomingMessage, exchange: Exchange): void {
    if (wasRead(request)) this.tell('ERR_BULWARK_BODY_READ', LAYER_FIRST);
    // A proxy that says by its own protocol who asks has no word in the headers: whoever wrote these is its client.
    if (this.#layer.policy.proxy.protocol) return;
    const { peer } = exchange.request;
    // Without an address the connection is closed already, and there is nobody to name.
    if (peer === '' || !seesUntrustedProxy(exchange, this.#book)) return;
    const isNear = isNearby(peer);
    if (this.#byHeader.add(peer, isNear)) this.#say('ERR_BULWARK_PROXY_NOT_TRUSTED', adviceFor(peer, isNear));
  }

  /** Looks at bytes that were no request: a proxy that names its clients ahead of them, and is not believed. */
  lookAtBytes(bytes: Buffer | undefined, peer: string): void {
    if (bytes === undefined || peer === '' || readProxyHead(bytes).kind !== 'whole') return;
    const isNear = isNearby(peer) || this.#book.peer(peer).trusted;
    if (!this.#byHead.add(peer, isNear)) return;
    const said = `${peer} speaks the PROXY protocol, which is refused`;
    this.#say(
      'ERR_BULWARK_PROXY_NOT_TRUSTED',
      isNear
        ? `${said}: if it is your proxy, write proxy: { trusted: ['${peer}'], protocol: true }`
        : `${said}; ${ANYBODY}, with protocol: true`,
    );
  }

  /** Says one thing, the first time that it is seen. `details` go into the log only. */
  tell(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}): void {
    if (this.#told.has(code)) return;
    this.#told.add(code);
    this.#say(code, message, details);
  }

  #say(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}): void {
    this.#layer.audit.write(NODE_EVENTS.weakened, { code, message, ...details });
    process.emitWarning(message, { code });
  }
}

/** So many peers of one kind are told of: a log has room for them, and a start-up that is read by a person too. */
const MOST_PEERS = 8;

/**
 * The peers that were told of. Those of private networks are counted apart: strangers are as many as they like, and would use
 * up the word about the proxy that is ours.
 */
class ToldPeers {
  readonly #near = new Set<string>();
  readonly #far = new Set<string>();

  /** Whether this one is to be told of: it was not yet, and there is room. */
  add(peer: string, isNear: boolean): boolean {
    const told = isNear ? this.#near : this.#far;
    if (told.has(peer) || told.size >= MOST_PEERS) return false;
    told.add(peer);
    return true;
  }
}

/** RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291 and loopback: nobody has such an address on the internet. */
const NEARBY = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
];
let nearby: AddressList | undefined;

function isNearby(peer: string): boolean {
  const address = peer === UNIX_PEER ? undefined : parseAddress(peer);
  nearby ??= new AddressList(NEARBY.flatMap((text) => parseNetwork(text) ?? []));
  return peer === UNIX_PEER || (address !== undefined && nearby.has(address));
}

const ANYBODY =
  'its address is of no private network, and anybody can send that: only where you know it as your own proxy, name it in proxy.trusted';

function adviceFor(peer: string, isNear: boolean): string {
  if (!isNear) return `${peer} sends forwarding headers, which are ignored; ${ANYBODY}`;
  const fix = `write proxy: { trusted: ['${peer}'] }`;
  return peer === UNIX_PEER
    ? `a proxy comes over a Unix socket, and what it says of its clients is ignored: they share one limit, and https looks like http; ${fix}`
    : `${peer} sends forwarding headers, which are ignored: if it is your proxy, ${fix}`;
}
