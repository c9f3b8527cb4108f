/** What the makers of receivers of alerts take: found out when the policy is declared, and not when the first alert is sent. */
import { address, headerFields, labelsOf, matching, sinkName } from '../../audit/shipping/shipping.calls.ts';
import type { HttpSinkOptions } from '../../audit/shipping/http-post.ts';
import { call, callback, type Calls, fields, made, maybe } from '../../core/call.ts';
import type { AlertMailOptions, AlertMailTransport } from './mail.ts';
import type { AlertmanagerOptions, PagerDutyOptions } from './on-call.ts';

const http = { url: address, headers: maybe(headerFields), name: sinkName };

/** Of `bulwark/alerts`. */
export const ALERT_CALLS: Calls<'slack' | 'teams' | 'pagerDuty' | 'alertmanager' | 'mailAlerts'> = {
  slack: call('slack({ url: process.env.SLACK_WEBHOOK })', { options: fields<HttpSinkOptions>(http) }),
  teams: call('teams({ url: process.env.TEAMS_WORKFLOW })', { options: fields<HttpSinkOptions>(http) }),
  pagerDuty: call('pagerDuty({ key: process.env.PAGERDUTY_KEY })', {
    options: fields<PagerDutyOptions>({
      key: matching(/^[A-Za-z\d]{32}$/, 'the 32 letters and digits of an integration key'),
      url: maybe(address),
      name: sinkName,
    }),
  }),
  alertmanager: call("alertmanager({ url: 'https://alerts.example.com:9093' })", {
    options: fields<AlertmanagerOptions>({
      ...http,
      labels: maybe(labelsOf('alertname', 'service', 'about', 'severity')),
    }),
  }),
  mailAlerts: call("mailAlerts({ to: 'on-call@example.com', transport })", {
    options: fields<AlertMailOptions>({
      // One address and no line break: what stands behind one would be a header.
      to: matching(/^[^\s@,;<>]{1,64}@[^\s@,;<>]{1,255}$/, 'one mail address'),
      transport: made('what sends mails: smtp(transporter, ...)', { send: callback } satisfies Record<
        keyof AlertMailTransport,
        unknown
      >),
      name: sinkName,
    }),
  }),
};
