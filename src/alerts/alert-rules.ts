/**
 * What a person has to look at, though no single line says so. Each rule reads events of the log, and has a page in
 * docs/alerts/ that says what to do. Rules know events by their names alone: a room that is not there writes none.
 */
import type { AuditEvent } from '../audit/audit-event.ts';
import { networkOf } from '../audit/client-network.ts';
import type { Rate } from '../core/rate.ts';
import { surgeOf } from './surge.ts';
import type { Tally } from './tally.ts';

/** How loud an alert is. */
export type Severity = 'warn' | 'critical';

/** What was found: about what, by which it is grouped, and because of what. */
export interface Finding {
  readonly about: string;
  readonly because: string;
}

/** What a rule is asked with. */
export interface Ask {
  readonly event: AuditEvent;
  readonly tally: Tally;
  /** Of the policy; undefined where the rule counts nothing. */
  readonly threshold: Rate | undefined;
  /** Milliseconds since 1970, of the event. */
  readonly now: number;
  readonly isOperator: (account: string) => Promise<boolean>;
}

/** One rule. */
export interface AlertRule {
  /** Names that it reads; `*`: all that are no mere information. */
  readonly events: readonly string[];
  readonly severity: Severity;
  readonly summary: string;
  readonly threshold?: Rate;
  readonly quietMs: number;
  readonly find: (ask: Ask) => Promise<Finding | undefined>;
}

/** By these a policy names rules, and a page stands in docs/alerts/. */
export type AlertId =
  | 'stuffing'
  | 'spraying'
  | 'one-account'
  | 'refusals-surge'
  | 'session-elsewhere'
  | 'device-misuse'
  | 'token-misuse'
  | 'operator-browser'
  | 'role-granted'
  | 'log-broken'
  | 'csp-new'
  | 'store-down'
  | 'certificate'
  | 'secret'
  | 'critical';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SITE = 'the application';

/** Every rule. What a rule has counted is under its own name, and under what it is about. */
export const ALERT_RULES: Readonly<Record<AlertId, AlertRule>> = {
  stuffing: {
    events: ['authn_login_fail', 'authn_login_fail_max'],
    severity: 'critical',
    summary: 'Wrong sign-ins come from many networks at once: a list of stolen passwords is being tried.',
    threshold: { count: 30, windowMs: 10 * MINUTE },
    quietMs: HOUR,
    find: async ({ event, tally, threshold, now }) => {
      if (reasonOf(event).includes('many accounts from many'))
        return { about: SITE, because: reasonOf(event) };
      if (!isWrongSignIn(event) || event.client === undefined || threshold === undefined) return undefined;
      // Whoever mistypes three times is one network.
      const network = networkOf(event.client);
      if (!(await tally.first(`stuffing:${network}`, threshold.windowMs, now))) return undefined;
      return (await tally.over('stuffing', threshold, now))
        ? { about: SITE, because: `wrong sign-ins from more than ${threshold.count} networks` }
        : undefined;
    },
  },
  spraying: {
    events: ['authn_login_fail', 'authn_login_fail_max'],
    severity: 'warn',
    summary: 'One network tries many accounts: common passwords are being sprayed.',
    threshold: { count: 10, windowMs: HOUR },
    quietMs: HOUR,
    find: async ({ event, tally, threshold, now }) => {
      if (event.client === undefined || threshold === undefined) return undefined;
      const about = networkOf(event.client);
      if (reasonOf(event).includes('many accounts from one')) return { about, because: reasonOf(event) };
      // Whoever sprays has a list of names, of which many are nobody's.
      const name = event.account ?? event.details?.['tried'];
      if (!isWrongSignIn(event) || typeof name !== 'string') return undefined;
      if (!(await tally.first(`spraying:${about}:${name}`, threshold.windowMs, now))) return undefined;
      return (await tally.over(`spraying:${about}`, threshold, now))
        ? { about, because: `wrong sign-ins for more than ${threshold.count} names` }
        : undefined;
    },
  },
  'one-account': {
    events: ['authn_login_fail', 'authn_login_fail_max', 'authn_login_lock'],
    severity: 'warn',
    summary: 'One account is guessed at from many places.',
    threshold: { count: 5, windowMs: HOUR },
    quietMs: 6 * HOUR,
    find: async ({ event, tally, threshold, now }) => {
      const { account: about, client } = event;
      if (about === undefined || threshold === undefined) return undefined;
      if (event.event === 'authn_login_lock' || reasonOf(event).includes('one account'))
        return { about, because: reasonOf(event) };
      if (!isWrongSignIn(event) || client === undefined) return undefined;
      if (!(await tally.first(`one-account:${about}:${networkOf(client)}`, threshold.windowMs, now)))
        return undefined;
      return (await tally.over(`one-account:${about}`, threshold, now))
        ? { about, because: `wrong sign-ins from more than ${threshold.count} networks` }
        : undefined;
    },
  },
  'refusals-surge': {
    events: ['*'],
    severity: 'warn',
    summary: 'A guard refuses far more than it did within the last day.',
    threshold: { count: 200, windowMs: 5 * MINUTE },
    quietMs: HOUR,
    find: async ({ event, tally, threshold, now }) => {
      const { guard, status, mode, details } = event;
      if (guard === undefined || threshold === undefined || mode !== 'enforce' || (status ?? 0) < 400)
        return undefined;
      const heldBack = details?.['heldBack'];
      const count = 1 + (typeof heldBack === 'number' && heldBack > 0 ? heldBack : 0);
      const reached = await surgeOf(tally, `refusals-surge:${guard}`, threshold, count, now);
      return reached === undefined
        ? undefined
        : { about: guard, because: `more than ${reached} refusals in ${minutes(threshold.windowMs)}` };
    },
  },
  'session-elsewhere': {
    events: ['session_moved'],
    severity: 'warn',
    summary: 'A session is used from another network than it began in.',
    threshold: { count: 2, windowMs: HOUR },
    quietMs: HOUR,
    find: async ({ event: { account, sessionRef, client }, tally, threshold, now }) => {
      if (sessionRef === undefined || client === undefined || threshold === undefined) return undefined;
      // A telephone that leaves the house has two networks, and comes back to the first.
      if (!(await tally.first(`moved:${sessionRef}:${networkOf(client)}`, threshold.windowMs, now)))
        return undefined;
      return (await tally.over(`moved:${sessionRef}`, threshold, now))
        ? { about: account ?? sessionRef, because: `session ${sessionRef} from ${networkOf(client)}` }
        : undefined;
    },
  },
  'device-misuse': {
    events: ['session_misuse_refused', 'session_link_unproved'],
    severity: 'critical',
    summary: 'The cookie of a session is used without the device that it is bound to: it was stolen.',
    threshold: { count: 1, windowMs: DAY },
    quietMs: 12 * HOUR,
    find: async ({ event: { event, account, sessionRef, client, details }, tally, threshold, now }) => {
      if (sessionRef === undefined || threshold === undefined) return undefined;
      const about = account ?? sessionRef;
      if (event === 'session_misuse_refused') {
        const from = client === undefined ? '' : ` from ${client}`;
        return { about, because: `${textOf(details?.['reason'])}: session ${sessionRef}${from}` };
      }
      // A tab that was closed too soon is one; a thief is at it again.
      return (await tally.over(`device-links:${sessionRef}`, threshold, now))
        ? { about, because: `links in session ${sessionRef}, and no proof behind them` }
        : undefined;
    },
  },
  'token-misuse': {
    events: ['authn_token_misused'],
    severity: 'critical',
    summary: 'An API token is used without the key that it is bound to: it was stolen.',
    quietMs: 12 * HOUR,
    find: async ({ event: { account, client, details } }) => {
      const id = textOf(details?.['id']);
      const whose = account === undefined ? '' : ` of ${account}`;
      const from = client === undefined ? '' : ` from ${client}`;
      return { about: id, because: `the token${whose} came without its key${from}` };
    },
  },
  'operator-browser': {
    events: ['authn_login_success'],
    severity: 'warn',
    summary: 'An operator signed in with a browser that was not known.',
    quietMs: 5 * MINUTE,
    find: async ({ event: { account, details, client }, isOperator }) => {
      const isNew = details?.['device'] === 'new' || details?.['browser'] === 'new';
      if (!isNew || account === undefined || !(await isOperator(account))) return undefined;
      return { about: account, because: `a new browser${client === undefined ? '' : ` at ${client}`}` };
    },
  },
  'role-granted': {
    events: ['privilege_permissions_changed'],
    severity: 'warn',
    summary: 'What an account may do was changed.',
    quietMs: MINUTE,
    find: async ({ event: { account, details } }) => {
      const changed = details?.['account'];
      const about = typeof changed === 'string' ? changed : (account ?? SITE);
      const by = typeof changed === 'string' && account !== undefined ? ` by ${account}` : '';
      return { about, because: `its roles were changed${by}` };
    },
  },
  'log-broken': {
    events: ['log_verification_failed', 'sys_log_lost'],
    severity: 'critical',
    summary: 'The audit log is not what was written, or has gaps.',
    quietMs: HOUR,
    find: async ({ event: { event, service, details } }) => ({
      about: service,
      because: event === 'sys_log_lost' ? 'events found no room' : `${String(details?.['faults'])} faults`,
    }),
  },
  'csp-new': {
    events: ['sys_browser_report'],
    severity: 'warn',
    summary: 'Browsers report something of a page that they did not report yesterday.',
    quietMs: DAY,
    find: async ({ event: { details } }) => {
      if (details?.['kind'] !== 'csp-violation') return undefined;
      const { directive, page, blocked } = details;
      return {
        about: `${textOf(directive)} on ${textOf(page)}`,
        because: `${textOf(blocked)} was blocked, or would have been`,
      };
    },
  },
  'store-down': {
    events: ['sys_store_unavailable'],
    severity: 'critical',
    summary: 'A store is gone: what needs it is refused.',
    quietMs: 15 * MINUTE,
    find: async ({ event: { details } }) => ({
      about: textOf(details?.['store'] ?? 'the store'),
      because: 'it does not answer',
    }),
  },
  certificate: {
    events: ['certificate_ending', 'certificate_refused', 'certificate_renewal_failed'],
    severity: 'critical',
    summary: 'The certificate is near its end, or cannot be renewed.',
    quietMs: DAY,
    find: async ({ event: { event, service, details } }) => ({
      about: service,
      because:
        event === 'certificate_ending'
          ? `it ends ${textOf(details?.['until'])}`
          : textOf(details?.['reason'] ?? 'no reason was given'),
    }),
  },
  secret: {
    events: ['secrets_ending'],
    severity: 'warn',
    summary: 'The secret of the application is near its end, or over it.',
    quietMs: DAY,
    find: async ({ event: { details } }) => ({
      about: textOf(details?.['provider']),
      because: `it ends ${textOf(details?.['until'])}`,
    }),
  },
  critical: {
    events: ['*'],
    severity: 'critical',
    summary: 'The log says something that is to wake someone.',
    quietMs: HOUR,
    find: async ({ event: { level, event, guard } }) =>
      level !== 'critical' || NAMED.has(event)
        ? undefined
        : { about: guard === undefined ? event : `${event} of ${guard}`, because: 'its level is critical' },
  },
};

/** Every rule, with its name. */
export const EVERY_ALERT: readonly (readonly [id: AlertId, rule: AlertRule])[] = Object.entries(
  ALERT_RULES,
) as never;

const NAMED = new Set(Object.values(ALERT_RULES).flatMap(({ events }) => events));

/** Every name that some rule reads. */
export function isRead(name: string): boolean {
  return NAMED.has(name);
}

/** A session that ran out is no guess, and neither is a token of a program. */
function isWrongSignIn({ event, details }: AuditEvent): boolean {
  return event === 'authn_login_fail' && details?.['id'] === undefined;
}

function reasonOf({ event, details }: AuditEvent): string {
  const reason = details?.['reason'];
  return event === 'authn_login_fail' || typeof reason !== 'string' ? '' : reason;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '?';
}

function minutes(ms: number): string {
  return ms % HOUR === 0 ? `${ms / HOUR} h` : `${Math.round(ms / 6000) / 10} min`;
}
