/**
 * Why nobody was signed in. `unknown-provider`: the policy has none of this name. `malformed`: no answer of a provider.
 * `expired`: the attempt was used, is too old, or of another session. `mix-up`: another provider's answer.
 * `not-signed-in`, `other-account`: there is nobody to link to or to ask again, or not the one who began. `denied`: the
 * person said no at the provider. `not-fresh`: it did not say that they signed in anew. `unavailable`: the provider cannot
 * be reached, was too slow, or says so itself. `misconfigured`: it is
 * not as the policy has it, or does not know this application. `invalid`: its answer does not hold.
 */
export type OidcRefusal =
  | 'unknown-provider'
  | 'malformed'
  | 'expired'
  | 'mix-up'
  | 'not-signed-in'
  | 'other-account'
  | 'denied'
  | 'not-fresh'
  | 'unavailable'
  | 'misconfigured'
  | 'invalid';

/** Ends an attempt. Stays inside this room. */
export class Fault extends Error {
  readonly reason: OidcRefusal;
  /** For the log: our own words or codes, never what a provider or a visitor wrote. */
  readonly detail: string | undefined;
  /** Known from the provider itself. `hearsay` stood in an address, which a visitor can write. */
  readonly source: 'provider' | 'hearsay';

  constructor(reason: OidcRefusal, detail?: string, source: Fault['source'] = 'provider') {
    super(reason);
    this.reason = reason;
    this.detail = detail;
    this.source = source;
  }
}
