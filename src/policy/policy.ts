/** The policy: everything an application declares, with secure defaults. Its sections are those of the rooms (controls.ts). */
import type { RefusalWordsFor } from '../accounts/words/refusal-words.ts';
import type { FrameworkName } from '../controls/access/frameworks.ts';
import type { RefusalPagesFor } from '../controls/errors/render.ts';
import type { EventKind } from '../core/events.ts';
import type { KeyRing } from '../core/key-ring.ts';
import type { OriginParts } from '../core/origin.ts';
import type { Environment, Problems } from '../core/problems.ts';
import type { SecretProvider } from '../secrets/provider.ts';
import type { StatePlaces } from '../stores/joined.ts';
import type { State } from '../stores/ports/state.ts';
import type { ProvidersOptions, ProvidersSettings } from '../identity/oidc/oidc.options.ts';
import type { PolicySections, WrittenSections } from './controls.ts';
import type { RouteOptions } from './route.options.ts';
import type { RouteTable } from './route-table.ts';
import type { KnownEvents } from './own-events.ts';
import type { GuardPlacement, PlacedGuard } from './own-guards.ts';

/** What an application declares. Everything may be left out: the defaults are in docs/manual/defaults.md. */
export interface PolicyOptions extends WrittenSections {
  /**
   * The public origin, such as `https://files.example.com`. Default: the environment's `BULWARK_ORIGIN`, else none,
   * and then only loopback hosts are answered.
   */
  origin?: string;
  /** Default: `development` where NODE_ENV is `development` or `test`, else `production`. */
  environment?: Environment;
  /** Where secrets come from. Default: `env()`. */
  secrets?: SecretProvider;
  /**
   * Where sessions, counters, second factors and accounts live. Default: `sqlite('data/')`. In two places:
   * `{ shared, records }`, the first for sessions and counters, which every request asks for, the second for second
   * factors and accounts, which must outlive everything: `{ shared: await redis(client), records: await postgres(pool) }`.
   */
  state?: State | StatePlaces;
  /** Controls of the application's own, each with its place among ours: `[{ after: 'session', guard: openingHours }]`. */
  guards?: readonly GuardPlacement[];
  /** Events of the application's own, which `bulwark.of(request).audit` takes beside those of docs/events.md. */
  events?: readonly EventKind[];
  /** Sign-in with others, by the name that stands in addresses: `google` for `/login/with/google/callback`. */
  providers?: ProvidersOptions;
  /** What single routes ask for, by pattern: `'POST /login'`, `'/admin/**'`. */
  routes?: Record<string, RouteOptions>;
}

/**
 * What tells a policy that was read from one that is only declared. A name that all copies of this package share: one
 * may be bundled with the application, and another not.
 */
export const READ: unique symbol = Symbol.for('bulwark.policy');

/** A policy that was read whole and refused nowhere: what the layer is made from. */
export interface Policy extends Omit<PolicySections, 'accounts' | 'accountPages' | 'console'> {
  readonly [READ]: true;
  /** Undefined: none are declared. */
  readonly accounts: PolicySections['accounts'] | undefined;
  /** Undefined: there are no accounts, or the application has pages of its own. */
  readonly accountPages: PolicySections['accountPages'] | undefined;
  /** Undefined: there is none. */
  readonly console: PolicySections['console'] | undefined;
  readonly providers: ProvidersSettings;
  /** What pages of errors say. Undefined: what refusals say of themselves, in English. */
  readonly refusalWords: RefusalWordsFor | undefined;
  /** Pages of errors of the site's own. */
  readonly refusalPages?: RefusalPagesFor | undefined;
  readonly environment: Environment;
  /** Whether it was read while an application is built: what is made of it serves nobody. */
  readonly building?: boolean;
  readonly origin: OriginParts | undefined;
  readonly keys: KeyRing;
  /** Where these came from, and may be asked for again. */
  readonly secretProvider: SecretProvider | undefined;
  readonly state: State;
  readonly routes: RouteTable;
  readonly guards: readonly PlacedGuard[];
  /** Every event that may be written, by its name: those of Bulwark and those that the application declares. */
  readonly events: KnownEvents;
  /** The full-stack frameworks that the application's package.json names. */
  readonly frameworks: readonly FrameworkName[];
  /** What was let pass and should be known, in words for the log. */
  readonly warnings: Problems['warnings'];
}

/**
 * Declares a policy, with completion and type checks in an editor. It is read and checked when a layer is made of it.
 *
 * @example
 * ```ts
 * export default definePolicy({
 *   origin: 'https://files.example.com',
 *   routes: { 'POST /login': { limit: '5/minute', by: ['client', 'account'] } },
 * });
 * ```
 */
export function definePolicy(options: PolicyOptions): PolicyOptions {
  return options;
}
