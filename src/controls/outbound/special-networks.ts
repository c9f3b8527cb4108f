/**
 * Addresses that are not the public internet: a request of ours to one of them reaches what only this machine or its
 * network may reach (CWE-918). From IANA's registries of special-purpose addresses, IPv4 and IPv6 (RFC 6890), read on
 * 2026-11-30, and two that clouds have put on public addresses.
 */
import { AddressList, parseNetwork } from '../../core/address-list.ts';
import { type IpAddress, parseAddress } from '../../core/ip.ts';

/** Why an address is not public, for the log. */
type Special = string;

const SPECIAL_V4: readonly (readonly [network: string, why: Special])[] = [
  ['0.0.0.0/8', 'this network (RFC 791)'],
  ['10.0.0.0/8', 'private (RFC 1918)'],
  ['100.64.0.0/10', 'shared address space (RFC 6598)'],
  ['127.0.0.0/8', 'loopback (RFC 1122)'],
  ['168.63.129.16/32', 'the services of Azure for its own machines'],
  ['169.254.0.0/16', 'link-local (RFC 3927), where clouds keep their metadata'],
  ['172.16.0.0/12', 'private (RFC 1918)'],
  ['192.0.0.0/24', 'protocol assignments (RFC 6890)'],
  ['192.0.2.0/24', 'documentation (RFC 5737)'],
  ['192.88.99.0/24', 'a relay of 6to4 (RFC 7526)'],
  ['192.168.0.0/16', 'private (RFC 1918)'],
  ['198.18.0.0/15', 'benchmarks (RFC 2544)'],
  ['198.51.100.0/24', 'documentation (RFC 5737)'],
  ['203.0.113.0/24', 'documentation (RFC 5737)'],
  ['224.0.0.0/4', 'multicast (RFC 5771)'],
  ['240.0.0.0/4', 'reserved, and broadcast (RFC 1112, RFC 919)'],
];

/** Of the part of IPv6 that is given out at all. */
const SPECIAL_V6: readonly (readonly [network: string, why: Special])[] = [
  ['2001::/23', 'protocol assignments, Teredo among them (RFC 2928, RFC 4380)'],
  ['2001:db8::/32', 'documentation (RFC 3849)'],
  ['2002::/16', '6to4, which holds an IPv4 address (RFC 3056)'],
  ['3fff::/20', 'documentation (RFC 9637)'],
];

/** All that is given out as global unicast: loopback, unique local, link-local, multicast and the rest are outside of it. */
const GLOBAL_V6 = listed([['2000::/3', '']]);
/** Translated to the IPv4 address in its last 32 bits: as reachable as that one is (RFC 6052). */
const TRANSLATED = listed([['64:ff9b::/96', '']]);
const V4 = listed(SPECIAL_V4);
const V6 = listed(SPECIAL_V6);

/** Why an address is no public one; undefined where it is. An IPv4 address inside an IPv6 one is judged as itself. */
export function whyNotPublic(address: IpAddress): Special | undefined {
  if (address.family === 4) return found(V4, address);
  if (found(TRANSLATED, address) !== undefined) {
    const [high = 0, low = 0] = address.words.slice(6);
    const inner = parseAddress(`${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`);
    return inner === undefined ? OUTSIDE : whyNotPublic(inner);
  }
  if (found(GLOBAL_V6, address) === undefined) return OUTSIDE;
  return found(V6, address);
}

const OUTSIDE = 'outside of global unicast IPv6 (RFC 4291)';

type Listed = readonly (readonly [AddressList, Special])[];

function listed(networks: readonly (readonly [network: string, why: Special])[]): Listed {
  return networks.map(([text, why]) => {
    const network = parseNetwork(text);
    if (network === undefined) throw new TypeError(`${text} is no network`);
    return [new AddressList([network]), why];
  });
}

function found(list: Listed, address: IpAddress): Special | undefined {
  return list.find(([network]) => network.has(address))?.[1];
}
