/**
 * Every room, in one table: the policy, the audit log, key rings, documents and the checker are made from it. To add a
 * control, add its line twice, in the type and in the table below it: the compiler holds one to the other. What a room
 * declares is in its `*.control.ts`.
 */
import { accountsControl } from '../accounts/accounts.control.ts';
import { alertsControl } from '../alerts/alerts.control.ts';
import { auditControl } from '../audit/audit.control.ts';
import { logControl } from '../audit/log.control.ts';
import { accessControl } from '../controls/access/access.control.ts';
import { apiTokensControl } from '../controls/api-tokens/api-tokens.control.ts';
import { cookiesControl } from '../controls/cookies/cookies.control.ts';
import { corsControl } from '../controls/cors/cors.control.ts';
import { cspControl } from '../controls/csp/csp.control.ts';
import { csrfControl } from '../controls/csrf/csrf.control.ts';
import { deviceBoundControl } from '../controls/device-bound/device-bound.control.ts';
import { errorsControl } from '../controls/errors/errors.control.ts';
import { firewallControl } from '../controls/firewall/firewall.control.ts';
import { headersControl } from '../controls/headers/headers.control.ts';
import { httpsControl } from '../controls/https/https.control.ts';
import { isolationControl } from '../controls/isolation/isolation.control.ts';
import { metricsControl } from '../controls/metrics/metrics.control.ts';
import { outboundControl } from '../controls/outbound/outbound.control.ts';
import { rateLimitControl } from '../controls/rate-limit/rate-limit.control.ts';
import { reportsControl } from '../controls/reports/reports.control.ts';
import { sessionsControl } from '../controls/sessions/sessions.control.ts';
import { stepUpControl } from '../controls/step-up/step-up.control.ts';
import { tracesControl } from '../controls/traces/traces.control.ts';
import { uploadsControl } from '../controls/uploads/uploads.control.ts';
import { wellKnownControl } from '../controls/well-known/well-known.control.ts';
import { validationControl } from '../controls/validation/validation.control.ts';
import { webhooksControl } from '../controls/webhooks/webhooks.control.ts';
import { consoleControl } from '../console/console.control.ts';
import type { Control, OptionsOf, Section, SettingsOf } from '../core/control.ts';
import { coreControl } from '../core/core.control.ts';
import { filesControl } from '../files/files.control.ts';
import type { EventKind } from '../core/events.ts';
import type { OptionTable } from '../core/options.ts';
import type { Problems } from '../core/problems.ts';
import { gatewayControl } from '../gateway/gateway.control.ts';
import { tlsControl } from '../gateway/tls/tls.control.ts';
import { mfaControl } from '../identity/mfa/mfa.control.ts';
import { oidcControl } from '../identity/oidc/oidc.control.ts';
import { passwordsControl } from '../identity/passwords/passwords.control.ts';
import { proofOfWorkControl } from '../identity/proof-of-work/proof-of-work.control.ts';
import { layerControl } from '../layer/layer.control.ts';
import { nodeControl } from '../node/node.control.ts';
import { secretsControl } from '../secrets/secrets.control.ts';
import { checkControl } from './check.control.ts';

/** What each room declares, by its name. */
interface Controls {
  readonly core: typeof coreControl;
  readonly layer: typeof layerControl;
  readonly node: typeof nodeControl;
  readonly firewall: typeof firewallControl;
  readonly https: typeof httpsControl;
  readonly 'rate-limit': typeof rateLimitControl;
  readonly sessions: typeof sessionsControl;
  readonly 'api-tokens': typeof apiTokensControl;
  readonly cors: typeof corsControl;
  readonly isolation: typeof isolationControl;
  readonly csrf: typeof csrfControl;
  readonly 'device-bound': typeof deviceBoundControl;
  readonly access: typeof accessControl;
  readonly 'step-up': typeof stepUpControl;
  readonly errors: typeof errorsControl;
  readonly cookies: typeof cookiesControl;
  readonly csp: typeof cspControl;
  readonly reports: typeof reportsControl;
  readonly headers: typeof headersControl;
  readonly 'well-known': typeof wellKnownControl;
  readonly webhooks: typeof webhooksControl;
  readonly validation: typeof validationControl;
  readonly uploads: typeof uploadsControl;
  readonly files: typeof filesControl;
  readonly outbound: typeof outboundControl;
  readonly secrets: typeof secretsControl;
  readonly application: typeof auditControl;
  readonly log: typeof logControl;
  readonly alerts: typeof alertsControl;
  readonly traces: typeof tracesControl;
  readonly metrics: typeof metricsControl;
  readonly accounts: typeof accountsControl;
  readonly passwords: typeof passwordsControl;
  readonly mfa: typeof mfaControl;
  readonly oidc: typeof oidcControl;
  readonly 'proof-of-work': typeof proofOfWorkControl;
  readonly console: typeof consoleControl;
  readonly gateway: typeof gatewayControl;
  readonly tls: typeof tlsControl;
  readonly check: typeof checkControl;
}

/** In the order of the documentation. */
export const CONTROLS: Controls = {
  core: coreControl,
  layer: layerControl,
  node: nodeControl,
  firewall: firewallControl,
  https: httpsControl,
  'rate-limit': rateLimitControl,
  sessions: sessionsControl,
  'api-tokens': apiTokensControl,
  cors: corsControl,
  isolation: isolationControl,
  csrf: csrfControl,
  'device-bound': deviceBoundControl,
  access: accessControl,
  'step-up': stepUpControl,
  errors: errorsControl,
  cookies: cookiesControl,
  csp: cspControl,
  reports: reportsControl,
  headers: headersControl,
  'well-known': wellKnownControl,
  webhooks: webhooksControl,
  validation: validationControl,
  uploads: uploadsControl,
  files: filesControl,
  outbound: outboundControl,
  secrets: secretsControl,
  application: auditControl,
  log: logControl,
  alerts: alertsControl,
  traces: tracesControl,
  metrics: metricsControl,
  accounts: accountsControl,
  passwords: passwordsControl,
  mfa: mfaControl,
  oidc: oidcControl,
  'proof-of-work': proofOfWorkControl,
  console: consoleControl,
  gateway: gatewayControl,
  tls: tlsControl,
  check: checkControl,
};

/** One of the table, whichever it is. */
export const ALL_CONTROLS: readonly (readonly [room: string, control: Control])[] = Object.entries(CONTROLS);

/** The sections, or the events, of any room that has them. */
type Part<Of extends 'sections' | 'events'> = NonNullable<NonNullable<Controls[keyof Controls]>[Of]>;
/** Everything that the types of a union have, in one type. */
type All<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer Both) => void
  ? Both
  : never;
/** The sections of all rooms, by their names in a policy. */
type Sections = All<Part<'sections'>>;

/** The sections of a policy as they are written. */
export type WrittenSections = { [Name in keyof Sections]?: OptionsOf<Sections[Name]> };

/** The sections of a policy, read. */
export type PolicySections = { readonly [Name in keyof Sections]: SettingsOf<Sections[Name]> };

/** Every section of every room, by its name in a policy. */
export const SECTIONS: { readonly [Name in keyof PolicySections]: OptionTable<PolicySections[Name]> } =
  Object.fromEntries(allSections().map(([name, { table }]) => [name, table])) as never;

/** What sections ask of themselves as a whole. */
export function checkSections(sections: PolicySections, problems: Problems): void {
  for (const [name, { check }] of allSections()) check?.(sections[name as keyof PolicySections], problems);
}

/** The names that an application may write events by. */
export type EventName = NameOf<Values<Part<'events'>>>;

/** The type of any value in one of several groups. */
type Values<Group> = Group extends unknown ? Group[keyof Group] : never;

/** The name of one kind of event. */
type NameOf<Kind> = Kind extends { readonly name: infer Name extends string } ? Name : never;

/** Every event, and the room that writes it. */
export function allEvents(): readonly (readonly [room: string, kind: EventKind])[] {
  return ALL_CONTROLS.flatMap(([room, { events = {} }]) =>
    Object.values(events as Readonly<Record<string, EventKind>>).map((kind) => [room, kind] as const),
  );
}

/** What guards are called. */
export function guardNames(): readonly string[] {
  return ALL_CONTROLS.flatMap(([, { guards = [] }]) => guards);
}

function allSections(): readonly (readonly [name: string, section: Section<unknown, object>])[] {
  return ALL_CONTROLS.flatMap(([, { sections = {} }]) =>
    Object.entries(sections as Readonly<Record<string, Section<unknown, object>>>),
  );
}
