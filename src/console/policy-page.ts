/** The policy in force, and in what it is not the default. */
import { isDeepStrictEqual } from 'node:util';
import { Redactor } from '../audit/redact.ts';
import { defaultsOf, isPlainObject, type OptionSpec } from '../core/options.ts';
import { showDuration } from '../core/readers.ts';
import type { RouteRules } from '../core/route-rules.ts';
import { SECTIONS } from '../policy/controls.ts';
import type { Policy } from '../policy/policy.ts';
import { html, type Html } from '../ui/html.ts';
import { type ConsoleAnswer, type ConsoleContext, type ConsolePage, page } from './console-page.ts';
import { plainText, settingText } from './setting-text.ts';
import { shownText, table } from './shown.ts';

/** What holds. */
export const policyPages: ConsolePage = {
  link: { path: '/policy', label: 'Policy' },
  routes: { 'GET /policy': showPolicy },
};

/** One option, as a person reads it. */
interface Row {
  readonly name: string;
  readonly inForce: string;
  readonly byDefault: string;
  readonly isOther: boolean;
  readonly reason: string;
}

type Table = Readonly<Record<string, OptionSpec<unknown>>>;

function showPolicy({ parts: { policy } }: ConsoleContext): ConsoleAnswer {
  const redactor = new Redactor(policy.audit.redact);
  const sections = Object.entries(SECTIONS as unknown as Readonly<Record<string, Table>>).map(
    ([name, options]) => {
      const settings = policy[name as keyof Policy] as Readonly<Record<string, unknown>> | undefined;
      return { name, rows: settings === undefined ? undefined : rowsOf(name, options, settings, redactor) };
    },
  );
  const others = sections.flatMap(({ rows = [] }) => rows.filter(({ isOther }) => isOther));
  return page(
    'Policy',
    html`<h1>Policy in force</h1>
      <dl class="facts card">
        <dt>Environment</dt>
        <dd>${policy.environment}</dd>
        <dt>Origin</dt>
        <dd>${policy.origin?.origin ?? 'none: only this machine is answered'}</dd>
        <dt>Service</dt>
        <dd>${policy.audit.service}</dd>
        <dt>Sign-in with others</dt>
        <dd>${shownText(Object.keys(policy.providers).join(', ') || 'none')}</dd>
      </dl>
      <p class="soft">
        Secrets, keys, functions and objects of libraries are never shown; of addresses only the origin is.
      </p>
      <section aria-labelledby="other">
        <h2 id="other">Other than the default</h2>
        ${optionTable('Other than the default', others)}
      </section>
      <section aria-labelledby="routes">
        <h2 id="routes">Routes</h2>
        ${routeTable(policy, redactor)}
      </section>
      <section aria-labelledby="all">
        <h2 id="all">Every option</h2>
        ${sections.map(({ name, rows }) =>
          rows === undefined
            ? html`<p><b>${name}</b>: not declared</p>`
            : html`<details class="stacked">
                <summary>${name}</summary>
                ${optionTable(name, rows)}
              </details>`,
        )}
      </section>`,
  );
}

function optionTable(caption: string, rows: readonly Row[]): Html {
  return table(
    caption,
    ['Option', 'In force', 'Default', 'Why that is the default'],
    rows.map(({ name, inForce, byDefault, isOther, reason }) => [
      isOther ? html`<b>${name}</b>` : name,
      html`<code>${shownText(inForce)}</code>`,
      html`<code>${shownText(byDefault)}</code>`,
      reason,
    ]),
    'Nothing: every option has its default.',
  );
}

function routeTable({ routes }: Policy, redactor: Redactor): Html {
  return table(
    'Routes',
    ['Pattern', 'Who', 'Else'],
    routes.routes.map(({ pattern, rules: { require, ...rest } }) => [
      html`<code>${shownText(pattern.text)}</code>`,
      shownText(whoText(require, redactor)),
      Object.keys(rest).length === 0 ? '' : shownText(plainText(rest, 'rules', redactor, 0)),
    ]),
    'None: every route is as the rest.',
  );
}

function whoText(require: RouteRules['require'], redactor: Redactor): string {
  if (require === undefined) return 'as the rest';
  if (require === 'anyone') return 'anyone';
  const { freshMs, ...rule } = require;
  const asked = { ...rule, ...(freshMs !== undefined && { fresh: showDuration(freshMs) }) };
  return Object.keys(asked).length === 0 ? 'signed in' : plainText(asked, 'require', redactor, 0);
}

function rowsOf(
  path: string,
  options: Table,
  settings: Readonly<Record<string, unknown>>,
  redactor: Redactor,
): readonly Row[] {
  return Object.entries(options).flatMap(([key, spec]) => {
    const value = settings[key];
    const name = `${path}.${key}`;
    if (spec.table !== undefined && isPlainObject(value)) {
      const inner = spec.table as Table;
      // Where a section is not there by default, what it would be by itself is what it differs from.
      return rowsOf(name, inner, { ...(defaultsOf(inner) as object), ...value }, redactor);
    }
    const isOther = !isDeepStrictEqual(value, spec.default);
    const byDefault = spec.shown ?? settingText(spec.default, key, spec, redactor);
    return [
      {
        name,
        inForce: isOther ? settingText(value, key, spec, redactor) : byDefault,
        byDefault,
        isOther,
        reason: spec.reason,
      },
    ];
  });
}
