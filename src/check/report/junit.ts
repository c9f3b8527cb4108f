/** A report as JUnit XML: a test suite for each section, a test case for each rule, a failure where it fell short. */
import type { RuleFacts } from '../../core/rule.ts';
import { placeText } from '../finding.ts';
import { sectionTitle } from '../sections.ts';
import { escapeXml } from './escape-xml.ts';
import type { RuleResult } from './report.ts';
import type { Shown } from './shown.ts';

/** What a baseline knows or a waiver covers is no failure. What could not be seen is skipped; a blind run is an error. */
export function asJunit(shown: Shown): string {
  const { report, rules, at } = shown;
  const results = new Map(report.results.map((result) => [result.rule, result]));
  const suites = [...Map.groupBy(rules, ({ guide }) => guide)]
    .toSorted(([a], [b]) => a - b)
    .map(([guide, some]) => {
      const cases = some.flatMap((rule) => {
        const result = results.get(rule.id);
        return result === undefined ? [] : [caseOf(rule, result, shown)];
      });
      return suiteOf(sectionTitle(guide), cases, at);
    });
  const blind = report.blind;
  const run = blind === undefined ? [] : [suiteOf('The run', [errorCase(blind)], at)];
  const all = [...suites, ...run];
  const sum = (name: keyof Counts): number => all.reduce((total, { counts }) => total + counts[name], 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="bulwark check" tests="${sum('tests')}" failures="${sum('failures')}" errors="${sum('errors')}" skipped="${sum('skipped')}" time="0">`,
    ...all.map(({ xml }) => xml),
    '</testsuites>\n',
  ].join('\n');
}

interface Case {
  readonly kind: 'held' | 'failures' | 'skipped' | 'errors';
  readonly xml: string;
}

interface Counts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
}

interface Suite {
  readonly counts: Counts;
  readonly xml: string;
}

function suiteOf(name: string, cases: readonly Case[], at: Date): Suite {
  const count = (kind: Case['kind']): number => cases.filter((one) => one.kind === kind).length;
  const counts = {
    tests: cases.length,
    failures: count('failures'),
    errors: count('errors'),
    skipped: count('skipped'),
  };
  const head = `<testsuite name="${escapeXml(name)}" tests="${counts.tests}" failures="${counts.failures}" errors="${counts.errors}" skipped="${counts.skipped}" time="0" timestamp="${at.toISOString().slice(0, 19)}">`;
  return { counts, xml: [head, ...cases.map(({ xml }) => xml), '</testsuite>'].join('\n') };
}

function caseOf({ id, title }: RuleFacts, result: RuleResult, { judged }: Shown): Case {
  const room = id.split('.')[0] ?? id;
  const head = `<testcase classname="bulwark.${escapeXml(room)}" name="${escapeXml(`${id}: ${title}`)}" time="0"`;
  switch (result.outcome) {
    case 'held':
      return { kind: 'held', xml: `${head}/>` };
    case 'not-seen':
      return {
        kind: 'skipped',
        xml: `${head}><skipped message="${escapeXml(result.why)}"/></testcase>`,
      };
    case 'fell-short': {
      const open = result.findings.filter((finding) => judged.open.includes(finding));
      if (open.length === 0) return { kind: 'held', xml: `${head}/>` };
      // Readers take one failure for each case.
      const text = open.map(({ level, message, where, evidence, why, fix }) =>
        [
          `${level}: ${message}`,
          `at: ${placeText(where)}`,
          `seen: ${evidence}`,
          `why: ${why}`,
          `fix: ${fix}`,
        ].join('\n'),
      );
      const [first] = open;
      return {
        kind: 'failures',
        xml: `${head}><failure message="${escapeXml(first?.message ?? '')}" type="${first?.level ?? 'error'}">${escapeXml(text.join('\n\n'))}</failure></testcase>`,
      };
    }
  }
}

function errorCase(why: string): Case {
  return {
    kind: 'errors',
    xml: `<testcase classname="bulwark.run" name="the run saw enough" time="0"><error message="${escapeXml(why)}" type="blind"/></testcase>`,
  };
}
