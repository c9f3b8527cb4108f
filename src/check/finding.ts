/** A finding as reports have it: what a rule said, with all that is known of the rule and of the place. */
import { createHash } from 'node:crypto';
import { requestIn } from '../core/answer.ts';
import type { AsvsId, Confidence, CweId, Fault, FlowStep, Level, RuleFacts, Where } from '../core/rule.ts';
import { helpOf } from './rule-page.ts';
import { shownText } from './shown-text.ts';
import { whyOf } from './weaknesses.ts';

/** Something that fell short, with the rule that says so. */
export interface Finding {
  /** The id of the rule. */
  readonly rule: string;
  readonly level: Level;
  /** What is so where the rule holds. */
  readonly title: string;
  /** What was found. */
  readonly message: string;
  readonly where: Where;
  readonly evidence: string;
  /** What an attacker does with it. */
  readonly why: string;
  readonly fix: string;
  /** The section of the go-live checklist. */
  readonly guide: number;
  readonly asvs: readonly AsvsId[];
  readonly cwe: readonly CweId[];
  readonly confidence: Confidence;
  /** The same for the same finding in the next run, on another host, or on another line. */
  readonly fingerprint: string;
  /** The way of a value, its source first; where the rule follows one. */
  readonly flow?: readonly FlowStep[];
  /** The address of a page about the rule. */
  readonly help?: string;
}

/**
 * The findings of one rule. What a server or a file has said is made one line of plain text, without what opens a session.
 *
 * @param target - the address under test, for faults that name no place
 */
export function findingsOf(
  rule: RuleFacts,
  faults: readonly Fault[],
  secrets: ReadonlySet<string>,
  target?: string,
): readonly Finding[] {
  const times = new Map<string, number>();
  const shown = (text: string): string => shownText(text, secrets);
  const help = helpOf(rule);
  return faults.map((fault) => {
    const where = shownWhere(fault.where ?? requestIn(fault.evidence) ?? addressed(target), shown);
    const base = markOf(rule, fault, where);
    const nth = times.get(base) ?? 0;
    times.set(base, nth + 1);
    return {
      rule: rule.id,
      level: fault.level,
      title: shownText(rule.title, NONE),
      message: shown(fault.message),
      where,
      evidence: shown(fault.evidence),
      why: shownText(whyOf(rule), NONE),
      fix: shown(fault.fix),
      guide: rule.guide,
      asvs: rule.asvs,
      cwe: rule.cwe,
      confidence: fault.confidence ?? 'high',
      fingerprint: digest(nth === 0 ? base : `${base}\n${nth}`),
      ...(help !== undefined && { help }),
      ...(fault.flow !== undefined && {
        flow: fault.flow.map((step) => ({
          ...shownWhere(step, shown),
          message: shown(step.message),
        })),
      }),
    };
  });
}

/** What a rule says of itself holds no secret of the site. */
const NONE: ReadonlySet<string> = new Set();

/** A place in a few words: `app.py:12:3`, or `POST https://example.com/login`. */
export function placeText({ method, url, file, line, column }: Where): string {
  if (file !== undefined) {
    return [file, line, line === undefined ? undefined : column]
      .filter((part) => part !== undefined)
      .join(':');
  }
  return [method, url].filter((part) => part !== undefined).join(' ');
}

function addressed(target: string | undefined): Where {
  return target === undefined ? {} : { method: 'GET', url: target };
}

function shownWhere(where: Where, shown: (text: string) => string): Where {
  const { url, method, file, line, column, endLine, endColumn } = where;
  return {
    ...(url !== undefined && { url: shown(url) }),
    ...(method !== undefined && { method: shown(method) }),
    ...(file !== undefined && { file: shown(file) }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(endLine !== undefined && { endLine }),
    ...(endColumn !== undefined && { endColumn }),
  };
}

/**
 * What stays the same while lines move, hosts change and numbers count on: the rule, the file or path, and the mark of the
 * fault. Blanks do not count, since formatters change them.
 */
function markOf({ id }: RuleFacts, { mark, message }: Fault, { url, method, file }: Where): string {
  const place = file ?? (url === undefined ? '' : `${method ?? 'GET'} ${pathOf(url)}`);
  const text = mark === undefined ? message.replaceAll(/\d+/g, '0') : mark;
  return [id, place, text.replaceAll(/\s+/g, ' ').trim()].join('\n');
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
