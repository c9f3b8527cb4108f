/** Passwords that are known from breaches: tried first against every sign-in form and every stolen table. */
import { hash } from 'node:crypto';
import type { Audit } from '../../../core/events.ts';
import type { MaybePromise } from '../../../core/maybe-promise.ts';

/** What a look-up says. `unchecked`: nothing could be looked up, and the source holds that to be a reason to refuse. */
export type BreachAnswer = 'breached' | 'not-found' | 'unchecked';

/** What a look-up may need of the request it belongs to. */
export interface LookUpContext {
  /** The request's: whoever has left needs no answer. */
  readonly signal?: AbortSignal;
  /** Where a source that fails says so: `bulwark.of(request).audit`. */
  readonly audit?: Audit;
}

/** Something that knows breached passwords: `filterFile(...)`, `rangeService(...)`, or an object of this shape. */
export interface BreachedPasswords {
  /**
   * Looks up one password. Never rejects for a reason that lies with the source.
   *
   * @param sha1 - the SHA-1 of the password, 20 bytes, which is how the published lists have it
   */
  lookUp(sha1: Uint8Array, context: LookUpContext): MaybePromise<BreachAnswer>;
}

/**
 * Looks up a password in the form it was sent in, and in the NFC form that is hashed where that is another: lists have
 * what people typed.
 */
export async function lookUpPassword(
  source: BreachedPasswords,
  password: string,
  context: LookUpContext,
): Promise<BreachAnswer> {
  const forms = new Set([password.normalize('NFC'), password]);
  let answer: BreachAnswer = 'not-found';
  for (const form of forms) {
    const found = await source.lookUp(hash('sha1', form, 'buffer'), context);
    if (found === 'breached') return found;
    if (found === 'unchecked') answer = found;
  }
  return answer;
}
