/** What `bulwark/shipping` and `bulwark/alerts` export, with arguments that it takes. */
import type { Calls } from './refused-calls.ts';

const url = 'https://a.example.com';

/** By name. */
export const SHIPPING: Calls = {
  syslog: [{ host: 'logs.example.com' }],
  otlp: [{ url }],
  webhook: [{ url, secret: Buffer.alloc(32, 5).toString('base64') }],
  elastic: [{ url }],
  loki: [{ url }],
  splunk: [{ url, token: 'made-up-token' }],
  timeStamps: [{ url, keep: 'a.stamps' }],
};

/** By name. */
export const ALERTS: Calls = {
  slack: [{ url }],
  teams: [{ url }],
  pagerDuty: [{ key: 'a'.repeat(32) }],
  alertmanager: [{ url }],
  mailAlerts: [{ to: 'ann@example.com', transport: { send: () => 0 } }],
};
