/** Alerts by mail, through the transport that the application sends its mails by. */
import type { LogSink } from '../../audit/shipping/log-sink.ts';
import { ALERT_CALLS } from './alerts.calls.ts';
import { alertsOf, textOf } from './told-alert.ts';

/** Who is mailed. */
export interface AlertMailOptions {
  /** One address: that of a list, or of whoever is on call. */
  to: string;
  /** What sends it: that of `accounts`, such as `smtp(...)`, or your own. */
  transport: AlertMailTransport;
  /** Names its spool. Default `mail`. */
  name?: string;
}

/** What is used of a mail transport: that of accounts fits. */
export interface AlertMailTransport {
  /** Resolves once the mail server has taken the mail. */
  send(
    mail: { readonly to: string; readonly subject: string; readonly text: string },
    signal: AbortSignal,
  ): Promise<void>;
}

const TIMEOUT_MS = 30_000;
const LONGEST_SUBJECT = 150;

/** Mails alerts. What came at one time is one mail. */
export function mailAlerts(options: AlertMailOptions): LogSink {
  ALERT_CALLS.mailAlerts(options);
  const { to, transport, name = 'mail' } = options;
  return {
    name,
    send: async (records) => {
      const alerts = alertsOf(records);
      const [first] = alerts;
      if (first === undefined) return;
      const more = alerts.length > 1 ? ` and ${alerts.length - 1} more` : '';
      const subject = `[${first.severity}] ${first.service}: ${first.rule}, ${first.about}`;
      await transport.send(
        {
          to,
          subject: `${subject.slice(0, LONGEST_SUBJECT)}${more}`,
          text: `${alerts.map(textOf).join('\n\n')}\n`,
        },
        AbortSignal.timeout(TIMEOUT_MS),
      );
    },
  };
}
