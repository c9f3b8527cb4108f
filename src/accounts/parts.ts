/** What accounts are made of, and what is handed in. */
import type { ApiTokens } from '../controls/api-tokens/api-tokens.ts';
import type { Audit } from '../core/events.ts';
import type { KeyRing } from '../core/key-ring.ts';
import type { OriginParts } from '../core/origin.ts';
import type { MfaOptions } from '../identity/mfa/mfa.options.ts';
import type { SignInProviders } from '../identity/oidc/oidc.ts';
import type { Passwords } from '../identity/passwords/passwords.ts';
import type { ProofOfWork } from '../identity/proof-of-work/proof-of-work.ts';
import type { State } from '../stores/ports/state.ts';
import type { SessionEnder } from './context.ts';
import type { MailTransport } from './mail/mail.ts';

/** What accounts need of a policy: what `loadPolicy` gives back has it. */
export interface AccountsPolicy {
  readonly state: {
    /** Who is left when this process ends, and sends what it has not. Nobody, where it is not said. */
    readonly reach?: State['reach'];
    readonly counters: State['counters'];
    readonly factors?: State['factors'] | undefined;
    readonly accounts?: State['accounts'] | undefined;
  };
  readonly keys: KeyRing;
  readonly origin: OriginParts | undefined;
  readonly environment: 'production' | 'development';
}

/** What accounts need of a layer: what `bulwark(policy)` gives back has it. */
export interface AccountsLayer {
  readonly sessions: SessionEnder;
  readonly audit: Audit;
}

/** What accounts are made with. */
export interface AccountsParts {
  /** What sends mails: `smtp(...)`, or `developmentMail()` on a laptop. */
  readonly mail: MailTransport;
  readonly passwords?: Passwords;
  /** What `challenge` asks for, where its options differ: `ProofOfWork.of(policy, { bits: 14 })`. */
  readonly proofOfWork?: ProofOfWork;
  /** The tokens of `ApiTokens.of(policy)`: then people make and revoke theirs on their account pages. */
  readonly apiTokens?: ApiTokens;
  /** Those of `SignInProviders.of(policy, ...)`: then people link accounts they have there, and sign in with them. */
  readonly providers?: SignInProviders;
  /** Options of second factors. The name of the service is that of the accounts. */
  readonly mfa?: MfaOptions;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/** An account that an operator makes. */
export interface NewAccount {
  readonly email: string;
  /** As `passwords.hash` makes it, or another library that `describeHash` knows. Without it nobody signs in by a password. */
  readonly passwordHash?: string;
  /** Default: those of the options. */
  readonly roles?: readonly string[];
}
