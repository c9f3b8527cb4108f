/** The public key of a device: read from what a browser sends, kept as a short text. */
import { hash, type KeyObject } from 'node:crypto';
import { keyOf, type PublicKey, readJwk } from '../../core/jwk.ts';

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

/** A device that proves itself again and again: what is made of it is made once. */
export class KnownDevice {
  /** As it is stored. */
  readonly text: string;
  readonly device: Device;
  /** What browsers know their side of it by: of one key, so that what is left of an earlier session is told from this one. */
  readonly identifier: string;
  #key: KeyObject | undefined;

  constructor(text: string, device: Device) {
    this.text = text;
    this.device = device;
    this.identifier = hash('sha256', text, 'base64url').slice(0, 22);
  }

  /** @throws as {@link keyOf} does */
  get key(): KeyObject {
    this.#key ??= keyOf(this.device);
    return this.#key;
  }
}

/** The device of a text, as {@link readDevice} reads it. */
export function knownDevice(text: string): KnownDevice | undefined {
  const device = readDevice(text);
  return device && new KnownDevice(text, device);
}

/** When a device was bound, without reading the rest of it. */
export function boundAtOf(text: string): number {
  return Number.parseInt(text, 36);
}
