/** `bulwark check --source DIR --fix`: what a program can mend, as a diff; with --yes it is written. */
import type { Finding } from '../check/finding.ts';
import type { SourceRule } from '../check/source/source-rule.ts';
import type { Terminal } from './terminal.ts';

/** What is to be mended. */
export interface Mending {
  readonly root: string;
  /** Every finding. */
  readonly all: readonly Finding[];
  /** Those that count. */
  readonly open: readonly Finding[];
  readonly rules: readonly SourceRule[];
  readonly write: boolean;
}

/** Shows the changes, or makes them. Whether one was made. */
export async function mendSource(
  { root, all, open, rules, write }: Mending,
  { out, err }: Terminal,
): Promise<boolean> {
  const { planFixes } = await import('../check/fix/plan-fixes.ts');
  const inFiles = (some: readonly Finding[]): readonly Finding[] =>
    some.filter(({ where }) => where.file !== undefined);
  const fixes = await planFixes(root, inFiles(all), inFiles(open), { rules });
  const mended = fixes.reduce((sum, { findings }) => sum + findings.length, 0);
  if (!write) {
    const { unifiedDiff } = await import('../check/fix/unified-diff.ts');
    const { MaskedLines } = await import('../check/fix/masked-lines.ts');
    let masked = 0;
    for (const { path, before, edits } of fixes) {
      const lines = new MaskedLines(before);
      out.write(unifiedDiff(path, before, edits, (line) => lines.shown(line)));
      masked += lines.count;
    }
    const all = `${mended} of ${open.length} findings`;
    err.write(
      fixes.length === 0
        ? `Nothing that a program should write: each of ${open.length} findings has the line to write.\n`
        : `${all} in ${fixes.length} files would be mended: --fix --yes writes it. The others are for a person.\n`,
    );
    if (masked > 0)
      err.write(
        `${masked} lines are masked, since they may hold secrets: git apply takes no such diff, --fix --yes writes it.\n`,
      );
    return false;
  }
  const { writeFixes } = await import('../check/fix/write-fixes.ts');
  const written = writeFixes(root, fixes);
  for (const { path, why } of written) {
    const rules_ = fixes.find((one) => one.path === path)?.findings.map(({ rule }) => rule) ?? [];
    err.write(
      why === undefined
        ? `mended ${path}: ${[...new Set(rules_)].join(', ')}\n`
        : `left ${path} as it is: ${why}\n`,
    );
  }
  return written.some(({ why }) => why === undefined);
}
