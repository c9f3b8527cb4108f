import { defaultsOf, type OptionSpec, type OptionTable, readOptions, Unfit } from '../core/options.ts';
import { type Rate, rateReader, type RateText, showRate } from '../core/rate.ts';
import {
  boolean,
  type Duration,
  duration,
  integer,
  listOf,
  oneOf,
  showDuration,
  text,
} from '../core/readers.ts';
import type { LogSink } from '../audit/shipping/log-sink.ts';
import { receivers } from '../audit/shipping/shipping.options.ts';
import { ALERT_RULES, type AlertId, type AlertRule, EVERY_ALERT, type Severity } from './alert-rules.ts';

/** What of one rule is otherwise than its default. */
export interface AlertRuleOptions {
  /** More than so many are an alert. Rules that wait for one event have none. */
  threshold?: RateText;
  /** How long the same is not told again. */
  quiet?: Duration;
  /** How loud it is to receivers: `critical` wakes people. */
  severity?: Severity;
}

/** Alerts: what of the log a person has to hear of at once, and where. */
export interface AlertsOptions {
  /** Who is told: `[slack({ url })]` and others of `bulwark/alerts`, or receivers of `bulwark/shipping`. Default nobody. */
  to?: readonly LogSink[];
  /** Raise alerts without a receiver too: as events of the log alone. Default `false`. */
  log?: boolean;
  /** Who is told too of what comes again and again. Default nobody. */
  escalateTo?: readonly LogSink[];
  /** After so many alerts of the same within a day. Default 3. */
  escalateAfter?: number;
  /** Accounts with one of these roles are operators. */
  operatorRoles?: readonly string[];
  /** Accounts that are operators although no store knows their roles: behind the gateway, as the log names them. */
  operators?: readonly string[];
  /** By their names: other thresholds, or `false` for a rule that is not wanted. */
  rules?: { [Id in AlertId]?: AlertRuleOptions | false };
}

/** {@link AlertRuleOptions}, read. */
export interface AlertRuleSettings {
  readonly threshold: Rate | undefined;
  readonly quiet: number;
  readonly severity: Severity;
}

/** {@link AlertsOptions}, read. */
export interface AlertsSettings {
  readonly to: readonly LogSink[];
  readonly log: boolean;
  readonly escalateTo: readonly LogSink[];
  readonly escalateAfter: number;
  readonly operatorRoles: readonly string[];
  readonly operators: readonly string[];
  readonly rules: { readonly [Id in AlertId]: AlertRuleSettings | false };
}

const NAMES = "a list of names, such as ['admin']";
const DAY = 86_400_000;
const SOURCE = 'OWASP Logging Cheat Sheet; ASVS v5.0.0-16.3.3';

const ruleTable: OptionTable<AlertsSettings['rules']> = Object.fromEntries(
  EVERY_ALERT.map(([id, rule]) => [id, ruleOption(id, rule)]),
) as never;

/** The defaults and why. */
export const alertsOptions: OptionTable<AlertsSettings> = {
  to: {
    default: [],
    shown: 'nobody',
    read: receivers,
    reason: 'Only you know who is awake.',
    source: 'OWASP Top 10 2021 A09; ASVS v5.0.0-16.4.3',
    example: "alerts: { to: [slack({ url: 'https://hooks.slack.example/services/...' })] }",
  },
  log: {
    default: false,
    read: boolean,
    reason: 'Where nobody hears of an alert, counting for it would be work for nothing.',
    source: SOURCE,
    example: 'alerts: { log: true }',
  },
  escalateTo: {
    default: [],
    shown: 'nobody',
    read: receivers,
    reason: 'What nobody has ended after three alerts somebody else has to hear of.',
    source: 'NIST SP 800-61r2 3.2.6',
    example: "alerts: { ..., escalateTo: [pagerDuty({ key: '...' })] }",
  },
  escalateAfter: {
    default: 3,
    read: integer(1, 100),
    reason: 'Once may be chance, and twice somebody who is on their way.',
    source: 'NIST SP 800-61r2 3.2.6',
    example: 'alerts: { ..., escalateAfter: 5 }',
  },
  operatorRoles: {
    default: ['admin', 'operator'],
    read: listOf(text(/^[^\0\n\r]{1,100}$/, 'a role'), NAMES),
    reason: 'What these are called only the application knows; these are the usual words.',
    source: 'ASVS v5.0.0-16.3.1',
    example: "alerts: { ..., operatorRoles: ['owner', 'support'] }",
  },
  operators: {
    default: [],
    read: listOf(text(/^[^\0\n\r]{1,300}$/, 'an account'), NAMES),
    reason: 'Behind the gateway roles are kept by the application.',
    source: 'ASVS v5.0.0-16.3.1',
    example: "alerts: { ..., operators: ['ann'] }",
  },
  rules: {
    default: defaultsOf(ruleTable),
    shown: 'see below',
    read: (value, path, problems) => readOptions(path, ruleTable, value, problems),
    reason: 'An ordinary hour of an ordinary site raises none of them.',
    source: SOURCE,
    example: "alerts: { ..., rules: { stuffing: { threshold: '200/10m' }, 'csp-new': false } }",
    table: ruleTable,
  },
};

function ruleOption(id: AlertId, rule: AlertRule): OptionSpec<AlertRuleSettings | false> {
  const { threshold, quietMs, severity, summary } = rule;
  const table: OptionTable<AlertRuleSettings> = {
    threshold: {
      default: threshold,
      read: (value, path, problems) => {
        if (threshold === undefined)
          throw new Unfit('left out: this rule waits for one event and counts none');
        return rateReader(value, path, problems);
      },
      reason: summary,
      source: SOURCE,
      example: `threshold: '50/10m'`,
    },
    quiet: {
      default: quietMs,
      read: duration(1000, 3.5 * DAY),
      reason: summary,
      source: SOURCE,
      example: "quiet: '1h'",
    },
    severity: {
      default: severity,
      read: oneOf('warn', 'critical'),
      reason: summary,
      source: SOURCE,
      example: "severity: 'critical'",
    },
  };
  const counts = threshold === undefined ? '' : `threshold: '${showRate(threshold)}', `;
  return {
    default: defaultsOf(table),
    shown: `{ ${counts}quiet: '${showDuration(quietMs)}', severity: '${severity}' }`,
    read: (value, path, problems) => (value === false ? false : readOptions(path, table, value, problems)),
    reason: summary,
    source: SOURCE,
    example: `alerts: { ..., rules: { '${id}': { quiet: '12h' } } }`,
  };
}

/** Whether a name is that of a rule. */
export function isAlertId(name: string): name is AlertId {
  return Object.hasOwn(ALERT_RULES, name);
}
