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
import { isBeside, whyNot } from './why-not.ts';

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
const missed = planted.filter(
  (fault) => foundByUs([fault]) === 0 && others.some(({ said = [] }) => said.some((one) => isOf(one, fault))),
);
for (const { application, file, line } of missed)
  console.log(`others see it: ${application}/${file}:${line}`);
if (untold.length > 0 || missed.length > 0) process.exitCode = 1;

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
  if (isBeside(said.id, placeOf(said))) return false;
  const ways = ours.flatMap((one) => (one.id === fault.rule && isAt(one, fault, 0) ? one.way : []));
  return (
    isAt(said, fault, 1) ||
    ways.some((step) => step.file === said.file && Math.abs(step.line - said.line) <= 1)
  );
}

interface Extra {
  readonly name: string;
  readonly id: string;
  readonly places: string[];
  readonly why: string | undefined;
}

function placeOf({ file, line }: Said): string {
  return `${file}:${line}`;
}

/** What others say where nothing is planted, by its reason. Each place was read: one that is new has no reason. */
function extras(): readonly Extra[] {
  const groups = new Map<string, Extra>();
  for (const { name, said = [] } of others)
    for (const one of said) {
      if (planted.some((fault) => isOf(one, fault))) continue;
      const place = placeOf(one);
      const why = whyNot(one.id, place);
      const known = groups.get(`${name} ${one.id} ${why}`) ?? { name, id: one.id, places: [], why };
      if (!known.places.includes(place)) known.places.push(place);
      groups.set(`${name} ${one.id} ${why}`, known);
    }
  return [...groups.values()];
}

function pageOf(): string {
  const best = Math.max(
    ...others.map(({ said = [] }) => planted.filter((fault) => said.some((one) => isOf(one, fault))).length),
  );
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
it, or of the way that leads to it, unless it was read and is about something else (the third table). The applications were written
beside our rules, and hold many settings that the others do not look at at all: the second table has it rule by rule. What
scanners of running sites find has a page of its own: [from outside](checks-compared-outside.md).

Of ${planted.length} planted faults the check finds ${foundByUs(planted)}, and the best single other one ${best}: ${(foundByUs(planted) / best).toFixed(1)} times as many. None of these
finds one that the check does not. The runs of it have found what we missed, and it was added: a code of six digits by \`random\`
(bandit); packages without a version in images (hadolint); passwords in commands (gitleaks), in addresses of the web (detect-secrets)
and in files such as \`.netrc\`; keys of thirty more services.

Versions stand in \`bench/check/compare.sh\`. semgrep ships no rules, and its registry was out of reach: what is run are the rules over Node.js
and templates that njsscan ships for it. trufflehog is on PyPI as it was in 2021, when it read histories alone: it was not run.

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

${row(['scanner', 'what', 'where', 'why the check does not'])}
${row(['---', '---', '---', '---'])}
${extras()
  .map(({ name, id, places, why }) => row([name, id, places.join(', '), why ?? '**no reason is written**']))
  .join('\n')}
`;
}
