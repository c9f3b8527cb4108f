/** Alerts: what was raised, what is silent until when, and a way to silence a rule for a while. */
import { silenceKey } from '../alerts/alert-book.ts';
import { ALERTS_EVENTS } from '../alerts/alerts.events.ts';
import { isAlertId } from '../alerts/alerts.options.ts';
import { EVERY_ALERT } from '../alerts/alert-rules.ts';
import { Tally } from '../alerts/tally.ts';
import { showRate } from '../core/rate.ts';
import { parseDuration, showDuration } from '../core/readers.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import { errorList, type FieldError, form } from '../ui/forms.ts';
import { html, type Html } from '../ui/html.ts';
import {
  type ConsoleAnswer,
  type ConsoleContext,
  type ConsolePage,
  type ConsoleRequest,
  oneField,
  page,
  redirect,
} from './console-page.ts';
import { searchEvents } from './event-search.ts';
import { noteLook } from './events-page.ts';
import { shownText, shownTime, table } from './shown.ts';

/** What somebody has to hear of. */
export const alertsPages: ConsolePage = {
  link: { path: '/alerts', label: 'Alerts' },
  routes: { 'GET /alerts': showAlerts, 'POST /alerts/silence': silence },
};

const SHOWN = 50;
const TIMES = ['30m', '1h', '4h', '1d', '7d'] as const;
const ALL = 'all';
const FIELDS = { rule: 'Rule', about: 'Only about', for: 'For', reason: 'Reason' } as const;

function showAlerts(context: ConsoleContext, request: ConsoleRequest): Promise<ConsoleAnswer> {
  return alertsPage(context, request, []);
}

async function silence(context: ConsoleContext, request: ConsoleRequest): Promise<ConsoleAnswer> {
  const { form: fields, now, view, at } = request;
  const rule = oneField(fields, 'rule') ?? '';
  const about = oneField(fields, 'about');
  const reason = oneField(fields, 'reason');
  const time = TIMES.find((one) => one === oneField(fields, 'for'));
  const errors: FieldError[] = [];
  if (rule !== ALL && !isAlertId(rule)) errors.push({ field: 'rule', message: 'Choose a rule.' });
  if (rule === ALL && about !== undefined)
    errors.push({ field: 'about', message: 'Choose the rule that it is of, or leave this empty.' });
  if (time === undefined) errors.push({ field: 'for', message: 'Choose how long.' });
  if (reason === undefined) errors.push({ field: 'reason', message: 'Say why: it is kept in the log.' });
  const ms = parseDuration(time ?? '');
  if (errors.length > 0 || reason === undefined || ms === undefined)
    return await alertsPage(context, request, errors);
  const key = rule === ALL ? '*' : about === undefined ? rule : `${rule}:${about}`;
  const until = await tallyOf(context).silence(silenceKey(key), ms, now);
  view.audit(ALERTS_EVENTS.silenced, { rule, about, until: new Date(until).toISOString(), reason });
  return redirect(at('/alerts'));
}

async function alertsPage(
  context: ConsoleContext,
  request: ConsoleRequest,
  errors: readonly FieldError[],
): Promise<ConsoleAnswer> {
  const { now, view, at } = request;
  const { feed, parts } = context;
  feed.work(now);
  noteLook(request, 'alerts', {});
  const raised = await searchEvents(context, { event: ALERTS_EVENTS.raised.name }, SHOWN);
  const silences = await searchEvents(context, { event: ALERTS_EVENTS.silenced.name }, SHOWN);
  return page(
    errors.length > 0 ? 'Error: Alerts' : 'Alerts',
    html`<h1>Alerts</h1>
      ${
        parts.layer.alerts === undefined &&
        html`<p>Nobody is told of alerts, and none are raised. Write into the policy:</p>
          <pre tabindex="0">alerts: { log: true },   // or: to: [slack({ url })]</pre>`
      }
      <section aria-labelledby="raised">
        <h2 id="raised">Raised, newest first</h2>
        ${table(
          'Alerts',
          ['Time (UTC)', 'Severity', 'Rule', 'About', 'Because', 'What to do'],
          raised.events.map(({ event }) => alertRow(event)),
          'None.',
        )}
      </section>
      <section aria-labelledby="silent">
        <h2 id="silent">Silenced</h2>
        ${table(
          'Silences, newest first',
          ['Since (UTC)', 'Until (UTC)', 'Rule', 'Only about', 'By', 'Reason'],
          silences.events.map(({ event }) => silenceRow(event, now)),
          'Nothing was silenced.',
        )}
      </section>
      <section aria-labelledby="silence">
        <h2 id="silence">Silence a rule for a while</h2>
        ${errorList(errors)} ${form(at('/alerts/silence'), view.csrfToken, silenceForm(request.form))}
      </section>
      <section aria-labelledby="rules">
        <h2 id="rules">Rules</h2>
        ${await ruleTable(context, now)}
      </section>`,
    errors.length > 0 ? 400 : 200,
  );
}

function silenceForm(given: URLSearchParams): Html {
  const value = (name: keyof typeof FIELDS): string => oneField(given, name) ?? '';
  const option = (name: 'rule' | 'for', one: string, label: string = one): Html =>
    html`<option value="${one}" ${value(name) === one && html` selected`}>${label}</option>`;
  return html`<div class="field">
      <label for="rule">${FIELDS.rule}</label
      ><select id="rule" name="rule" required>
        <option value="">choose</option>
        ${EVERY_ALERT.map(([id]) => option('rule', id))}${option('rule', ALL, 'all of them')}
      </select>
    </div>
    <div class="field">
      <label for="about">${FIELDS.about}</label>
      <p class="hint soft small" id="about-hint">
        An account, a network or what else alerts of the rule are about. Empty: all of the rule.
      </p>
      <input
        id="about"
        name="about"
        value="${value('about')}"
        maxlength="300"
        autocomplete="off"
        spellcheck="false"
        aria-describedby="about-hint"
      />
    </div>
    <div class="field">
      <label for="for">${FIELDS.for}</label
      ><select id="for" name="for" required>
        ${TIMES.map((one) => option('for', one))}
      </select>
    </div>
    <div class="field">
      <label for="reason">${FIELDS.reason}</label
      ><input
        id="reason"
        name="reason"
        value="${value('reason')}"
        maxlength="300"
        required
        autocomplete="off"
      />
    </div>
    <p class="small">In every process at once. It cannot be ended earlier.</p>
    <button class="button danger">Silence it</button>`;
}

async function ruleTable(context: ConsoleContext, now: number): Promise<Html> {
  const { alerts } = context.parts.policy;
  const tally = tallyOf(context);
  const all = await tally.leftMs(silenceKey('*'), now);
  const rows: (readonly (Html | string)[])[] = [];
  for (const [id, { summary }] of EVERY_ALERT) {
    const settings = alerts.rules[id];
    const left = Math.max(all, await tally.leftMs(silenceKey(id), now));
    rows.push([
      id,
      summary,
      settings === false ? 'off' : settings.severity,
      settings === false || settings.threshold === undefined ? '' : showRate(settings.threshold),
      settings === false ? '' : showDuration(settings.quiet),
      left > 0 ? html`silent until ${shownTime(now + left)}` : '',
    ]);
  }
  return table('Rules', ['Rule', 'When', 'Severity', 'More than', 'Quiet for', 'Silence'], rows);
}

function alertRow({ time, details = {} }: AuditEvent): readonly (Html | string)[] {
  const help = textOf(details, 'help');
  const severity = textOf(details, 'severity');
  return [
    shownTime(time),
    html`<span class="badge ${severity === 'critical' ? 'critical' : 'warn'}">${shownText(severity)}</span>`,
    shownText(textOf(details, 'rule')),
    shownText(textOf(details, 'about')),
    shownText(textOf(details, 'because')),
    /^https:\/\/[\w./-]+$/.test(help) ? html`<a href="${help}" rel="noreferrer">its page</a>` : '',
  ];
}

function silenceRow(
  { time, account = 'at the machine', details = {} }: AuditEvent,
  now: number,
): readonly (Html | string)[] {
  const until = textOf(details, 'until');
  return [
    shownTime(time),
    html`${shownTime(until)}${Date.parse(until) <= now && ' (over)'}`,
    shownText(textOf(details, 'rule')),
    shownText(textOf(details, 'about')),
    shownText(account),
    shownText(textOf(details, 'reason')),
  ];
}

function tallyOf({ parts }: ConsoleContext): Tally {
  return new Tally(parts.policy.state.counters);
}

function textOf(details: Readonly<Record<string, unknown>>, name: string): string {
  const value = details[name];
  return typeof value === 'string' ? value : '';
}
