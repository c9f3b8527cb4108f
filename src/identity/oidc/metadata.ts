/** What a provider says of itself, judged before anything is sent where it points. */
import { isIP } from 'node:net';
import type { ServerMetadata } from 'openid-client';
import { isLoopbackName } from '../../core/origin.ts';

/** Metadata that may be used. Other fields are passed on as they came. */
export type Metadata = ServerMetadata & Readonly<Record<(typeof REQUIRED)[number], string>>;

/** Which addresses of a provider are used. */
export interface AddressRule {
  /** As the policy has it. */
  readonly issuer: string;
  /** http on this machine is taken: in development, where the issuer is there too. */
  readonly loopback: boolean;
}

const REQUIRED = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const;
/**
 * Signatures by a key that only the provider has. `none` is no signature; those by the client's own secret (HS256) can
 * be made by whoever has read our configuration, and by the public key where a verifier confuses the two.
 */
const ALGORITHMS: readonly string[] = [
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519',
]; // prettier-ignore
/** Names that mean something inside a network only (RFC 6762, RFC 8375, and ICANN's `internal`). */
const INSIDE = /\.(?:local|internal|localdomain|home\.arpa)$/;

/** Good metadata, or what is wrong with it, for the log. */
export function readMetadata(found: ServerMetadata, rule: AddressRule): Metadata | string {
  // Exactly, as OpenID Connect Discovery 1.0, 4.3 has it: the issuer is half of what accounts are known by.
  if (found.issuer !== rule.issuer) return 'its issuer is not the one in the policy, to the letter';
  for (const name of REQUIRED) {
    const value: unknown = found[name];
    if (typeof value !== 'string' || !mayUse(value, rule))
      return `its ${name} is not an address that is used`;
  }
  const algorithms: unknown = found.id_token_signing_alg_values_supported ?? ['RS256'];
  const usable = Array.isArray(algorithms) ? ALGORITHMS.filter((one) => algorithms.includes(one)) : [];
  if (usable.length === 0) return 'it signs with no algorithm that is taken';
  const { userinfo_endpoint: userInfo, ...rest } = found;
  // It is only for a greeting, and decides nothing: one that is not asked is none.
  const asked = typeof userInfo === 'string' && mayUse(userInfo, rule) && { userinfo_endpoint: userInfo };
  return { ...rest, ...asked, id_token_signing_alg_values_supported: usable } as Metadata;
}

/**
 * Whether an address that a provider names may be used: https, or http on this machine in development. A provider that
 * was taken over, or a name of it, could otherwise have us send requests into our own network.
 */
export function mayUse(address: string, rule: AddressRule): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  if (url.username !== '' || url.password !== '' || url.hash !== '') return false;
  if (url.protocol === 'http:') return rule.loopback && isLoopbackName(url.hostname);
  if (url.protocol !== 'https:') return false;
  // A provider inside the network is one that the policy itself puts there.
  return url.hostname === new URL(rule.issuer).hostname || isPublicName(url.hostname);
}

function isPublicName(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '');
  if (isIP(name.replace(/^\[|\]$/g, '')) !== 0 || isLoopbackName(name)) return false;
  return name.includes('.') && !INSIDE.test(name);
}
