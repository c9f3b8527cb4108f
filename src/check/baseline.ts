/**
 * What is known already, and what somebody has taken upon themselves. A baseline is a report of an earlier run in JSON: what
 * it has counts for nothing. A waiver names a finding, a reason, an owner and a last day, and is worth nothing past that.
 */
import type { Finding } from './finding.ts';
import { shownText } from './shown-text.ts';

/** Somebody's word that a finding may stay, for a time. */
export interface Waiver {
  /** Of one finding; or else a rule, with everything that it finds. */
  readonly fingerprint?: string;
  readonly rule?: string;
  readonly reason: string;
  readonly owner: string;
  /** `2026-12-31`: the last day on which it counts, in UTC. */
  readonly until: string;
}

/** A file that was read. */
export interface Baseline {
  readonly fingerprints: ReadonlySet<string>;
  readonly waivers: readonly Waiver[];
}

/** Findings, by what they count for. */
export interface Judged {
  /** These decide how the run ends. */
  readonly open: readonly Finding[];
  /** In the baseline. */
  readonly known: readonly Finding[];
  readonly waived: readonly { readonly finding: Finding; readonly waiver: Waiver }[];
  /** Waivers past their last day: each makes the run fail, and what it was for counts again. */
  readonly expired: readonly Waiver[];
  /** Waivers of what is found no more: to be taken out. */
  readonly idle: readonly Waiver[];
}

/** A file that is no baseline, with what is wrong in it. */
export class BadBaseline extends Error {
  override readonly name = 'BadBaseline';
}

/** Where there is none. */
export const NO_BASELINE: Baseline = { fingerprints: new Set(), waivers: [] };

/**
 * Reads a baseline: a report in JSON, with `waivers` beside `findings` where somebody wrote some.
 *
 * @throws BadBaseline
 */
export function readBaseline(text: string): Baseline {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadBaseline('it is no JSON');
  }
  if (!isRecord(value)) throw new BadBaseline('it is no object');
  const { findings = [], waivers = [] } = value;
  if (!Array.isArray(findings) || !Array.isArray(waivers)) {
    throw new BadBaseline('findings and waivers are arrays');
  }
  const fingerprints = findings.map((one: unknown, index) => {
    const print = isRecord(one) ? one['fingerprint'] : undefined;
    if (!isPrint(print)) throw new BadBaseline(`findings[${index}].fingerprint is missing, or none`);
    return print;
  });
  return { fingerprints: new Set(fingerprints), waivers: waivers.map(readWaiver) };
}

/** Sorts findings by what they count for on a day. */
export function judgeFindings(
  findings: readonly Finding[],
  { fingerprints, waivers }: Baseline,
  now: Date,
): Judged {
  const today = now.toISOString().slice(0, 10);
  const valid = waivers.filter(({ until }) => until >= today);
  const open: Finding[] = [];
  const known: Finding[] = [];
  const waived: { finding: Finding; waiver: Waiver }[] = [];
  for (const finding of findings) {
    const waiver = valid.find((one) => isFor(one, finding));
    if (waiver !== undefined) waived.push({ finding, waiver });
    // What an expired waiver was for counts, whatever else knows it.
    else if (fingerprints.has(finding.fingerprint) && !waivers.some((one) => isFor(one, finding))) {
      known.push(finding);
    } else open.push(finding);
  }
  return {
    open,
    known,
    waived,
    expired: waivers.filter(({ until }) => until < today),
    idle: valid.filter((waiver) => !waived.some((one) => one.waiver === waiver)),
  };
}

/** A waiver in a few words. */
export function waiverText({ fingerprint, rule, reason, owner, until }: Waiver): string {
  return `${rule ?? fingerprint ?? ''}, until ${until}, by ${owner}: ${reason}`;
}

function isFor({ fingerprint, rule }: Waiver, finding: Finding): boolean {
  return fingerprint === undefined ? rule === finding.rule : fingerprint === finding.fingerprint;
}

function readWaiver(value: unknown, index: number): Waiver {
  const name = `waivers[${index}]`;
  if (!isRecord(value)) throw new BadBaseline(`${name} is no object`);
  const { fingerprint, rule, reason, owner, until } = value;
  if (fingerprint !== undefined && !isPrint(fingerprint)) {
    throw new BadBaseline(`${name}.fingerprint is none: copy it from a report`);
  }
  if (rule !== undefined && typeof rule !== 'string')
    throw new BadBaseline(`${name}.rule is the id of a rule`);
  if ((fingerprint === undefined) === (rule === undefined)) {
    throw new BadBaseline(`${name} names a fingerprint or a rule`);
  }
  const day = typeof until === 'string' && /^\d{4}-\d\d-\d\d$/.test(until) ? new Date(until) : undefined;
  if (day === undefined || Number.isNaN(day.getTime())) {
    throw new BadBaseline(`${name}.until is its last day, such as 2026-12-31`);
  }
  return {
    ...(fingerprint !== undefined && { fingerprint }),
    ...(rule !== undefined && { rule: shownText(rule, new Set()) }),
    reason: wordsOf(reason, `${name}.reason`, 'says why it may stay'),
    owner: wordsOf(owner, `${name}.owner`, 'says who has decided it'),
    until: String(until),
  };
}

function wordsOf(value: unknown, name: string, what: string): string {
  if (typeof value !== 'string' || value.trim() === '')
    throw new BadBaseline(`${name} is missing: it ${what}`);
  return shownText(value, new Set());
}

function isPrint(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
