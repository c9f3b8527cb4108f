/** What stands for the name of an account, in counters and in the log: one for each name, and nothing to look it up by. */
import type { KeyRing } from '../../core/key-ring.ts';
import { RATE_LIMIT_KEYS } from './rate-limit.keys.ts';

/** 128 bits of HMAC, base64url. */
const TAG_LENGTH = 22;
/** Enough to tell two accounts apart. */
const LOGGED_LENGTH = 8;

/** The tag of a name in its one form (`account-name.ts`). */
export function accountTag(keys: KeyRing, name: string): string {
  return keys.sign(RATE_LIMIT_KEYS.account, name).toString('base64url').slice(0, TAG_LENGTH);
}

/** What the log shows of a tag. */
export function loggedTag(tag: string): string {
  return tag.slice(0, LOGGED_LENGTH);
}
