/** What receivers are told of an alert: read from its line of the log, in plain text that no chat takes for markup. */
import type { ShippedRecord } from '../../audit/shipping/log-sink.ts';
import { plainText } from '../../audit/reading/event-text.ts';

/** One alert on its way. */
export interface ToldAlert {
  /** The same for the same rule and thing: by it receivers put together what is one. */
  readonly key: string;
  readonly time: string;
  readonly service: string;
  readonly rule: string;
  readonly severity: 'warn' | 'critical';
  readonly summary: string;
  readonly about: string;
  readonly because: string;
  readonly help: string;
  readonly escalated: boolean;
}

const LONGEST = 300;

/** Alerts among records. Others are none: a receiver of alerts may stand in `audit.ship` by mistake. */
export function alertsOf(records: readonly ShippedRecord[]): readonly ToldAlert[] {
  return records
    .filter(({ event }) => event.event === 'alert_raised')
    .map(({ event: { time, service, details = {} } }) => {
      const of = (name: string): string => short(details[name]);
      return {
        key: `bulwark:${short(service)}:${of('rule')}:${of('about')}`,
        time,
        service: short(service),
        rule: of('rule'),
        severity: details['severity'] === 'critical' ? 'critical' : 'warn',
        summary: of('summary'),
        about: of('about'),
        because: of('because'),
        help: of('help'),
        escalated: details['escalated'] === true,
      };
    });
}

/** Line by line, for whoever reads plain text. */
export function textOf({ service, severity, summary, about, because, time, help }: ToldAlert): string {
  return `[${severity}] ${service}: ${summary}\nAbout: ${about}\nBecause: ${because}\nAt: ${time}\nWhat to do: ${help}`;
}

/** Names of accounts and pages come from strangers. */
function short(value: unknown): string {
  const text = plainText(typeof value === 'string' ? value : '');
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}
