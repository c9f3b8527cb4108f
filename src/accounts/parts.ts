/** What accounts are made of. */
import type { ApiTokensSettings } from '../controls/api-tokens/api-tokens.options.ts';
import type { Audit } from '../core/events.ts';
import type { MetricSource } from '../core/metrics.ts';
import type { Exchange } from '../core/exchange.ts';
import type { LAYER_PARTS } from '../core/layer-parts.ts';
import type { MfaPolicy } from '../identity/mfa/mfa.ts';
import type { OidcPolicy } from '../identity/oidc/oidc.ts';
import type { PasswordsSettings } from '../identity/passwords/passwords.options.ts';
import type { ChallengeSettings } from '../identity/proof-of-work/proof-of-work.options.ts';
import type { AccountStore } from '../stores/ports/accounts.ts';
import type { State } from '../stores/ports/state.ts';
import type { AccountsSettings } from './accounts.options.ts';
import type { AccountSessions } from './context.ts';

/** What accounts need of a policy: what `loadPolicy` gives back has it. */
export interface AccountsPolicy extends MfaPolicy, OidcPolicy {
  readonly state: MfaPolicy['state'] & {
    /** Who is left when this process ends, and sends what it has not. Nobody, where it is not said. */
    readonly reach?: State['reach'];
    readonly accounts?: AccountStore;
  };
  /** Undefined: the policy declares none. */
  readonly accounts: AccountsSettings | undefined;
  readonly accountPages?: { readonly base: string } | undefined;
  /** Its role is that of operators, and its time that of their second factor, also where they act by other means. */
  readonly console?: { readonly role: string; readonly freshActs: number } | undefined;
  readonly passwords: PasswordsSettings;
  readonly session?: { readonly perAccount: number | undefined };
  readonly challenge: ChallengeSettings;
  readonly apiTokens: ApiTokensSettings;
}

/** What accounts stand on. */
export interface AccountsGround {
  readonly policy: AccountsPolicy;
  readonly sessions: AccountSessions;
  readonly audit: Audit;
  /** Has something done where the cookie of a session was used without its device. Not there: no session is bound to one. */
  readonly onDeviceMisuse?: ((tell: (account: string, exchange: Exchange) => unknown) => void) | undefined;
  /** Has something done when the layer is closed, before its stores are. */
  onClose(close: () => Promise<void>): void;
  /** Adds figures to those of the layer. */
  onMetrics?(source: MetricSource): void;
}

/** What accounts need of a layer: what `bulwark(policy)` gives back has it. */
export interface AccountsLayer {
  readonly [LAYER_PARTS]: AccountsGround;
}

/** An account that an operator makes. */
export interface NewAccount {
  readonly email: string;
  /** As `passwords.hash` makes it, or another library that `describeHash` knows. Without it nobody signs in by a password. */
  readonly passwordHash?: string;
  /** Default: those of the options. */
  readonly roles?: readonly string[];
}

/** A verdict of something that was added. */
export type Added<T> = Extract<T, { readonly ok: true }>;

/** A second factor that is added to an account: `accounts.addFactor`. */
export interface FactorToAdd<T extends { readonly ok: boolean }> {
  /** Adds it: `() => accounts.factors.totp.confirm(visit, record.id, code)`. */
  readonly add: () => Promise<T>;
  /** What it is, for the account's own history. */
  readonly what: (added: Added<T>) => string;
  /** Removes it again: whose session ended while it was added leaves no factor behind. */
  readonly undo: (added: Added<T>) => Promise<unknown>;
}
