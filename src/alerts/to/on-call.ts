/** Alerts to what wakes people: PagerDuty's Events API v2, and Prometheus's Alertmanager. */
import { type HttpSinkOptions, post, receiverUrl } from '../../audit/shipping/http-post.ts';
import { type LogSink, RefusedRecords } from '../../audit/shipping/log-sink.ts';
import { ALERT_CALLS } from './alerts.calls.ts';
import { alertsOf, type ToldAlert } from './told-alert.ts';

/** A service of PagerDuty. */
export interface PagerDutyOptions {
  /** The integration key of an Events API v2 integration: 32 letters and digits. */
  key: string;
  /** Where events are taken, such as that of the EU. Default `https://events.pagerduty.com/v2/enqueue`. */
  url?: string;
  /** Names its spool. Default `pagerduty`. */
  name?: string;
}

/** An Alertmanager. */
export interface AlertmanagerOptions extends HttpSinkOptions {
  /** More labels, by which its routes choose: `{ team: 'web' }`. */
  labels?: Readonly<Record<string, string>>;
}

const JSON_TYPE = { 'content-type': 'application/json' };
/** How long Alertmanager takes an alert for firing that nobody ends: nothing tells that an attack is over. */
const FIRING_MS = 3_600_000;
/** The longest that the Events API takes. */
const LONGEST_SUMMARY = 1024;
const LONGEST_KEY = 255;

/** Sends alerts to PagerDuty. The same alert is the same incident (`dedup_key`), however often it comes. */
export function pagerDuty(options: PagerDutyOptions): LogSink {
  ALERT_CALLS.pagerDuty(options);
  const { key, url = 'https://events.pagerduty.com/v2/enqueue', name = 'pagerduty' } = options;
  const to = receiverUrl(url);
  return {
    name,
    send: async (records) => {
      // One event a request. What was taken before a failure comes again under the same key.
      let refused = 0;
      for (const alert of alertsOf(records)) {
        try {
          await post(to, JSON_TYPE, JSON.stringify(pagerDutyEvent(key, alert)));
        } catch (error) {
          if (!(error instanceof RefusedRecords)) throw error;
          refused += 1;
        }
      }
      if (refused > 0) throw new RefusedRecords('enqueue', refused);
    },
  };
}

function pagerDutyEvent(key: string, alert: ToldAlert): object {
  const { service, rule, severity, summary, about, because, time, help, escalated } = alert;
  return {
    routing_key: key,
    event_action: 'trigger',
    dedup_key: alert.key.slice(0, LONGEST_KEY),
    client: 'Bulwark',
    client_url: help,
    payload: {
      summary: `${service}: ${summary} (${about})`.slice(0, LONGEST_SUMMARY),
      source: service,
      severity: severity === 'critical' ? 'critical' : 'warning',
      timestamp: time,
      component: 'bulwark',
      group: service,
      class: rule,
      custom_details: { about, because, escalated },
    },
    links: [{ href: help, text: 'What to do' }],
  };
}

/** Sends alerts to an Alertmanager, by its API v2. They end by themselves an hour later. */
export function alertmanager(options: AlertmanagerOptions): LogSink {
  ALERT_CALLS.alertmanager(options);
  const { url, headers = {}, labels = {}, name = 'alertmanager' } = options;
  const to = receiverUrl(url, '/api/v2/alerts');
  return {
    name,
    send: async (records) => {
      const alerts = alertsOf(records).map((alert) => firing(alert, labels));
      if (alerts.length > 0) await post(to, { ...JSON_TYPE, ...headers }, JSON.stringify(alerts));
    },
  };
}

function firing(alert: ToldAlert, labels: Readonly<Record<string, string>>): object {
  const { service, rule, severity, summary, about, because, time, help, escalated } = alert;
  return {
    // Alerts with the same labels are one: what changes from time to time stands below.
    labels: {
      ...labels,
      alertname: `Bulwark_${rule.replaceAll('-', '_')}`,
      service,
      about,
      severity: severity === 'critical' ? 'critical' : 'warning',
    },
    annotations: { summary, description: because, runbook_url: help, escalated: String(escalated) },
    startsAt: time,
    // From now on: one that waited for hours would be over as it comes, and nobody is told of those.
    endsAt: new Date(Math.max(Date.parse(time), Date.now()) + FIRING_MS).toISOString(),
    generatorURL: help,
  };
}
