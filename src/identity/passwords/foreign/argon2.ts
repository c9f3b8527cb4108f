/** The argon2 hashes that are not Bulwark's own: Django's, the other variants, and the version of 2012. */
import { timingSafeEqual } from 'node:crypto';
import { argon2Engine, type Argon2Variant } from '../argon2.ts';
import {
  type Argon2Cost,
  isWithinBounds,
  MAX_MEMORY_KIB,
  MAX_PARALLELISM,
  MAX_PASSES,
} from '../phc-string.ts';
import { decodeUnpadded } from './encodings.ts';
import { type BarredHash, type HashFormat, type Preparation, tooDear, WHOLE } from './format.ts';

/** A hash by argon2. */
export interface ForeignArgon2Hash extends Argon2Cost, Preparation {
  readonly kind: 'argon2';
  readonly format: HashFormat;
  readonly variant: Argon2Variant;
  readonly version: 16 | 19;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

// Before version 1.3 there was no `v=`.
const PATTERN = new RegExp(
  `^\\$(argon2(?:id|i|d))(?:\\$v=(16|19))?\\$m=${WHOLE},t=${WHOLE},p=${WHOLE}\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{22,86})$`,
);

/** Reads a PHC string of argon2. */
export function parseForeignArgon2(
  text: string,
  format: HashFormat,
): ForeignArgon2Hash | BarredHash | undefined {
  const [, variant, version = '16', m, t, p, saltText = '', tagText = ''] = PATTERN.exec(text) ?? [];
  const [salt, tag] = [decodeUnpadded(saltText), decodeUnpadded(tagText)];
  if (variant === undefined || salt === undefined || tag === undefined) return undefined;
  const cost = { memory: Number(m), passes: Number(t), parallelism: Number(p) };
  if (cost.memory < 8 * cost.parallelism) return undefined;
  if (!isWithinBounds(cost)) {
    return tooDear(
      format,
      `argon2 with m=${m}, t=${t}, p=${p}`,
      `m=${MAX_MEMORY_KIB}, t=${MAX_PASSES}, p=${MAX_PARALLELISM}`,
    );
  }
  return {
    kind: 'argon2',
    format,
    variant: variant as Argon2Variant,
    version: version === '19' ? 19 : 16,
    ...cost,
    salt,
    tag,
  };
}

/** Whether a password has this hash; `no-library` where nothing here computes this version. */
export async function matchesArgon2(
  hash: ForeignArgon2Hash,
  password: Buffer,
): Promise<boolean | 'no-library'> {
  const engine = argon2Engine();
  if (!engine.versions.includes(hash.version)) return 'no-library';
  const { tag } = hash;
  const derived = await engine.derive({
    ...hash,
    message: password,
    secret: undefined,
    tagLength: tag.byteLength,
  });
  return timingSafeEqual(derived, tag);
}
