import { MIN_SECRET_BYTES } from './secret-strength.ts';
import { randomBytes } from '../core/random.ts';

/** A secret that nobody can guess: 32 random bytes in base64, 44 characters. */
export function newSecret(): string {
  return randomBytes(MIN_SECRET_BYTES).toString('base64');
}
