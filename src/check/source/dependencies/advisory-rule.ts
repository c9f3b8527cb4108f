/** Versions of which a hole is known: by reports of npm audit and pip-audit, and by records of OSV that lie in the tree. */
import type { SourceFile } from '../source-file.ts';
import type { Say, SourceRule } from '../source-rule.ts';
import type { SourceTree } from '../source-tree.ts';
import { type Advisory, isAbout, readAdvisories } from './advisories.ts';
import { locksOf } from './locks.ts';
import { listOf, objectOf, textOf } from './package-entry.ts';

const REPORT = /(?:^|\/)(?:npm-audit|pip-audit)[\w.-]*\.json$/;
const OSV = /(?:^|\/)osv\/(?:[\w.@-]+\/)*[\w.-]+\.json$|(?:^|\/)osv[\w.-]*\.json$/;
const FIX = (name: string, fixed: string | undefined): string =>
  fixed === undefined
    ? `another package than ${name}, since nobody has mended it`
    : `${name} ${fixed} or later`;

/** The rule. Without a report and without records it has not seen anything. */
export const advisoryRule: SourceRule = {
  id: 'deps.vulnerable',
  title: 'No version is in use of which a hole is known',
  level: 'error',
  guide: 14,
  asvs: ['v5.0.0-15.2.1 (in part)'],
  cwe: ['CWE-1395'],
  needs: 'source',
  start(tree) {
    const advisories: Advisory[] = [];
    const told = new Set<string>();
    return {
      reads: (path) => REPORT.test(path) || OSV.test(path),
      look(file, say) {
        const value = parsed(file, tree);
        if (value === undefined) return;
        if (OSV.test(file.path)) advisories.push(...readAdvisories(value));
        else readReport(value, file, say, tree, told);
      },
      end: (say) => compareAll(advisories, tree, say, told),
    };
  },
};

function parsed(file: SourceFile, tree: SourceTree): unknown {
  try {
    return JSON.parse(file.text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    tree.notScan({ path: file.path, why: 'it is no JSON: whatever wrote it could not check' });
    return undefined;
  }
}

/** What looks like nothing found is an answer only where the tool says that it looked. */
function readReport(value: unknown, file: SourceFile, say: Say, tree: SourceTree, told: Set<string>): void {
  const report = objectOf(value);
  const found = report['vulnerabilities'];
  const dependencies = Array.isArray(value) ? value : report['dependencies'];
  if (typeof found === 'object' && found !== null && report['metadata'] !== undefined) {
    for (const [name, one] of Object.entries(objectOf(found))) sayNpm(name, objectOf(one), file, say, told);
  } else if (Array.isArray(dependencies)) {
    for (const one of listOf(dependencies)) sayPip(objectOf(one), file, say, tree, told);
  } else {
    tree.notScan({ path: file.path, why: 'the report says that nothing could be checked' });
  }
}

function sayNpm(
  name: string,
  one: Readonly<Record<string, unknown>>,
  file: SourceFile,
  say: Say,
  told: Set<string>,
): void {
  for (const via of listOf(one['via'])) {
    const advisory = objectOf(via);
    const title = textOf(advisory['title']);
    // The name of another package: it is told of there.
    if (title === undefined) continue;
    const id = /GHSA(?:-\w{4}){3}/.exec(textOf(advisory['url']) ?? '')?.[0] ?? title;
    if (told.has(`${id} ${name}`)) continue;
    told.add(`${id} ${name}`);
    const severity = textOf(advisory['severity']) ?? '';
    say({
      at: { file, at: Math.max(0, file.text.indexOf(`"${name}"`)) },
      level: /^(?:critical|high)$/.test(severity) ? 'error' : 'warning',
      message: `${name}: ${title}`,
      evidence: `${id}, ${name} ${textOf(advisory['range']) ?? ''}`,
      fix: 'npm audit fix  # or an override, where a package asks for the old one',
      confidence: 'high',
    });
  }
}

function sayPip(
  one: Readonly<Record<string, unknown>>,
  file: SourceFile,
  say: Say,
  tree: SourceTree,
  told: Set<string>,
): void {
  const [name = '', version = ''] = [textOf(one['name']), textOf(one['version'])];
  const skipped = textOf(one['skip_reason']);
  if (skipped !== undefined) tree.notScan({ path: file.path, why: `${name} could not be checked` });
  for (const value of listOf(one['vulns'])) {
    const vulnerability = objectOf(value);
    const id = textOf(vulnerability['id']) ?? '';
    if (told.has(`${id} ${name}`)) continue;
    told.add(`${id} ${name}`);
    say({
      at: { file, at: Math.max(0, file.text.indexOf(`"${name}"`)) },
      message: `${name} ${version} has a known hole: ${id}`,
      evidence: `${id}, ${name} ${version}`,
      fix: FIX(name, textOf(listOf(vulnerability['fix_versions'])[0])),
      confidence: 'high',
    });
  }
}

function compareAll(advisories: readonly Advisory[], tree: SourceTree, say: Say, told: Set<string>): void {
  if (advisories.length === 0) return;
  const byName = Map.groupBy(advisories, ({ name }) => name);
  for (const { file, lock } of locksOf(tree)) {
    for (const one of lock.packages) {
      for (const advisory of byName.get(one.name) ?? []) {
        const about = isAbout(advisory, one);
        const mark = `${advisory.id} ${one.name}`;
        if (about === undefined || told.has(`${mark} ${one.version} ${file.path}`) || told.has(mark))
          continue;
        told.add(`${mark} ${one.version} ${file.path}`);
        say({
          at: { file, at: Math.max(0, file.text.indexOf(one.mark)) },
          level: one.development ? 'warning' : 'error',
          message: `${one.name} ${one.version}: ${advisory.summary}`,
          evidence: `${advisory.id}, ${one.name} ${one.version}`,
          fix: FIX(one.name, about.fixed),
          confidence: 'high',
        });
      }
    }
  }
}
