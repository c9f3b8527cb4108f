/** From events to alerts: which rules fire, and which of that a person is told. */
import type { AuditEvent } from '../audit/audit-event.ts';
import type { AlertsSettings } from './alerts.options.ts';
import { type AlertId, EVERY_ALERT, type Finding, type Severity } from './alert-rules.ts';
import type { Tally } from './tally.ts';

/** What a person is told. */
export interface Alert extends Finding {
  readonly rule: AlertId;
  readonly severity: Severity;
  readonly summary: string;
  /** The page that says what to do. */
  readonly help: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** It came so often within a day that somebody else hears of it too. */
  readonly escalated: boolean;
}

/** What a book looks things up in. */
export interface AlertParts {
  readonly tally: Tally;
  readonly settings: Pick<AlertsSettings, 'rules' | 'escalateAfter' | 'operators' | 'operatorRoles'>;
  /** Roles of an account; none where nobody knows it. */
  readonly rolesOf?: ((account: string) => Promise<readonly string[]>) | undefined;
}

const PAGES = 'https://github.com/bulwark-layer/bulwark/blob/main/docs/alerts';
const DAY = 86_400_000;
const HOUR = 3_600_000;

/** Of each rule so many different alerts an hour: who attacks ten thousand accounts must not send ten thousand messages. */
const MOST_AN_HOUR = 20;
const MANY = 'many';

/** Looks at events one by one, in any number of processes that share the tally. */
export class AlertBook {
  readonly #parts: AlertParts;
  #silenced = 0;
  #grouped = 0;

  constructor(parts: AlertParts) {
    this.#parts = parts;
  }

  /** How often a rule fired and was silent: silenced by an operator, or told already. */
  get untold(): { readonly silenced: number; readonly grouped: number } {
    return { silenced: this.#silenced, grouped: this.#grouped };
  }

  /** What is to be told because of an event. Its own time counts. */
  async look(event: AuditEvent): Promise<readonly Alert[]> {
    const now = Date.parse(event.time);
    if (Number.isNaN(now)) return [];
    const alerts: Alert[] = [];
    for (const [id, { events, find }] of EVERY_ALERT) {
      const settings = this.#parts.settings.rules[id];
      if (settings === false || !reads(events, event)) continue;
      const { threshold } = settings;
      const { tally } = this.#parts;
      const finding = await find({ event, tally, threshold, now, isOperator: this.#isOperator });
      const alert = finding && (await this.#told(id, finding, now));
      if (alert !== undefined) alerts.push(alert);
    }
    return alerts;
  }

  async #told(rule: AlertId, finding: Finding, at: number): Promise<Alert | undefined> {
    const settings = this.#parts.settings.rules[rule];
    if (settings === false) return undefined;
    const { tally } = this.#parts;
    for (const silent of ['*', rule, `${rule}:${finding.about}`])
      if (await tally.holds(silenceKey(silent), at)) {
        this.#silenced += 1;
        return undefined;
      }
    if (!(await tally.first(`told:${rule}:${finding.about}`, settings.quiet, at))) return this.#again();
    let told = finding;
    if (await tally.over(`most:${rule}`, { count: MOST_AN_HOUR, windowMs: HOUR }, at)) {
      if (!(await tally.first(`told:${rule}:${MANY}`, HOUR, at))) return this.#again();
      told = {
        about: MANY,
        because: `more than ${MOST_AN_HOUR} within an hour, of which this is one: ${finding.about}`,
      };
    }
    const often = { count: this.#parts.settings.escalateAfter, windowMs: DAY };
    const escalated = await tally.overBy(`often:${rule}:${told.about}`, often, 1, at);
    const summary = EVERY_ALERT.find(([id]) => id === rule)?.[1].summary ?? '';
    const severity = escalated ? 'critical' : settings.severity;
    return { rule, severity, summary, ...told, help: `${PAGES}/${rule}.md`, at, escalated };
  }

  #again(): undefined {
    this.#grouped += 1;
  }

  readonly #isOperator = async (account: string): Promise<boolean> => {
    const { settings, rolesOf } = this.#parts;
    if (settings.operators.includes(account)) return true;
    const roles = (await rolesOf?.(account)) ?? [];
    return settings.operatorRoles.some((role) => roles.includes(role));
  };
}

/** Under what a silence is kept: of everything (`*`), of a rule, or of one thing that a rule is about. */
export function silenceKey(what: string): string {
  return `silence:${what}`;
}

function reads(events: readonly string[], { event, level }: AuditEvent): boolean {
  return events.includes(event) || (events.includes('*') && level !== 'info');
}
