/** Where a request of ours may go: an address as users give it is judged here, the address it leads to in `guarded-lookup.ts`. */
import { networkInterfaces } from 'node:os';
import { isIP } from 'node:net';
import { type IpAddress, parseAddress } from '../../core/ip.ts';
import type { OutboundSettings } from './outbound.options.ts';
import { whyNotPublic } from './special-networks.ts';

/** What decides where a request may go. */
export type DestinationRule = Pick<OutboundSettings, 'schemes' | 'ports' | 'hosts' | 'allow'>;

/** An address that may be asked, as far as its text tells, or why not. */
export type Destination =
  | { readonly ok: true; readonly url: URL }
  | { readonly ok: false; readonly reason: string };

const LONGEST = 8192;

/**
 * Judges the text of an address. Numbers in any notation that URLs have are one host by then: the parser is that of the
 * URL Standard, and what is asked is what it read.
 */
export function judgeUrl(address: string | URL, rule: DestinationRule): Destination {
  const text = String(address);
  if (text.length > LONGEST || !URL.canParse(text)) return no('it is no address with a scheme and a host');
  const url = new URL(text);
  const scheme = url.protocol.slice(0, -1);
  if (!rule.schemes.some((one) => one === scheme)) return no('its scheme is not among outbound.schemes');
  if (url.username !== '' || url.password !== '') return no('it has a name or a password in it');
  if (!rule.ports.includes(portOf(url))) return no('its port is not among outbound.ports');
  if (rule.hosts !== undefined && !rule.hosts.some((host) => isHost(url.hostname, host)))
    return no('its host is not among outbound.hosts');
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  const reason = isIP(bare) === 0 ? undefined : judgeAddress(bare, rule);
  return reason === undefined ? { ok: true, url } : no(reason);
}

/** Why an IP address must not be connected to; undefined where it may be. */
export function judgeAddress(text: string, rule: Pick<DestinationRule, 'allow'>): string | undefined {
  const address = parseAddress(text);
  if (address === undefined) return 'it leads to no IP address';
  if (rule.allow.has(address)) return undefined;
  const special = whyNotPublic(address);
  if (special !== undefined) return `it leads to an address that is not public: ${special}`;
  return isOwn(address) ? 'it leads to an address of this machine' : undefined;
}

/** The port that is connected to. */
export function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

function isHost(hostname: string, host: string): boolean {
  const name = hostname.replace(/\.$/, '');
  return host.startsWith('*.') ? name.endsWith(host.slice(1)) : name === host;
}

/** What listens on this machine's public address is often meant for the machine alone, and trusts it. */
function isOwn(address: IpAddress): boolean {
  return Object.values(networkInterfaces()).some((list = []) =>
    list.some((one) => parseAddress(one.address)?.text === address.text),
  );
}

function no(reason: string): Destination {
  return { ok: false, reason };
}
