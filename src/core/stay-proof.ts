/** What a session has proved that a browser was given because it stays signed in: nothing yet, by whoever is in front of it. */
import type { Principal } from './exchange.ts';

/** When it was proved, as far as `fresh` goes: milliseconds since 1970. No other sign-in says so, one of an unknown time neither. */
export const PROVED_BY_STAY = 1;

/**
 * Whether nobody has proved anything since a stay opened the session. Its cookie can be copied to another machine, and the
 * session that it opens there be bound to that one: the binding says nothing of its owner.
 */
export function isLent({ signedInAt, mfaAt }: Pick<Principal, 'signedInAt' | 'mfaAt'>): boolean {
  return signedInAt === PROVED_BY_STAY && (mfaAt ?? 0) <= PROVED_BY_STAY;
}
