import { AddressList, type Network, parseNetwork } from '../../core/address-list.ts';
import { type OptionTable, type Read, Unfit } from '../../core/options.ts';
import {
  type Duration,
  duration,
  integer,
  listOf,
  oneOf,
  optional,
  type Size,
  size,
  text,
} from '../../core/readers.ts';

/** Requests of the application to addresses that its users give: where they may go, and how much may come back. */
export interface OutboundOptions {
  /** `https`, and `http` where a user's own server has no other. */
  schemes?: readonly ('https' | 'http')[];
  /** Ports that may be named. */
  ports?: readonly number[];
  /** These hosts and no others: `hooks.example.com`, or `*.example.com` for every name below it. Default: any. */
  hosts?: readonly string[];
  /** Networks that are not public and may be reached all the same, such as `['10.20.0.0/16']`. */
  allow?: readonly string[];
  /** Redirects that are followed, each judged anew: 0 to 10. */
  redirects?: number;
  /** For all of it, from the name to the last byte. */
  timeout?: Duration;
  /** Bytes of an answer, as sent and as inflated. */
  size?: Size;
}

/** {@link OutboundOptions}, read. The timeout is milliseconds, the size bytes. */
export interface OutboundSettings {
  readonly schemes: readonly ('https' | 'http')[];
  readonly ports: readonly number[];
  readonly hosts: readonly string[] | undefined;
  readonly allow: AddressList;
  readonly redirects: number;
  readonly timeout: number;
  readonly size: number;
}

const MB = 1_048_576;

const network: Read<Network> = (value) => {
  const parsed = typeof value === 'string' ? parseNetwork(value) : undefined;
  if (parsed === undefined) throw new Unfit("an address or a network, such as '10.20.0.0/16'");
  if (parsed.bits < 8)
    throw new Unfit('a list of networks of your own; a wider one opens what must stay closed', true);
  return parsed;
};
const networks = listOf(network, "a list of networks, such as ['10.20.0.0/16']");
const allow: Read<AddressList> = (value, path, problems) => new AddressList(networks(value, path, problems));

const HOST = /^(?:\*\.)?(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z\d-]{2,63}$/;

/** The defaults and why. */
export const outboundOptions: OptionTable<OutboundSettings> = {
  schemes: {
    default: ['https'],
    read: listOf(oneOf('https', 'http'), "a list of 'https' and 'http'"),
    reason:
      'What is asked of a stranger in clear can be read and changed on the way; other schemes read files.',
    source: 'OWASP Server-Side Request Forgery Prevention Cheat Sheet; ASVS v5.0.0-1.3.6',
    example: "outbound: { schemes: ['https', 'http'] }",
  },
  ports: {
    default: [443],
    read: listOf(integer(1, 65_535), 'a list of ports, such as [443, 8443]'),
    reason: 'Whoever chooses the port chooses the service: mail, databases and caches answer to HTTP too.',
    source: 'OWASP Server-Side Request Forgery Prevention Cheat Sheet; ASVS v5.0.0-1.3.6',
    example: 'outbound: { ports: [443, 8443] }',
  },
  hosts: {
    default: undefined,
    shown: 'any',
    read: optional(
      listOf(text(HOST, "a host name, or '*.' and a name"), "a list of hosts, such as ['hooks.example.com']"),
    ),
    reason: 'Users give addresses that nobody knows before; where they are known, a list is better.',
    source: 'ASVS v5.0.0-13.2.4, v5.0.0-13.2.5',
    example: "outbound: { hosts: ['hooks.example.com', '*.partner.example'] }",
  },
  allow: {
    default: new AddressList(),
    shown: '[]',
    read: allow,
    reason:
      'This machine, its network and the metadata of its cloud answer whoever is inside, and this process is.',
    source: 'IANA special-purpose address registries (RFC 6890); CWE-918',
    example: "outbound: { allow: ['10.20.0.0/16'] }",
  },
  redirects: {
    default: 3,
    read: integer(0, 10),
    reason: 'Some sites lead from one name to another; each of them is judged as the first was.',
    source: 'ASVS v5.0.0-15.3.2; CWE-918',
    example: 'outbound: { redirects: 0 }',
  },
  timeout: {
    default: 10_000,
    shown: '10s',
    read: duration(100, 600_000),
    reason: 'A server that answers byte by byte holds what waits for it.',
    source: 'ASVS v5.0.0-13.2.6; CWE-400',
    example: "outbound: { timeout: '10s' }",
  },
  size: {
    default: 10 * MB,
    shown: '10MB',
    read: size(1024, 1024 * MB),
    reason: 'An answer without an end fills the memory, and a small one can inflate to it.',
    source: 'CWE-409, CWE-770',
    example: "outbound: { size: '10MB' }",
  },
};
