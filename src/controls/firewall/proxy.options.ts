import { type OptionTable, type Read, Unfit } from '../../core/options.ts';
import { boolean, integer, listOf, oneOf } from '../../core/readers.ts';
import type { Problems } from '../../core/problems.ts';
import { AddressList, type Network, parseNetwork } from '../../core/address-list.ts';

/** Which headers a proxy writes who asked it in. */
export type ProxyHeader = 'x-forwarded-for' | 'forwarded';

/** The proxies in front of the application: whose word about the client is believed. */
export interface ProxyOptions {
  /**
   * Addresses and networks of your own proxies, such as `['10.0.0.0/8']`, and `'unix'` for one that comes over a Unix
   * socket. Default: none, and no header is read.
   */
  trusted?: readonly string[];
  /** The header they write: `x-forwarded-for` (default, with `X-Forwarded-Proto`) or `forwarded` (RFC 7239). */
  header?: ProxyHeader;
  /**
   * Whether they begin each connection with a head of the PROXY protocol, version 1 or 2, that says who the client is
   * (`send-proxy` of HAProxy, `proxy_protocol on` of nginx). Default false. Connections of anybody else need none.
   */
  protocol?: boolean;
  /** How many bits of an IPv6 address are one client to the limits: 48 to 64, default 64. */
  ipv6Prefix?: number;
}

/** {@link ProxyOptions}, read. */
export interface ProxySettings {
  readonly trusted: AddressList;
  readonly header: ProxyHeader;
  readonly protocol: boolean;
  readonly ipv6Prefix: number;
}

/** Networks wider than these are no list of proxies: they trust whole providers, or everyone. */
const WIDEST_V4_BITS = 8;
const WIDEST_V6_BITS = 16;

/** Who may open the socket is for the permissions of its file to say. */
const UNIX_SOCKET = 'unix';

const network: Read<Network | typeof UNIX_SOCKET> = (value) => {
  if (value === UNIX_SOCKET) return value;
  if (value === '*' || value === true) throw new Unfit(UNSAFE_TRUST, true);
  const parsed = typeof value === 'string' ? parseNetwork(value) : undefined;
  if (parsed === undefined)
    throw new Unfit(
      "an address or a network, such as '10.0.0.0/8' or '192.0.2.1', or 'unix' for a Unix socket",
    );
  if (parsed.bits < (parsed.family === 4 ? WIDEST_V4_BITS : WIDEST_V6_BITS))
    throw new Unfit(UNSAFE_TRUST, true);
  return parsed;
};

const UNSAFE_TRUST =
  'a list of your own proxies; trusting everyone lets everyone write their own address, and no limit holds. Without it, ' +
  'the first request through your proxy has the line to write logged, with its address';

const entries = listOf(network, "a list of addresses, such as ['10.0.0.0/8']");

const trusted: Read<AddressList> = (value, path, problems) => {
  // `true` and '*' are what other layers take for "trust everyone".
  if (value === true || value === '*') throw new Unfit(UNSAFE_TRUST, true);
  const read = entries(value, path, problems);
  const networks = read.filter((entry) => entry !== UNIX_SOCKET);
  return new AddressList(networks, networks.length < read.length);
};

/** The defaults and why. */
export const proxyOptions: OptionTable<ProxySettings> = {
  trusted: {
    default: new AddressList(),
    shown: '[]',
    read: trusted,
    reason: 'Anyone can send these headers: until a proxy is named, the address of the socket is the client.',
    source: 'RFC 7239 8.1; ASVS v5.0.0-4.1.3, v5.0.0-15.3.4',
    example: "proxy: { trusted: ['10.0.0.0/8'] }",
  },
  header: {
    default: 'x-forwarded-for',
    read: oneOf('x-forwarded-for', 'forwarded'),
    reason:
      'What nearly every proxy writes; only one of the two is read, so that the other cannot be smuggled past it.',
    source: 'RFC 7239; de facto X-Forwarded-For',
    example: "proxy: { header: 'forwarded' }",
  },
  protocol: {
    default: false,
    read: boolean,
    reason:
      'Whoever may send such a head says who they are: only a proxy that sends it each time, before a byte of its client.',
    source: 'HAProxy, proxy-protocol.txt 1 and 2',
    example: "proxy: { trusted: ['10.0.0.5'], protocol: true }",
  },
  ipv6Prefix: {
    default: 64,
    read: integer(48, 64),
    reason: 'One line owns a /64 of 2^64 addresses; by single addresses no limit would ever be met.',
    source: 'RFC 6177; RFC 7421',
    example: 'proxy: { ipv6Prefix: 56 }',
  },
};

/** Refuses a protocol that nobody may speak: every client would go on as the proxy, without a word of it. */
export function checkProxy({ protocol, trusted: proxies }: ProxySettings, problems: Problems): void {
  if (!protocol || !proxies.isEmpty) return;
  const reason = 'nobody is believed who they say their client is: name the proxies that speak it.';
  problems.refuse('ERR_BULWARK_INVALID_OPTION', 'proxy.protocol', reason, proxyOptions.protocol.example);
}
