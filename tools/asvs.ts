/**
 * docs/asvs.md: which requirements of OWASP ASVS 5.0 the tests speak to, by the ids in their names. Ids and chapter
 * names only: the texts are CC BY-SA, and stay where they are.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULES } from '../src/check/rules.ts';

const ROOT = join(import.meta.dirname, '..');

/** One requirement: no more of it than its place. */
export interface Requirement {
  /** Such as `3.4.1`. */
  readonly id: string;
  /** Such as `V3 Web Frontend Security`. */
  readonly chapter: string;
  readonly level: number;
}

interface Proof {
  readonly file: string;
  readonly fact: string;
  /** The test shows less than the requirement asks: `v5.0.0-3.4.1 (in part)`. */
  readonly inPart: boolean;
}

/** Reads the standard as the public repository of ASVS has it, less its texts. */
export function readStandard(json: string): readonly Requirement[] {
  const { requirements } = JSON.parse(json) as { requirements: (Requirement & { text: string })[] };
  return requirements.map(({ id, chapter, level }) => ({ id: id.replace(/^V/, ''), chapter, level }));
}

/** Reads the list of requirements back from a page that {@link writeAsvs} made: a clone has no other copy of it. */
export function readStandardFromPage(page: string): readonly Requirement[] {
  const found: Requirement[] = [];
  let chapter = '';
  for (const line of page.split('\n')) {
    chapter = /^## (V\d+ .+)$/.exec(line)?.[1] ?? chapter;
    const row = /^\| v5\.0\.0-([\d.]+)(?: \(in part\))? \| (\d) \|/.exec(line);
    if (row !== null) found.push({ id: row[1] ?? '', chapter, level: Number(row[2]) });
    const rest = /^No test, level (\d): (.+)\.$/.exec(line);
    for (const id of rest?.[2]?.split(', ') ?? []) found.push({ id, chapter, level: Number(rest?.[1]) });
  }
  return found.sort(byId);
}

/**
 * The page.
 *
 * @throws Error where a test or a rule names a requirement that does not exist
 */
export function writeAsvs(standard: readonly Requirement[]): string {
  const proofs = proofsById();
  const rules = rulesById();
  const known = new Set(standard.map(({ id }) => id));
  const unknown = [...proofs.keys(), ...rules.keys()].filter((id) => !known.has(id));
  if (unknown.length > 0) throw new Error(`no such requirement in ASVS 5.0.0: ${unknown.join(', ')}`);

  const chapters = Map.groupBy(standard, ({ chapter }) => chapter);
  const isTested = ({ id }: Requirement): boolean => proofs.has(id);
  const isInPart = ({ id }: Requirement): boolean => proofs.get(id)?.every(({ inPart }) => inPart) ?? false;
  const count = (all: readonly Requirement[]): string => {
    const levels = [1, 2, 3].map((level) => all.filter((one) => one.level === level));
    return [...levels, all]
      .map((some) => {
        const parts = some.filter(isInPart).length;
        const of = `${some.filter(isTested).length} of ${some.length}`;
        return parts === 0 ? of : `${of}, ${parts} in part`;
      })
      .join(' | ');
  };
  const counts = [...chapters].map(([chapter, all]) => `| ${chapter} | ${count(all)} |`);
  const sections = [...chapters].map(([chapter, all]) => {
    const rows = all.filter(isTested).map((one) => {
      const { id, level } = one;
      const name = `v5.0.0-${id}${isInPart(one) ? ' (in part)' : ''}`;
      return `| ${name} | ${level} | ${showProofs(proofs.get(id) ?? [])} | ${rules.get(id) ?? ''} |`;
    });
    const table = [
      '| requirement | level | tests | seen from outside by |',
      '| --- | --- | --- | --- |',
      ...rows,
      '',
    ];
    const rest = [1, 2, 3].flatMap((level) => {
      const ids = all.filter((one) => one.level === level && !isTested(one)).map(({ id }) => id);
      return ids.length === 0 ? [] : [`No test, level ${level}: ${ids.join(', ')}.`, ''];
    });
    return [`## ${chapter}`, '', ...(rows.length > 0 ? table : []), ...rest].join('\n');
  });
  return `# OWASP ASVS 5.0

<!-- Made by \`npm run docs\` from the names of tests. Do not edit by hand. -->

Which requirements of the OWASP Application Security Verification Standard 5.0.0 the tests here speak to. Requirements
are named by id; their texts are in the standard (The OWASP Foundation, CC BY-SA 4.0). What the tests show holds for
Bulwark, for its account pages or for Strongroom. *In part*: it is less than the requirement asks, since the rest is the
application's, its operator's, or not there; the numbers count those too, and say how many. Whether an application meets a
requirement is for whoever assesses it. Tests are in the repository, not in the published package. What a rule of the check
sees from outside is mostly a part too: [which of them](manual/checks.md).

| chapter | level 1 | level 2 | level 3 | all |
| --- | --- | --- | --- | --- |
${counts.join('\n')}
| all | ${count(standard)} |

${sections.join('\n').trimEnd()}
`;
}

/** Every test whose name begins with ids, conformance suites included. */
function proofsById(): ReadonlyMap<string, readonly Proof[]> {
  const proofs = new Map<string, Proof[]>();
  for (const file of globSync(['src/**/*.ts', 'test/**/*.ts', 'examples/*/**/*.ts'], { cwd: ROOT }).sort()) {
    if (file.includes('node_modules')) continue;
    const source = readFileSync(join(ROOT, file), 'utf8');
    for (const [, , name = ''] of source.matchAll(TEST_NAME)) {
      const ids = IDS.exec(name)?.[0] ?? '';
      const fact = name.slice(ids.length).replaceAll(/\\(.)/g, '$1');
      for (const [, id = '', part] of ids.matchAll(ONE_ID)) {
        const known = proofs.get(id);
        const proof = { file, fact, inPart: part !== undefined };
        if (known === undefined) proofs.set(id, [proof]);
        else known.push(proof);
      }
    }
  }
  return proofs;
}

/** A string that begins with an id, wherever it stands: most are names of `test`, some are entries of a table of tests. */
const TEST_NAME = /(['"`])(v5\.0\.0-\d+\.\d+\.\d+ (?:\\.|(?!\1)[^\\\n])+)\1\s*[,:\]]/g;

const IDS = /^(?:v5\.0\.0-\d+\.\d+\.\d+ (?:\(in part\) )?)+/;
const ONE_ID = /v5\.0\.0-(\d+\.\d+\.\d+) (\(in part\) )?/g;

function rulesById(): ReadonlyMap<string, string> {
  const rules = new Map<string, string>();
  for (const { id, asvs } of RULES) {
    for (const requirement of asvs) {
      const key = requirement.replace(/^v5\.0\.0-| \(in part\)$/g, '');
      rules.set(key, rules.has(key) ? `${rules.get(key)}, \`${id}\`` : `\`${id}\``);
    }
  }
  return rules;
}

function showProofs(proofs: readonly Proof[]): string {
  const whole = (one: Proof): number => (one.inPart ? 1 : 0);
  return proofs
    .toSorted((a, b) => whole(a) - whole(b))
    .map(({ file, fact }) => `${plain(fact)} ([${shortName(file)}](../${file}))`)
    .join('<br>');
}

function shortName(file: string): string {
  return file.replace(/^.*\//, '').replace(/(?:\.test)?\.ts$/, '');
}

/** Text of a test as text of a page: nothing in it is markup. */
function plain(text: string): string {
  return text.replaceAll(/[\\|_*`[\]]/g, '\\$&').replaceAll('<', '&lt;');
}

function byId(a: Requirement, b: Requirement): number {
  return a.id.localeCompare(b.id, 'en', { numeric: true });
}
