/** `bench/check/compare.sh --outside`: which faults of running sites the check finds, and which scanners that ask from outside find. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../../src/check/check.ts';
import { allFindings } from '../../src/check/report/report.ts';
import { checkSource } from '../../src/check/source/check-source.ts';
import { FAULTS, MISSED_BECAUSE, type OutsideFault, WHY_NOT_OUTSIDE, wordsOfOthers } from './outside/key.ts';
import { outsideScannersIn } from './outside/scanners.ts';
import { SITES } from './outside/sites.ts';

const PAGE = join(import.meta.dirname, '../../docs/checks-compared-outside.md');
const [tools = '', ...args] = process.argv.slice(2);
const scanners = outsideScannersIn(tools);

/** What one says of a site; of ours the rule, and its words. */
interface Said {
  readonly site: string;
  readonly scanner: string;
  readonly text: string;
}

interface Seen {
  readonly ours: { readonly site: string; readonly rule: string; readonly message: string }[];
  readonly others: Said[];
  /** Which scanner had something to look at of which site. */
  readonly looked: string[];
}

/** What all of them said last: a page can be made of it again, in less than the ten minutes that it takes. */
const SEEN = join(tools, 'outside.json');
const { ours, others, looked } = args.includes('--again')
  ? (JSON.parse(readFileSync(SEEN, 'utf8')) as Seen)
  : await look();

async function look(): Promise<Seen> {
  const seen: Seen = { ours: [], others: [], looked: [] };
  for (const start of SITES) {
    const site = await start();
    try {
      const results = [...(await check(site.ours)).results];
      if (site.source !== undefined) results.push(...(await checkSource(site.source)).results);
      for (const { rule, message } of allFindings(results))
        seen.ours.push({ site: site.name, rule, message });
      for (const { name, scan } of scanners) {
        const said = await scan(site);
        if (said === undefined) continue;
        seen.looked.push(`${name} ${site.name}`);
        for (const text of new Set(said)) seen.others.push({ site: site.name, scanner: name, text });
        console.error(`${site.name}: ${name} has looked`);
      }
    } finally {
      await site.stop();
    }
  }
  writeFileSync(SEEN, JSON.stringify(seen));
  return seen;
}

const page = pageOf();
console.log(page);
if (args.includes('--write')) writeFileSync(PAGE, page);
if (extras().some(({ why }) => why === undefined) || missed().some((fault) => whyMissed(fault) === undefined))
  process.exitCode = 1;

function foundByUs(fault: OutsideFault): boolean {
  return ours.some(
    ({ site, rule, message }) =>
      site === fault.site && rule === fault.rule && fault.words?.test(message) !== false,
  );
}

function isOf({ site, scanner, text }: Said, fault: OutsideFault): boolean {
  return site === fault.site && wordsOfOthers(fault)?.test(`${scanner}: ${text}`) === true;
}

function foundBy(scanner: string, fault: OutsideFault): boolean {
  return others.some((said) => said.scanner === scanner && isOf(said, fault));
}

function whyMissed({ site, rule }: OutsideFault): string | undefined {
  return MISSED_BECAUSE.find(([of, id]) => of === site && id === rule)?.[2];
}

/** What somebody else finds, and we do not. */
function missed(): readonly OutsideFault[] {
  return FAULTS.filter((fault) => !foundByUs(fault) && scanners.some(({ name }) => foundBy(name, fault)));
}

function extras(): readonly {
  readonly scanner: string;
  readonly what: string;
  readonly sites: Set<string>;
  readonly why: string | undefined;
}[] {
  const groups = new Map<
    string,
    { scanner: string; what: string; sites: Set<string>; why: string | undefined }
  >();
  for (const said of others) {
    if (FAULTS.some((fault) => isOf(said, fault))) continue;
    const why = WHY_NOT_OUTSIDE.find(([words]) => words.test(`${said.scanner}: ${said.text}`))?.[1];
    const what = why === undefined ? said.text : (/^[^:]{1,60}/.exec(said.text)?.[0] ?? said.text);
    const known = groups.get(`${said.scanner} ${what} ${why}`) ?? {
      scanner: said.scanner,
      what,
      sites: new Set(),
      why,
    };
    known.sites.add(said.site);
    groups.set(`${said.scanner} ${what} ${why}`, known);
  }
  return [...groups.values()];
}

function pageOf(): string {
  const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  const count = (faults: readonly OutsideFault[], by: (fault: OutsideFault) => boolean): number =>
    faults.filter(by).length;
  const line = (title: string, faults: readonly OutsideFault[]): string =>
    row([
      title,
      faults.length,
      count(faults, foundByUs),
      ...scanners.map(({ name }) =>
        faults.some(({ site }) => looked.includes(`${name} ${site}`))
          ? count(faults, (fault) => foundBy(name, fault))
          : 'has nothing to look at',
      ),
    ]);
  const names = [...new Set(FAULTS.map(({ site }) => site))];
  const best = Math.max(...scanners.map(({ name }) => count(FAULTS, (fault) => foundBy(name, fault))));
  const all = count(FAULTS, foundByUs);
  const titles = ['planted', 'bulwark', ...scanners.map(({ name }) => name)];
  const rules = FAULTS.map(
    (fault) =>
      [
        `\`${fault.rule}\`${fault.words === undefined ? '' : `, ${fault.words.source.replaceAll(/[\\^]/g, '').split('|')[0] ?? ''}`}`,
        fault,
      ] as const,
  );
  return `# The check beside scanners of running sites

Made by \`bench/check/compare.sh --outside --write\`: four sites with faults, on this machine, asked by each in one run. *careless* is the
application of \`npm run demo:check\`, with an account, and its source is read in the same run; *bare* and *wrong* are sites of
\`test/check/rules.test.ts\`, whose key says what is wrong with them; *weak-tls* is a page behind the TLS of fifteen years ago. A fault is a rule
that has to say something. To the others it counts where they say a part of it, by a table that was written while each of their
sentences was read (\`bench/check/outside/key.ts\`). The sites were made for our rules, and these look at much that the others do
not look at at all.

Of ${FAULTS.length} faults the check finds ${all}, and the best single other one ${best}: ${(all / best).toFixed(1)} times as many.

Versions: wapiti 3.2.3, without what fetches lists or waits for a call from the internet; MDN Observatory 1.4.8, by its parts, since its command
asks ports 80 and 443 alone, with no list of preloaded names; csp_evaluator 1.1.8; testssl.sh 3.0.8 of Debian; sslyze 6.3.1. nikto is not
free software in Debian's sense, and was not run.

${row(['site', ...titles])}
${row(Array.from({ length: titles.length + 1 }, () => '---'))}
${names
  .map((name) =>
    line(
      name,
      FAULTS.filter(({ site }) => site === name),
    ),
  )
  .join('\n')}
${line('**all**', FAULTS)}

## Fault by fault

Where somebody else finds it, too; what is not here is found by the check alone.

${row(['site', 'fault', 'bulwark', ...scanners.map(({ name }) => name)])}
${row(Array.from({ length: scanners.length + 3 }, () => '---'))}
${rules
  .filter(([, fault]) => scanners.some(({ name }) => foundBy(name, fault)))
  .map(([title, fault]) =>
    row([
      fault.site,
      title,
      foundByUs(fault) ? 'yes' : '**no**',
      ...scanners.map(({ name }) => (foundBy(name, fault) ? 'yes' : '')),
    ]),
  )
  .join('\n')}

${missed()
  .map((fault) => `\`${fault.rule}\` of *${fault.site}*: ${whyMissed(fault) ?? '**no reason is written**'}.`)
  .join('\n')}

## What others say besides

${row(['scanner', 'what', 'of', 'why the check does not'])}
${row(['---', '---', '---', '---'])}
${extras()
  .map(({ scanner, what, sites, why }) =>
    row([scanner, what.replaceAll('|', '\\|'), [...sites].join(', '), why ?? '**no reason is written**']),
  )
  .join('\n')}
`;
}
