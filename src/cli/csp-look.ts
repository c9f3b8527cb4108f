/** What `bulwark csp` looks at: the policy of a file, what pages were sent of it, and what browsers said. */
import { existsSync, statSync } from 'node:fs';
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
import { versionOf } from '../controls/csp/reporting.ts';
import { maskedSample } from '../controls/reports/mask.ts';
import type { ReportFacts } from '../controls/reports/read-report.ts';
import { readAccepted, withAccepted } from '../gateway/pages/accepted-sources.ts';
import { offersOf } from '../gateway/pages/offers.ts';
import { SeenCodes } from '../gateway/pages/seen-code.ts';
import { readTemplates, type TemplateCode } from '../gateway/pages/templates.ts';
import { loadUnsignedPolicy } from '../policy/load-unsigned.ts';
import type { Policy } from '../policy/policy.ts';
import { clientsOf, MANY_CLIENTS, type ReportRecord } from '../stores/ports/reports.ts';
import { printingAside } from './load-module.ts';
import { Failed, WrongUse } from './terminal.ts';

/** What all of its commands take. */
export interface CspFlags {
  readonly policy?: string;
  readonly templates?: string;
  readonly pages: string;
  readonly hours: string;
  readonly clients?: string;
  readonly json?: true;
}

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
const FILES = ['bulwark.config.ts', 'bulwark.config.js', 'bulwark.config.mjs'];

/** Looks, and closes what it opened. */
export async function look(flags: CspFlags, now: number = Date.now()): Promise<Looked> {
  const least = { pages: numberOf('pages', flags.pages), hours: numberOf('hours', flags.hours) };
  const named = flags.clients === undefined ? undefined : numberOf('clients', flags.clients);
  const written = await ownCode(flags.templates);
  const policy = await policyOf(flags.policy);
  try {
    const { state, csp } = policy;
    if (policy.reports.path === undefined)
      throw new Failed("Nobody takes reports: write reports: { path: '/csp-reports' } into the policy.");
    if (state.reach === 'process' || state.reports === undefined)
      throw new Failed(
        'What browsers reported is in the memory of another process, where no command sees it.',
      );
    const records = await state.reports.list();
    const opened = policy.routes.routes.flatMap(({ rules }) => rules.csp ?? []);
    const settings = withAccepted(csp, readAccepted(policy.gateway.pages.sources));
    // In front of an application the policy has what was accepted; in one it has not.
    const versions = [settings, csp].map((one) => versionOf(one, opened));
    const clients = named ?? leastClients(records, versions);
    const code = [...written, ...codeSeen(policy.gateway.pages.seen, clients)];
    return {
      ...lookedAt({ settings, records, versions, code, written, clients }),
      ...early(records, versions, least, now),
    };
  } finally {
    await policy.state.close();
  }
}

/** Where hardly anybody has looked, such as whoever tries the pages out, what one of them met is all there is to go by. */
function leastClients(records: readonly ReportRecord[], versions: readonly string[]): number {
  const bits = records.reduce(
    (all, { kind, version, clients }) =>
      kind === 'pages' && versions.includes(version) ? all | clients : all,
    0,
  );
  return clientsOf({ clients: bits }) < MANY_CLIENTS ? 1 : 2;
}

interface Parts {
  readonly settings: CspSettings;
  readonly records: readonly ReportRecord[];
  readonly versions: readonly string[];
  readonly code: readonly OwnCode[];
  /** Those of templates. */
  readonly written: readonly OwnCode[];
  readonly clients: number;
}

function lookedAt({ settings, records, versions, code, written, clients }: Parts): Omit<Looked, 'tooEarly'> {
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

function early(
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

async function ownCode(folder: string | undefined): Promise<readonly OwnCode[]> {
  if (folder === undefined) return [];
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new WrongUse(`There is no folder ${folder}.`);
  return (await readTemplates(folder)).map(codeOf);
}

/** What a gateway has seen on several clients' pages and nobody has sent to it: it offers that as well. */
function codeSeen(file: string, clients: number): readonly OwnCode[] {
  if (!existsSync(file)) return [];
  const codes = new SeenCodes(file);
  try {
    const accepted = { 'script-src': {}, 'style-src': {} };
    return offersOf({ seen: codes.all(), templates: [], accepted, clients }).flatMap(
      ({ directive, source, text, standing }) =>
        standing !== 'offered' || directive === 'attribute' || !source.startsWith("'sha")
          ? []
          : [{ directive, source, sample: maskedSample(text), file: 'pages that the gateway has seen' }],
    );
  } finally {
    codes.close();
  }
}

/** A script or style as reports would have it. */
export function codeOf({ directive, source, text, file }: TemplateCode): OwnCode {
  return { directive, source, file, sample: maskedSample(text) };
}

/** The policy of a file, or of the one that lies here under its usual name. */
export async function policyOf(named: string | undefined): Promise<Policy> {
  const file = named ?? FILES.find((one) => existsSync(one));
  if (file === undefined) throw new WrongUse('Name the policy: --policy bulwark.config.ts');
  if (!existsSync(file)) throw new WrongUse(`There is no ${file}.`);
  return (await printingAside(() => loadUnsignedPolicy(file))).policy;
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (!/^\d{1,9}$/.test(text)) throw new WrongUse(`--${name} takes a number.`);
  return number;
}
