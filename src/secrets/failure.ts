/** What may be said of a provider that failed. */
import { BulwarkError } from '../core/errors.ts';
import { Rotating } from './rotation-lock.ts';
import { codeOf } from './secret-file.ts';

/**
 * Words of our own, which quote no value; of an error of anybody else the code alone. What `fetch` throws has its code in the
 * cause: whether nobody listens or a certificate is not trusted is what whoever mends it needs to know.
 */
export function failureOf(error: unknown): string {
  if (error instanceof BulwarkError || error instanceof Rotating) return error.message;
  const { cause } = error instanceof Error ? error : {};
  return cause instanceof Error && 'code' in cause ? codeOf(cause) : codeOf(error);
}
