/** The public key of a device: read from what a browser sends, kept as a short text. */
import { type PublicKey, readJwk } from '../../core/jwk.ts';

/** What a device may sign by: what Chromium offers, and both that W3C's draft names. */
export type DeviceAlgorithm = 'ES256' | 'RS256';

/** Every {@link DeviceAlgorithm}, the one we would rather have first. */
export const ALGORITHMS: readonly DeviceAlgorithm[] = ['ES256', 'RS256'];

/** A device, as it was bound. */
export interface Device extends PublicKey {
  readonly boundAt: number;
}

/** The device whose key a browser brings, if it is a key of ours. */
export function newDevice(algorithm: PublicKey['algorithm'], jwk: unknown, now: number): Device | undefined {
  const key = readJwk(algorithm, jwk);
  return key && { boundAt: now, ...key };
}

/** As it is stored with the session. */
export function deviceText({ boundAt, algorithm, numbers }: Device): string {
  return [boundAt.toString(36), algorithm, ...numbers].join('.');
}

/** What {@link deviceText} wrote. Undefined: a store gave back what was never stored. */
export function readDevice(text: string): Device | undefined {
  const [boundAt = '', algorithm, ...numbers] = text.split('.');
  if (algorithm !== 'ES256' && algorithm !== 'RS256') return undefined;
  return { boundAt: Number.parseInt(boundAt, 36), algorithm, numbers };
}

/** When a device was bound, without reading the rest of it. */
export function boundAtOf(text: string): number {
  return Number.parseInt(text, 36);
}
