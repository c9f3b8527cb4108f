/**
 * `bench/check/compare.sh`: which planted faults of the tests' applications the check finds, and which other scanners. To these
 * anything that they say within a line of a fault counts, whatever it is.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allFindings } from '../../src/check/report/report.ts';
import { checkSource } from '../../src/check/source/check-source.ts';
import { plant, type Planted } from './planted.ts';
import { type Said, scannersIn } from './scanners.ts';
import { WHY_NOT } from './why-not.ts';

const PAGE = join(import.meta.dirname, '../../docs/checks-compared.md');
const [tools = '', write] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'bulwark-compare-'));
const planted = plant(folder);
const ours = await oursIn(folder);
const others = scannersIn(tools).map(({ name, scan }) => ({ name, said: scan(folder) }));
rmSync(folder, { recursive: true });
const page = pageOf();
console.log(page);
if (write === '--write') writeFileSync(PAGE, page);
const untold = extras().filter(({ why }) => why === undefined);
if (untold.length > 0) process.exitCode = 1;

/** What the check says, and the way of the value that it says it of. */
interface OurSaid extends Said {
  readonly way: readonly Said[];
}

async function oursIn(root: string): Promise<readonly OurSaid[]> {
  const found: OurSaid[] = [];
  for (const application of readdirSync(root)) {
    const { results } = await checkSource(join(root, application));
    for (const { rule, where, flow = [] } of allFindings(results)) {
      const at = (file = '', line = 0): Said => ({ id: rule, file: `${application}/${file}`, line });
      const way = flow.map((step) => at(step.file, step.line));
      found.push({ ...at(where.file, where.line), way });
    }
  }
  return found;
}

function isAt(said: Said, fault: Planted, near: number): boolean {
  return said.file === `${fault.application}/${fault.file}` && Math.abs(said.line - fault.line) <= near;
}

function foundByUs(faults: readonly Planted[]): number {
  return faults.filter((fault) => ours.some((one) => one.id === fault.rule && isAt(one, fault, 0))).length;
}

function foundBy(said: readonly Said[] | undefined, faults: readonly Planted[]): string {
  if (said === undefined) return 'not installed';
  return String(faults.filter((fault) => said.some((one) => isOf(one, fault))).length);
}

/** At the fault, or anywhere on the way of the value: others say it where a text is put together. */
function isOf(said: Said, fault: Planted): boolean {
  const ways = ours.flatMap((one) => (one.id === fault.rule && isAt(one, fault, 0) ? one.way : []));
  return (
    isAt(said, fault, 1) ||
    ways.some((step) => step.file === said.file && Math.abs(step.line - said.line) <= 1)
  );
}

/** What others say where nothing is planted. */
function extras(): readonly {
  readonly name: string;
  readonly id: string;
  readonly count: number;
  readonly why: string | undefined;
}[] {
  const counts = new Map<string, { name: string; id: string; count: number; why: string | undefined }>();
  for (const { name, said = [] } of others)
    for (const one of said) {
      if (planted.some((fault) => isOf(one, fault))) continue;
      if (ours.some((own) => own.file === one.file && Math.abs(own.line - one.line) <= 1)) continue;
      const known = counts.get(`${name} ${one.id}`) ?? { name, id: one.id, count: 0, why: WHY_NOT[one.id] };
      known.count += 1;
      counts.set(`${name} ${one.id}`, known);
    }
  return [...counts.values()];
}

function pageOf(): string {
  const rules = [...new Set(planted.map(({ rule }) => rule))].toSorted();
  const names = others.map(({ name }) => name);
  const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  const line = (title: string, faults: readonly Planted[]): string =>
    row([title, faults.length, foundByUs(faults), ...others.map(({ said }) => foundBy(said, faults))]);
  const groups = [...new Set(planted.map(({ application }) => application))].toSorted();
  const surplus = ours.filter(
    (one) => !planted.some((fault) => fault.rule === one.id && isAt(one, fault, 0)),
  );
  const named = surplus.filter(({ id }) => /^(?:python|flask|django|jinja)\./.test(id)).length;
  return `# The check beside other scanners

Made by \`bench/check/compare.sh --write\`: the applications that the tests have an answer key for, without their keys, read by each in
one run. Ours counts where the rule and the line are those of the key. To the others anything counts that they say within a line of
it, or of the way that leads to it, whatever it is about. The applications were written beside our
rules, and hold many settings that the others do not look at at all: the second table has it rule by rule, and the third what they
say where nothing is planted. The first run of it found a fault that nobody had planted and that we missed: a code of six digits
by \`random\`.

Versions stand in \`bench/check/compare.sh\`. Not run: semgrep, whose rules come from its registry, which was out of reach;
gitleaks, and those that ask a running application.

${row(['application', 'planted', 'bulwark', ...names])}
${row(Array.from({ length: names.length + 3 }, () => '---'))}
${groups
  .map((name) =>
    line(
      name,
      planted.filter(({ application }) => application === name),
    ),
  )
  .join('\n')}
${line('**all**', planted)}

Rules of Python, Flask, Django and Jinja said ${named} things in these applications that no key has.

## By rule

${row(['rule', 'planted', 'bulwark', ...names])}
${row(Array.from({ length: names.length + 3 }, () => '---'))}
${rules
  .map((rule) =>
    line(
      `\`${rule}\``,
      planted.filter((one) => one.rule === rule),
    ),
  )
  .join('\n')}

## What others say where nothing is planted

${row(['scanner', 'what', 'times', 'why the check does not'])}
${row(['---', '---', '---', '---'])}
${extras()
  .map(({ name, id, count, why }) => row([name, id, count, why ?? '**no reason is written**']))
  .join('\n')}
`;
}
