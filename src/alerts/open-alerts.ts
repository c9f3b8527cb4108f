/** The alerts of one layer, from its policy. */
import type { AuditLog } from '../audit/audit.ts';
import type { SpoolSettings } from '../audit/shipping/shipping.options.ts';
import { ShipLog } from '../audit/shipping/ship-log.ts';
import type { LogSink } from '../audit/shipping/log-sink.ts';
import type { State } from '../stores/ports/state.ts';
import { AlertBook } from './alert-book.ts';
import { AlertWatch } from './alert-watch.ts';
import type { AlertsSettings } from './alerts.options.ts';
import { Tally } from './tally.ts';

/** What alerts of a layer need. */
export interface AlertsPlace {
  readonly settings: AlertsSettings;
  readonly spool: SpoolSettings;
  readonly state: Pick<State, 'counters' | 'accounts'>;
  readonly audit: Pick<AuditLog, 'write' | 'receiverListener'>;
}

/** Whether anybody hears of alerts: without, nothing is counted. */
export function watchesFor({ to, escalateTo, log }: AlertsSettings): boolean {
  return log || to.length > 0 || escalateTo.length > 0;
}

/** Begins to watch. The log has to hand its lines to `note`. */
export function openAlerts({ settings, spool, state, audit }: AlertsPlace): AlertWatch {
  const { accounts, counters } = state;
  const listener = audit.receiverListener();
  // A receiver of the log may be one of alerts too, and has a spool of its own for each.
  const open = (to: readonly LogSink[], folder: string): ShipLog | undefined =>
    to.length === 0
      ? undefined
      : new ShipLog({ to, folder: `${spool.folder}/${folder}`, most: spool.most }, listener);
  return new AlertWatch({
    book: new AlertBook({
      settings,
      tally: new Tally(counters),
      rolesOf: accounts && (async (id) => (await accounts.find(id))?.roles ?? []),
    }),
    write: (kind, details) => audit.write(kind, details),
    receivers: open(settings.to, 'alerts'),
    escalation: open(settings.escalateTo, 'escalation'),
  });
}
