/** What the parts of this room share. */
import type { Audit } from '../../core/events.ts';
import type { KeyRing } from '../../core/key-ring.ts';
import type { CounterStore } from '../../stores/ports/counters.ts';
import type { FactorStore } from '../../stores/ports/factors.ts';
import type { MfaSettings } from './mfa.options.ts';
import type { RelyingParty } from './relying-party.ts';
import { MFA_EVENTS } from './mfa.events.ts';

/** What a call needs of the request it is made for: `bulwark.of(request)` is one. */
export interface Visit {
  /** Where events go. */
  readonly audit: Audit;
}

/** A {@link Visit} with a session to which a challenge can be bound: `bulwark.of(request)` is one. */
export interface SessionVisit extends Visit {
  readonly session: {
    /** A token that works once, in this session, for one purpose. */
    issueToken(purpose: string, ttlMs: number): Promise<string>;
    useToken(purpose: string, token: string | undefined): Promise<boolean>;
  };
}

/** The parts that second factors are made of. */
export interface MfaContext {
  readonly store: FactorStore;
  readonly counters: CounterStore;
  readonly keys: KeyRing;
  readonly settings: MfaSettings;
  /** What people see: the service's name. */
  readonly name: string;
  readonly relyingParty: RelyingParty;
  /** Milliseconds since 1970: this machine's clock, and nobody else's (ASVS v5.0.0-6.5.8). */
  readonly clock: () => number;
}

/**
 * Has every device prove a second factor again. A factor is removed or replaced because someone else may have it: what
 * they remembered with it must not outlive it.
 */
export async function forgetRememberedBrowsers(
  context: MfaContext,
  visit: Visit,
  account: string,
): Promise<number> {
  const count = await context.store.rememberedBrowsers.removeAll(account);
  if (count > 0) visit.audit(MFA_EVENTS.revoked, { factor: 'remembered-device', account, count });
  return count;
}
