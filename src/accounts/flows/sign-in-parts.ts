/** What signing in takes and gives, and what its steps share. */
import type { AccountRecord } from '../../stores/ports/accounts.ts';
import { ACCOUNTS_EVENTS } from '../accounts.events.ts';
import type { Account, AccountVisit } from '../context.ts';
import type { FirstMeans } from './pending-sign-in.ts';
import type { StayWish } from './stays.ts';

/** What is typed to sign in. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** Whether they want to stay signed in in this browser, where the policy lets them. */
  readonly stay?: boolean | undefined;
}

/** What another service says of someone who signed in there. */
export interface ProviderProof {
  /** The provider's name in the policy. */
  readonly provider: string;
  /** When they proved there who they are: milliseconds since 1970. Unknown: too long ago for whatever asks for a fresh proof. */
  readonly provedAt: number | undefined;
  /** Whether they want to stay signed in in this browser, where the policy lets them. */
  readonly stay?: boolean | undefined;
}

/** The second factors of an account that is half signed in. */
export interface FactorChoice {
  readonly totp: boolean;
  readonly passkey: boolean;
  readonly recoveryCodes: boolean;
}

/**
 * What became of a sign-in. `credentials`: they do not go together, or the account may not sign in; nobody is told
 * which. `wait`: too many tries. `expired`: the password was proved too long ago, or something changed since.
 */
export type SignInVerdict =
  | { readonly ok: true; readonly done: true; readonly account: Account }
  | { readonly ok: true; readonly done: false; readonly choice: FactorChoice }
  | { readonly ok: false; readonly reason: 'credentials' | 'expired' | 'factor' }
  | { readonly ok: false; readonly reason: 'wait'; readonly retryAfterMs: number };

/** By what a sign-in was proved, for the log and the account's own history. */
export type SignInMeans = FirstMeans | `${FirstMeans} and second factor` | 'passkey';

/** What goes with the proof of a sign-in. */
export interface Proof {
  /** Whether a second factor was proved. */
  readonly mfa?: boolean;
  /** When, in milliseconds since 1970, if not just now: a remembered browser is no fresh proof. */
  readonly provedAt?: number | undefined;
  /** It is whoever has just made the account: a browser that it does not know is no news. */
  readonly first?: boolean;
  /** Whether the browser stays signed in from here, or comes because it does. */
  readonly stay?: StayWish | undefined;
}

/**
 * `again`: whoever is signed in proves that it is still them; a remembered browser is no proof of that, and neither is
 * anybody else's password, passkey, code or account elsewhere (WebAuthn 7.2, step 6).
 */
export type Occasion = 'sign-in' | 'again';

/** What was proved first. */
export interface FirstProof {
  readonly means: FirstMeans;
  /** Milliseconds since 1970, if not just now. */
  readonly provedAt?: number;
  readonly stay?: StayWish | undefined;
}

/** A sign-in that is half done, and the account as it was then. */
export interface Way {
  readonly record: AccountRecord;
  readonly means: FirstMeans;
  readonly stay: StayWish | undefined;
}

/** Whether someone else is signed in here than the one who proves to be still there. */
export function isOther({ session }: AccountVisit, { id }: AccountRecord, occasion: Occasion): boolean {
  return occasion === 'again' && session.principal?.account !== id;
}

/** Says no to it, as to a wrong password. */
export function refuseOther({ audit, session }: AccountVisit, { id }: AccountRecord): SignInVerdict {
  const reason = 'a proof of another account than the one that is signed in';
  audit(ACCOUNTS_EVENTS.signInFailed, { account: session.principal?.account, reason, other: id });
  return { ok: false, reason: 'credentials' };
}

/** Why a password signed nobody in: for the log alone. */
export function whyNot(record: AccountRecord | undefined, matches: boolean, spent: boolean): string {
  if (record === undefined) return 'no such account';
  if (!matches) return 'wrong password';
  return spent ? 'its password must be reset first' : 'the account is disabled';
}
