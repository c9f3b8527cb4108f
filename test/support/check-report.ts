/** A report of the check with one finding of each kind, for what writes and reads reports; every text in it is hostile. */
import { judgeFindings, readBaseline } from '../../src/check/baseline.ts';
import { allFindings, type CheckReport, reportOf, resultOf } from '../../src/check/report/report.ts';
import type { Shown } from '../../src/check/report/shown.ts';
import { fault, type Fault, type RuleFacts } from '../../src/core/rule.ts';

/** What a hostile server or tree says, wherever it can: escapes of terminals, markup, and what reports give a meaning to. */
export const EVIL =
  '\u001b]0;owned\u0007\u001b[2J</td></code></style><script>alert(1)</script><img src=x onerror=alert(1)>&lt;]]>-->"\'`{0} [x](javascript:alert(1)) \u202egnp.exe\u202c \u0000\ud800';

export const REPORT_RULES: readonly RuleFacts[] = [
  rule('made.up-policy', 3, 'Every page carries a policy'),
  rule('made.up-flow', 12, 'Nothing flows where it must not', ['CWE-89', 'CWE-564']),
  rule('made.up-held', 4, 'Answers are read as what they say they are'),
  rule('made.up-unseen', 5, 'Signing in gives a new session id'),
];

function rule(id: string, guide: number, title: string, cwe: RuleFacts['cwe'] = ['CWE-79']): RuleFacts {
  return { id, title, level: 'error', guide, asvs: ['v5.0.0-3.4.3 (in part)'], cwe, needs: 'site' };
}

const FAULTS: Readonly<Record<string, readonly Fault[]>> = {
  'made.up-policy': [
    fault('error', `there is no policy ${EVIL}`, `GET https://files.example/${EVIL} answered 200`, EVIL, {
      where: { method: 'GET', url: `https://files.example/?q=${EVIL}` },
    }),
  ],
  'made.up-flow': [
    {
      ...fault('warning', EVIL, EVIL, 'use parameters', {
        where: { file: `../../${EVIL}/app.py`, line: 7, column: 9, endLine: 7, endColumn: 3 },
        confidence: 'low',
      }),
      flow: Array.from({ length: 150 }, (_none, step) => ({
        file: 'app.py',
        line: step + 1,
        message: `step ${step} ${EVIL}`,
      })),
    },
    fault('note', 'a hint', 'seen', 'do it', { where: { file: 'a b/#c.py', line: 0 } }),
  ],
};

/** The report; `baseline` is the text of one. */
export function shownReport(
  baseline = '{}',
  run: Parameters<typeof reportOf>[1] = { url: 'https://files.example/', requests: 12, limited: 0 },
): Shown {
  const results = REPORT_RULES.map((one) => {
    const faults = FAULTS[one.id];
    const [first, ...rest] = faults ?? [];
    if (first !== undefined)
      return resultOf(one, { outcome: 'fell-short', faults: [first, ...rest] }, new Set());
    return one.id === 'made.up-held'
      ? resultOf(one, { outcome: 'held', evidence: EVIL }, new Set())
      : resultOf(one, { outcome: 'not-seen', why: EVIL }, new Set());
  });
  const report: CheckReport = reportOf(results, { changed: [EVIL], ...run });
  const at = new Date('2026-11-30T10:00:00Z');
  const judged = judgeFindings(allFindings(results), readBaseline(baseline), at);
  return { report, rules: REPORT_RULES, judged, version: '1.2.3', at, verbose: true };
}
