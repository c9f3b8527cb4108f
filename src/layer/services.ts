/** What guards share: one audit log, one session service, one set of own origins. */
import type { AlertWatch } from '../alerts/alert-watch.ts';
import { openAlerts, watchesFor } from '../alerts/open-alerts.ts';
import { AuditLog, type AuditParts } from '../audit/audit.ts';
import { openerOf } from '../audit/file/open-log.ts';
import { PersonKeys } from '../audit/personal/person-keys.ts';
import { ShipLog } from '../audit/shipping/ship-log.ts';
import type { Policy } from '../policy/policy.ts';
import { BulwarkError } from '../core/errors.ts';
import type { MetricSource } from '../core/metrics.ts';
import { OwnOrigins } from '../core/own-origins.ts';
import { DeviceBound } from '../controls/device-bound/device-bound.ts';
import { CSRF_FIELD } from '../controls/csrf/csrf.ts';
import { ReportBook } from '../controls/reports/report-book.ts';
import { REPORTS_EVENTS } from '../controls/reports/reports.events.ts';
import { type SessionAudit, Sessions } from '../controls/sessions/sessions.ts';
import { HeldRequests } from '../controls/step-up/held-requests.ts';
import type { StoreHealth } from '../stores/ports/state.ts';
import { CORE_EVENTS } from '../core/verdict.ts';
import { LAYER_EVENTS } from './layer.events.ts';

/** The services of one layer. */
export interface Services {
  readonly audit: AuditLog;
  /** Where the policy says who is told of alerts. */
  readonly alerts: AlertWatch | undefined;
  readonly sessions: Sessions;
  /** Where the policy binds sessions to devices. */
  readonly devices: DeviceBound | undefined;
  readonly heldRequests: HeldRequests;
  readonly ownOrigins: OwnOrigins;
  /** Where the policy names a place for reports of browsers. */
  readonly reports: ReportBook | undefined;
  /** By store: whether it is there, and how often it was not. A store that was never gone is not listed. */
  readonly stores: ReadonlyMap<string, StoreCount>;
  /** Guards put in what they count of themselves. */
  readonly metricSources: MetricSource[];
}

/** Whether a store is there, how often it was not, and for how long in all. */
export interface StoreCount {
  up: boolean;
  outages: number;
  /** Milliseconds, of the outages that are over. */
  goneMs: number;
}

/** Makes the services a policy asks for. */
export function makeServices(policy: Policy): Services {
  const { audit, alerts } = makeLog(policy);
  const write: SessionAudit = (kind, details, exchange) =>
    kind.bounded === true ? audit.writeGated(kind, details, exchange) : audit.write(kind, details, exchange);
  const stores = new Map<string, StoreCount>();
  policy.state.onHealth?.((health) => noteHealth(audit, stores, health));
  return {
    stores,
    audit,
    alerts,
    sessions: new Sessions(policy.state.sessions, policy.session, write),
    devices: makeDevices(policy, write),
    heldRequests: new HeldRequests(policy.keys, CSRF_FIELD, (...event) => audit.writeGated(...event)),
    ownOrigins: new OwnOrigins(policy.origin?.origin, policy.origins.also),
    reports: makeReports(policy, audit),
    metricSources: [],
  };
}

/** What a log is made of. */
export type LogPolicy = Pick<Policy, 'audit' | 'alerts' | 'keys' | 'state'>;

/** The log of a policy, and what watches it. */
export function makeLog(policy: LogPolicy): Pick<Services, 'audit' | 'alerts'> {
  const { file, ship, spool } = policy.audit;
  const isWatched = watchesFor(policy.alerts);
  const watch: AuditParts['watch'] = (kind, line) => alerts?.note(kind, line);
  const audit = new AuditLog(policy.audit, Date.now, process, {
    openFile: file && openerOf(file, policy.keys),
    openShipping: ship.length === 0 ? undefined : (listener) => new ShipLog({ to: ship, ...spool }, listener),
    persons: openPersons(policy),
    watch: isWatched ? watch : undefined,
  });
  const alerts = isWatched
    ? openAlerts({ settings: policy.alerts, spool, state: policy.state, audit })
    : undefined;
  return { audit, alerts };
}

/** The keys of persons that a policy names. */
export function openPersons({ audit, keys }: Pick<Policy, 'audit' | 'keys'>): PersonKeys | undefined {
  return audit.personal && new PersonKeys(audit.personal.keys, keys);
}

function makeDevices({ session, keys, state }: Policy, audit: SessionAudit): DeviceBound | undefined {
  if (session.deviceBound === 'off') return undefined;
  const { sessions, counters } = state;
  return new DeviceBound({ settings: session, keys, sessions, counters, audit });
}

function makeReports({ reports, state }: Policy, audit: AuditLog): ReportBook | undefined {
  if (reports.path === undefined || reports.mode === 'off') return undefined;
  if (state.reports === undefined) {
    throw new BulwarkError(
      'ERR_BULWARK_INVALID_OPTION',
      'reports.path: the state keeps no reports: take sqlite, postgres, redis or memory, or a store of yours that passes reportStoreConformance',
    );
  }
  return new ReportBook({
    store: state.reports,
    keep: reports.keep,
    onNew: ({ kind, facts: { page, directive, blocked, disposition, sample } }) =>
      audit.writeGated(REPORTS_EVENTS.seen, { kind, page, directive, blocked, disposition, sample }),
    onFault: (error) => audit.write(CORE_EVENTS.storeUnavailable, { during: 'reports', error }),
  });
}

/** One event when a store goes and one when it is back, and a count for metrics. */
function noteHealth(audit: AuditLog, stores: Map<string, StoreCount>, health: StoreHealth): void {
  const { store, up, error, goneMs = 0 } = health;
  const count = stores.get(store) ?? { up: true, outages: 0, goneMs: 0 };
  stores.set(store, { up, outages: count.outages + (up ? 0 : 1), goneMs: count.goneMs + goneMs });
  if (up) audit.write(LAYER_EVENTS.storeRecovered, { store, goneMs });
  else audit.write(CORE_EVENTS.storeUnavailable, { store, error });
}
