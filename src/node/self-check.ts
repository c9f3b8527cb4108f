/** The layer's look at its own deployment: what makes a control hold less than it could is said once, with a fix. */
import type { IncomingMessage } from 'node:http';
import type { ErrorCode } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import { AddressBook, seesUntrustedProxy, UNIX_PEER } from '../controls/firewall/address.ts';
import { readProxyHead } from '../controls/firewall/proxy-head.ts';
import type { Layer } from '../layer/layer.ts';
import { LAYER_FIRST, wasRead } from './request-body.ts';
import { NODE_EVENTS } from './node.events.ts';

/** Looks at requests as they come until there is nothing left to say. */
export class SelfCheck {
  readonly #layer: Layer;
  readonly #book: AddressBook;
  readonly #told = new Set<ErrorCode>();

  constructor(layer: Layer) {
    this.#layer = layer;
    this.#book = new AddressBook(layer.policy.proxy);
  }

  /** Looks at one request. */
  look(request: IncomingMessage, exchange: Exchange): void {
    if (wasRead(request)) this.tell('ERR_BULWARK_BODY_READ', LAYER_FIRST);
    // A proxy that says by its own protocol who asks has no word in the headers: whoever wrote these is its client.
    if (this.#layer.policy.proxy.protocol || this.#told.has('ERR_BULWARK_PROXY_NOT_TRUSTED')) return;
    // Without an address the connection is closed already, and there is nobody to name.
    if (exchange.request.peer !== '' && seesUntrustedProxy(exchange, this.#book)) {
      this.tell('ERR_BULWARK_PROXY_NOT_TRUSTED', adviceFor(exchange.request.peer));
    }
  }

  /** Looks at bytes that were no request: a proxy that names its clients ahead of them, and is not believed. */
  lookAtBytes(bytes: Buffer | undefined, peer: string): void {
    if (bytes === undefined || peer === '' || readProxyHead(bytes).kind !== 'whole') return;
    this.tell(
      'ERR_BULWARK_PROXY_NOT_TRUSTED',
      `${peer} speaks the PROXY protocol, which is refused: if it is your proxy, write proxy: { trusted: ['${peer}'], protocol: true }`,
    );
  }

  /** Says one thing, the first time that it is seen. `details` go into the log only. */
  tell(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}): void {
    if (this.#told.has(code)) return;
    this.#told.add(code);
    this.#layer.audit.write(NODE_EVENTS.weakened, { code, message, ...details });
    process.emitWarning(message, { code });
  }
}

function adviceFor(peer: string): string {
  const fix = `write proxy: { trusted: ['${peer}'] }`;
  return peer === UNIX_PEER
    ? `a proxy comes over a Unix socket, and what it says of its clients is ignored: they share one limit, and https looks like http; ${fix}`
    : `${peer} sends forwarding headers, which are ignored: if it is your proxy, ${fix}`;
}
