/** `bulwark`: what a policy is written with. The layer itself is in `bulwark/express`, `bulwark/node` ... */
export {
  definePermissions,
  type PermissionRule,
  type PermissionRules,
  type Permissions,
  type PermissionView,
} from './controls/access/permissions.ts';
export {
  type DetailsOf,
  type EventKind,
  type EventLevel,
  eventOf,
  type SecurityEvent,
} from './core/events.ts';
export type { Exchange } from './core/exchange.ts';
export type { ForwardHead } from './core/forward-head.ts';
export type { HeadPart, OutgoingHead, ResponseHead } from './core/head.ts';
export type { Mode } from './core/guard.ts';
export { type Slot, slot } from './core/slot.ts';
export type { Refusal, Verdict } from './core/verdict.ts';
export type { GuardPlacement, OwnGuard, OwnVerdict } from './policy/own-guards.ts';
export { definePolicy, type PolicyOptions } from './policy/policy.ts';
export { loadPolicy } from './policy/load-policy.ts';
export type { RouteOptions } from './policy/route.options.ts';
export { BulwarkError, type ErrorCode, PolicyError, type PolicyProblem } from './core/errors.ts';
export { isLocalPath } from './core/local-path.ts';
export { safeRedirect } from './core/safe-redirect.ts';
export { env } from './secrets/env.ts';
export { files } from './secrets/files.ts';
export type { DatedSecret, SecretProvider } from './secrets/provider.ts';
export type { StatePlaces } from './stores/joined.ts';
export type { State } from './stores/ports/state.ts';
