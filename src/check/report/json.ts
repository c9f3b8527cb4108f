/** A report for programs: one line of JSON. */
import { asvsTable } from './asvs-table.ts';
import { allFindings } from './report.ts';
import type { Shown } from './shown.ts';

/** It is also what a later run takes as its baseline. */
export function asJson({ report, rules, judged, version, at }: Shown): string {
  const { results, url, source, counts, changed, leftOut } = report;
  return `${JSON.stringify({
    version: 1,
    tool: { name: 'bulwark', version },
    at: at.toISOString(),
    target: url ?? null,
    source: source ?? null,
    ran: results.flatMap(({ rule, outcome }) => (outcome === 'not-seen' ? [] : [rule])),
    skipped: results.flatMap((result) =>
      result.outcome === 'not-seen' ? [{ rule: result.rule, why: result.why }] : [],
    ),
    findings: allFindings(results),
    known: judged.known.map(({ fingerprint }) => fingerprint),
    waived: judged.waived.map(({ finding }) => finding.fingerprint),
    expired: judged.expired,
    changed,
    leftOut,
    asvs: asvsTable(rules, report),
    counts,
  })}\n`;
}
