import { hash, timingSafeEqual } from 'node:crypto';

/**
 * Whether two secrets are the same text, in a time that depends on neither. Both are hashed first, so that a
 * difference in length shows no more than a difference in content.
 */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));
}
