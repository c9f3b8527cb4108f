/** Lists of addresses and networks, as policies write them. */
import { type IpAddress, parseAddress, wordMask } from './ip.ts';

/** A network: every address whose first `bits` bits are these. */
export interface Network {
  readonly family: 4 | 6;
  readonly words: readonly number[];
  readonly bits: number;
}

/** Addresses and networks. A list of proxies has a handful, so it is walked. */
export class AddressList {
  readonly #networks: readonly Network[];
  /** Whether clients over a Unix socket are on the list: they have no address. */
  readonly unixSocket: boolean;

  constructor(networks: readonly Network[] = [], unixSocket = false) {
    this.#networks = networks;
    this.unixSocket = unixSocket;
  }

  /** Whether nobody at all is on the list. */
  get isEmpty(): boolean {
    return this.#networks.length === 0 && !this.unixSocket;
  }

  /** Whether another list has the same on it, in whatever order. */
  isSame(other: AddressList): boolean {
    return this.#text() === other.#text();
  }

  #text(): string {
    const networks = this.#networks.map(({ family, words, bits }) => `${family}/${words.join('.')}/${bits}`);
    return [...new Set(networks), this.unixSocket].toSorted().join();
  }

  /** Whether an address is on the list. */
  has(address: IpAddress): boolean {
    return this.#networks.some((network) => contains(network, address));
  }
}

/**
 * Reads an address (`192.0.2.1`) or a network in CIDR form (`10.0.0.0/8`, RFC 4632). An address inside a network
 * (`10.1.2.3/8`) is none: it says two things, and one of them is a mistake. Mapped IPv6 is read as IPv4.
 */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/');
  const address = text.includes('%') ? undefined : parseAddress(slash === -1 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const width = address.family === 4 ? 32 : 128;
  const bits = slash === -1 ? width : readBits(text.slice(slash + 1), address, text);
  if (bits === undefined || bits < 0 || bits > width) return undefined;
  const isNetwork = address.words.every((word, index) => (word & wordMask(bits, index)) === word);
  return isNetwork ? { family: address.family, words: address.words, bits } : undefined;
}

function readBits(text: string, address: IpAddress, whole: string): number | undefined {
  if (!/^(?:0|[1-9]\d{0,2})$/.test(text)) return undefined;
  const mapped = address.family === 4 && whole.includes(':');
  return mapped ? Number(text) - 96 : Number(text);
}

function contains(network: Network, address: IpAddress): boolean {
  if (network.family !== address.family) return false;
  return network.words.every((word, index) => {
    return ((address.words[index] ?? 0) & wordMask(network.bits, index)) === word;
  });
}
