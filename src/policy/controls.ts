/**
 * What every room declares, collected in one place: from here documents, the audit log and types are made. To add a room,
 * add its line in each of the two lists that stand beside each other; the compiler holds one to the other.
 */
import { ACCOUNTS_EVENTS } from '../accounts/accounts.events.ts';
import { ACCOUNTS_KEYS } from '../accounts/accounts.keys.ts';
import { APPLICATION_EVENTS } from '../audit/application.events.ts';
import { ACCESS_EVENTS, ACCESS_PROBLEMS } from '../controls/access/access.events.ts';
import { API_TOKEN_EVENTS, API_TOKEN_PROBLEMS } from '../controls/api-tokens/api-tokens.events.ts';
import { COOKIES_EVENTS } from '../controls/cookies/cookies.events.ts';
import { CSRF_EVENTS, CSRF_PROBLEMS } from '../controls/csrf/csrf.events.ts';
import { CSRF_KEYS } from '../controls/csrf/csrf.keys.ts';
import { ERRORS_EVENTS } from '../controls/errors/errors.events.ts';
import { FIREWALL_EVENTS, FIREWALL_PROBLEMS } from '../controls/firewall/firewall.events.ts';
import { HEADERS_EVENTS } from '../controls/headers/headers.events.ts';
import { HTTPS_EVENTS, HTTPS_PROBLEMS } from '../controls/https/https.events.ts';
import { RATE_LIMIT_EVENTS } from '../controls/rate-limit/rate-limit.events.ts';
import { RATE_LIMIT_KEYS } from '../controls/rate-limit/rate-limit.keys.ts';
import { SESSIONS_EVENTS } from '../controls/sessions/sessions.events.ts';
import { STEP_UP_EVENTS } from '../controls/step-up/step-up.events.ts';
import { STEP_UP_KEYS } from '../controls/step-up/step-up.keys.ts';
import type { SealingPurpose, SigningPurpose } from '../core/key-ring.ts';
import { type ProblemType, PROBLEMS } from '../core/problem-types.ts';
import { CORE_EVENTS } from '../core/verdict.ts';
import { GATEWAY_EVENTS, GATEWAY_PROBLEMS } from '../gateway/gateway.events.ts';
import { MFA_EVENTS } from '../identity/mfa/mfa.events.ts';
import { MFA_KEYS } from '../identity/mfa/mfa.keys.ts';
import { OIDC_EVENTS } from '../identity/oidc/oidc.events.ts';
import { PASSWORDS_EVENTS } from '../identity/passwords/passwords.events.ts';
import { PASSWORDS_KEYS } from '../identity/passwords/passwords.keys.ts';
import { PROOF_OF_WORK_KEYS } from '../identity/proof-of-work/proof-of-work.keys.ts';
import { LAYER_EVENTS } from '../layer/layer.events.ts';
import { NODE_EVENTS } from '../node/node.events.ts';

interface Events {
  readonly core: typeof CORE_EVENTS;
  readonly layer: typeof LAYER_EVENTS;
  readonly node: typeof NODE_EVENTS;
  readonly firewall: typeof FIREWALL_EVENTS;
  readonly https: typeof HTTPS_EVENTS;
  readonly 'rate-limit': typeof RATE_LIMIT_EVENTS;
  readonly 'api-tokens': typeof API_TOKEN_EVENTS;
  readonly sessions: typeof SESSIONS_EVENTS;
  readonly csrf: typeof CSRF_EVENTS;
  readonly access: typeof ACCESS_EVENTS;
  readonly 'step-up': typeof STEP_UP_EVENTS;
  readonly errors: typeof ERRORS_EVENTS;
  readonly cookies: typeof COOKIES_EVENTS;
  readonly headers: typeof HEADERS_EVENTS;
  readonly passwords: typeof PASSWORDS_EVENTS;
  readonly mfa: typeof MFA_EVENTS;
  readonly oidc: typeof OIDC_EVENTS;
  readonly accounts: typeof ACCOUNTS_EVENTS;
  readonly gateway: typeof GATEWAY_EVENTS;
  readonly application: typeof APPLICATION_EVENTS;
}

/** Every event, by the room that writes it. */
export const EVENTS: Events = {
  core: CORE_EVENTS,
  layer: LAYER_EVENTS,
  node: NODE_EVENTS,
  firewall: FIREWALL_EVENTS,
  https: HTTPS_EVENTS,
  'rate-limit': RATE_LIMIT_EVENTS,
  'api-tokens': API_TOKEN_EVENTS,
  sessions: SESSIONS_EVENTS,
  csrf: CSRF_EVENTS,
  access: ACCESS_EVENTS,
  'step-up': STEP_UP_EVENTS,
  errors: ERRORS_EVENTS,
  cookies: COOKIES_EVENTS,
  headers: HEADERS_EVENTS,
  passwords: PASSWORDS_EVENTS,
  mfa: MFA_EVENTS,
  oidc: OIDC_EVENTS,
  accounts: ACCOUNTS_EVENTS,
  gateway: GATEWAY_EVENTS,
  application: APPLICATION_EVENTS,
};

/** The names that an application may write events by. */
export type EventName = NamesOf<Events[keyof Events]>;

type NamesOf<Group> = Group extends Readonly<Record<string, unknown>> ? NameOf<Group[keyof Group]> : never;
type NameOf<Kind> = Kind extends { readonly name: infer Name extends string } ? Name : never;

/** Every type of problem, by the room that answers with it. */
export const PROBLEM_TYPES: Readonly<Record<string, Readonly<Record<string, ProblemType>>>> = {
  core: PROBLEMS,
  firewall: FIREWALL_PROBLEMS,
  https: HTTPS_PROBLEMS,
  'api-tokens': API_TOKEN_PROBLEMS,
  csrf: CSRF_PROBLEMS,
  access: ACCESS_PROBLEMS,
  gateway: GATEWAY_PROBLEMS,
};

/** The names of guards, by their room. Their order is in layer/order.ts. */
export const GUARDS: Readonly<Record<string, readonly string[]>> = {
  layer: ['route'],
  firewall: ['address', 'framing', 'url', 'host', 'method', 'body'],
  https: ['https'],
  'rate-limit': ['rate-limit'],
  'api-tokens': ['token'],
  sessions: ['session'],
  csrf: ['csrf'],
  access: ['access'],
  errors: ['errors'],
  cookies: ['cookies'],
  csp: ['csp'],
  headers: ['cache', 'headers'],
};

/** What sub-keys are for, by the room that uses them. */
export const KEY_PURPOSES: Readonly<
  Record<string, Readonly<Record<string, SigningPurpose | SealingPurpose>>>
> = {
  'rate-limit': RATE_LIMIT_KEYS,
  csrf: CSRF_KEYS,
  'step-up': STEP_UP_KEYS,
  passwords: PASSWORDS_KEYS,
  mfa: MFA_KEYS,
  'proof-of-work': PROOF_OF_WORK_KEYS,
  accounts: ACCOUNTS_KEYS,
};
