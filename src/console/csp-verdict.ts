/** What browsers' reports come to: whether a policy that is only reported is ready to hold, and what would break. */
import {
  additionsFor,
  type Additions,
  type Need,
  needsOf,
  type OwnCode,
  type SeenViolation,
} from '../controls/csp/advice.ts';
import type { Directives } from '../controls/csp/csp-grammar.ts';
import type { CspSettings } from '../controls/csp/csp.options.ts';
import { linesOf } from './csp-lines.ts';
import type { ReportFacts } from '../controls/reports/read-report.ts';
import { clientsOf, MANY_CLIENTS, type ReportRecord } from '../stores/ports/reports.ts';

/** What was found. */
export interface Looked {
  /** What the policy tries out: all of it, a tighter step beside the one that holds, or nothing. */
  readonly tried: 'all' | 'step' | 'nothing';
  readonly settings: CspSettings;
  /** The directives that reports are about. */
  readonly directives: Directives;
  /** Pages that were sent under this very policy, and from when on; in milliseconds since 1970. */
  readonly pages: number;
  readonly since: number | undefined;
  readonly last: number | undefined;
  /** Whether pages were sent under another policy only. */
  readonly isOther: boolean;
  /** What would break, and what is stopped already. */
  readonly needs: readonly Need[];
  readonly stopped: readonly Need[];
  /** Of one client alone: whoever likes can make these up. */
  readonly rare: readonly Need[];
  readonly additions: Additions;
  /** Scripts and styles of templates that the policy does not have, and that nobody has reported. */
  readonly unreported: readonly OwnCode[];
  /** Reports of other kinds, by kind. */
  readonly others: readonly { readonly kind: string; readonly count: number }[];
  /** Why it is too early to tell; empty where enough was seen. */
  readonly tooEarly: readonly string[];
}

const HOUR_MS = 3_600_000;

/** What is looked at. */
export interface Parts {
  readonly settings: CspSettings;
  readonly records: readonly ReportRecord[];
  readonly versions: readonly string[];
  readonly code: readonly OwnCode[];
  /** Those of templates. */
  readonly written: readonly OwnCode[];
  readonly clients: number;
}

/** What reports of these versions of a policy say. */
export function lookedAt({
  settings,
  records,
  versions,
  code,
  written,
  clients,
}: Parts): Omit<Looked, 'tooEarly'> {
  const tried =
    settings.mode === 'observe' ? 'all' : Object.keys(settings.reportOnly).length > 0 ? 'step' : 'nothing';
  const directives =
    tried === 'step' ? { ...settings.directives, ...settings.reportOnly } : settings.directives;
  const current = records.filter(({ version }) => versions.includes(version));
  const pages = current.filter(({ kind }) => kind === 'pages');
  const violations = current.flatMap((record) => {
    if (record.kind !== 'csp-violation') return [];
    const facts = JSON.parse(record.facts) as ReportFacts;
    return [{ seen: violationOf(record, facts), wouldBe: facts.disposition !== 'enforce' }];
  });
  const all = (wouldBe: boolean): readonly Need[] =>
    needsOf(
      violations.flatMap((one) => (one.wouldBe === wouldBe ? [one.seen] : [])),
      directives,
      code,
    );
  const [would, stopped] = [all(true), all(false)];
  const counts = (need: Need): boolean => need.isOwn || need.clients >= clients;
  const needs = would.filter(counts);
  return {
    tried,
    settings,
    directives,
    pages: pages.reduce((sum, { count }) => sum + count, 0),
    since: pages.length === 0 ? undefined : Math.min(...pages.map(({ firstAt }) => firstAt)),
    last: pages.length === 0 ? undefined : Math.max(...pages.map(({ lastAt }) => lastAt)),
    isOther: pages.length === 0 && records.some(({ kind }) => kind === 'pages'),
    needs,
    stopped,
    rare: would.filter((need) => !counts(need)),
    additions: additionsFor(needs, directives),
    unreported: unreported(written, would, directives),
    others: [
      ...Map.groupBy(
        records.filter(({ kind }) => kind !== 'pages' && kind !== 'csp-violation'),
        ({ kind }) => kind,
      ),
    ].map(([kind, group]) => ({ kind, count: group.reduce((sum, { count }) => sum + count, 0) })),
  };
}

function unreported(
  written: readonly OwnCode[],
  needs: readonly Need[],
  policy: Directives,
): readonly OwnCode[] {
  const known = new Set([...needs.map(({ source }) => source), ...Object.values(policy).flat()]);
  return written.filter(({ source }) => source !== undefined && !known.has(source));
}

/** Whether enough pages were sent for long enough to say anything. */
export function early(
  records: readonly ReportRecord[],
  versions: readonly string[],
  least: { readonly pages: number; readonly hours: number },
  now: number,
): Pick<Looked, 'tooEarly'> {
  const pages = records.filter(({ kind, version }) => kind === 'pages' && versions.includes(version));
  const count = pages.reduce((sum, one) => sum + one.count, 0);
  const hours = pages.length === 0 ? 0 : (now - Math.min(...pages.map(({ firstAt }) => firstAt))) / HOUR_MS;
  return {
    tooEarly: [
      ...(count < least.pages ? [`${count} of ${least.pages} pages were sent under it (--pages)`] : []),
      ...(hours < least.hours
        ? [`it was sent for ${Math.floor(hours)} of ${least.hours} hours (--hours)`]
        : []),
    ],
  };
}

function violationOf({ count, clients }: ReportRecord, facts: ReportFacts): SeenViolation {
  const { page, directive = '', blocked = '', sample = '', source = '', line } = facts;
  return { page, directive, blocked, sample, source, line, count, clients: clientsOf({ clients }) };
}

/** Where hardly anybody has looked, such as whoever tries the pages out, what one of them met is all there is to go by. */
export function leastClients(records: readonly ReportRecord[], versions: readonly string[]): number {
  const bits = records.reduce(
    (all, { kind, version, clients }) =>
      kind === 'pages' && versions.includes(version) ? all | clients : all,
    0,
  );
  return clientsOf({ clients: bits }) < MANY_CLIENTS ? 1 : 2;
}

/** Whether it can hold, where nothing more would break. */
export function isReady({ tried, tooEarly }: Looked, isFree: boolean): boolean {
  return tried !== 'nothing' && tooEarly.length === 0 && isFree;
}

/** Why the policy should not hold yet, lines for its needs included. */
export function whyNot({ tried, tooEarly, needs, isOther }: Looked): readonly string[] {
  if (tried === 'nothing')
    return ["nothing is tried out: csp: { mode: 'observe' }, or reportOnly beside the policy that holds"];
  return [
    ...(isOther ? ['pages were sent under another policy than that of the file'] : []),
    ...tooEarly,
    ...needs.flatMap(({ source, directive, blocked, sample, word }) =>
      source === undefined ? [`${directive} ${blocked} ${sample === '' ? '' : `"${sample}"`}: ${word}`] : [],
    ),
  ];
}

/** The sections of a policy that holds. What is not in them stays as it is. */
export function promoted({ tried, settings, additions }: Looked): readonly string[] {
  const { site, routes } = additions;
  const step: Directives = tried === 'step' ? { ...settings.reportOnly, ...site } : site;
  const notes =
    tried === 'step'
      ? ['// without reportOnly: it holds from now on']
      : ["mode: 'enforce', // or without this line"];
  return linesOf({ site: step, routes }, notes);
}
