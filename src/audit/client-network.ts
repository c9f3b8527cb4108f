/** Less of a person than their address: the network that they come from. */
import { clientKey, parseAddress } from '../core/ip.ts';

const V6_BITS = 48;

/** The /24 of an IPv4 address, the /48 of an IPv6 one: what a provider gives to hundreds, or to one customer among many. */
export function networkOf(address: string): string {
  const read = parseAddress(address);
  // Behind a socket of this machine there is no address, and so nobody's.
  if (read === undefined) return address;
  const key = clientKey(read, V6_BITS);
  // IPv4, or what a translator brought from there.
  return key.includes(':') ? key : key.replace(/\d+$/, '0/24');
}
