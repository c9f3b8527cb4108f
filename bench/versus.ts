/**
 * This checkout beside another commit, in one run: what a request costs the server, and what an import takes. Outside CI.
 *
 *     node --conditions=bulwark-source bench/versus.ts HEAD~1 --stacks node-bulwark,express-bulwark
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildPackage, coldStart, type Start } from './load/cold-start.ts';
import { missingForLoad } from './load/cores.ts';
import { repeatUntilWhole, type Running, SCENARIOS, startVariant, warmUp } from './load/measure.ts';
import { checkOutOr, type OtherTree } from './load/other-tree.ts';
import { ROOT } from './load/server-process.ts';
import { Progress } from './report/progress.ts';
import { median } from './report/summary.ts';
import { plainTable, show } from './report/table.ts';
import { STACKS } from './stacks/all.ts';
import type { Stack } from './stacks/stack.ts';

const HELP = `Usage: node --conditions=bulwark-source bench/versus.ts COMMIT [OPTIONS]

Runs the stacks of this checkout, as it stands, and those of another commit in turns of a second, and compares the CPU time of the
server for a page of someone who is signed in, with state in memory. Then builds both packages, and compares imports.

Options
  --stacks NAMES   with commas; the Bulwark of every framework unless it is said
  --rounds N       turns of each, a start; 4 unless it is said
  --starts N       how often all servers are started anew: what the compiler makes of the same code differs; 3 unless it is said
  --env NAME=VALUE set in the servers of this checkout only; may be given several times
  --no-imports     the requests only
  --help

Examples
  node --conditions=bulwark-source bench/versus.ts main
  node --conditions=bulwark-source bench/versus.ts HEAD --env BULWARK_PLAIN=1 --no-imports --stacks node-bulwark`;

const HOW_TO_READ = `Below 1: this checkout is cheaper. Best: the lowest of each, since noise only adds. Median: of the ratios of neighbours in
time, with the range of the middle half. Added: less the bare application's, of the best.`;

const IMPORTS = ['bulwark/express', 'bulwark'] as const;
const IMPORT_RUNS = 15;

interface Settings {
  readonly commit: string;
  readonly stacks: readonly Stack[];
  readonly rounds: number;
  readonly starts: number;
  readonly env: Readonly<Record<string, string>>;
  readonly imports: boolean;
}

/** What was measured of one stack, round by round: CPU time per request, in microseconds. */
interface Compared {
  readonly stack: Stack;
  readonly bare: number[];
  readonly here: number[];
  readonly there: number[];
}

await main(readSettings());

async function main(settings: Settings): Promise<void> {
  const missing = missingForLoad();
  if (missing !== undefined) fail(missing);
  const other = checkOutOr(fail, settings.commit);
  const stop = (): void => {
    other.remove();
    process.exit(130);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    if (!other.sameLock)
      console.error(`${other.commit} has another package-lock.json: it runs on what is installed here.`);
    const rows: Compared[] = [];
    for (const stack of settings.stacks) rows.push(await compare(stack, other, settings));
    console.log(`CPU us a page, this checkout beside ${other.commit}\n\n${requestTable(rows)}`);
    if (settings.imports) console.log(`\nms of an import, over bare Node\n\n${importTable(other)}`);
    console.log(`\n${HOW_TO_READ}`);
  } finally {
    other.remove();
  }
}

async function compare(stack: Stack, other: OtherTree, settings: Settings): Promise<Compared> {
  const compared: Compared = { stack, bare: [], here: [], there: [] };
  for (let start = 1; start <= settings.starts; start += 1) {
    const name = `${stack.name}, start ${start} of ${settings.starts}`;
    const { bare, here, there } = await compareOnce(stack, other, settings, name);
    compared.bare.push(...bare);
    compared.here.push(...here);
    compared.there.push(...there);
  }
  return compared;
}

async function compareOnce(
  stack: Stack,
  other: OtherTree,
  { rounds, env }: Settings,
  name: string,
): Promise<Omit<Compared, 'stack'>> {
  const bare =
    STACKS.find(({ kind, framework }) => kind === 'bare' && framework === stack.framework) ?? stack;
  const running: Running[] = [];
  try {
    running.push(await startVariant({ stack: bare, store: 'memory' }));
    running.push(await startVariant({ stack, store: 'memory' }, { env }));
    running.push(await startVariant({ stack, store: 'memory' }, { root: other.root }));
    return await takeTurns(running, rounds, name);
  } finally {
    await Promise.all(running.map(({ server }) => server.stop()));
  }
}

async function takeTurns(
  running: readonly Running[],
  rounds: number,
  name: string,
): Promise<Omit<Compared, 'stack'>> {
  const [scenario] = SCENARIOS;
  if (scenario === undefined) throw new Error('there is no scenario');
  const turns = running.map((one) => ({ target: { ...one, scenario }, figures: [] as number[] }));
  for (const { target } of turns) await warmUp(target);
  const progress = new Progress(name);
  for (let round = 0; round < rounds; round += 1) {
    progress.report(round, rounds);
    // Forward and back, so that neither has its turn always behind the other's.
    for (const { target, figures } of round % 2 === 0 ? turns : turns.toReversed()) {
      figures.push((await repeatUntilWhole(target, 1)).slice.cpu);
      await sleep(20);
    }
  }
  progress.report(rounds, rounds);
  const [bare = [], here = [], there = []] = turns.map(({ figures }) => figures);
  return { bare, here, there };
}

function requestTable(rows: readonly Compared[]): string {
  return plainTable({
    head: 'stack,here,there,best,median,middle half,added here,added there,of added'.split(','),
    rows: rows.map(({ stack, bare, here, there }) => {
      const [least, mine, theirs] = [Math.min(...bare), Math.min(...here), Math.min(...there)];
      const ratios = here.map((cpu, round) => cpu / (there[round] ?? Number.NaN)).sort((a, b) => a - b);
      const quarter = Math.floor(ratios.length / 4);
      const middle = `${show(ratios[quarter], 2)} to ${show(ratios.at(-1 - quarter), 2)}`;
      return [
        ...[stack.name, show(mine), show(theirs), show(mine / theirs, 3), show(median(ratios), 3), middle],
        ...[show(mine - least), show(theirs - least), show((mine - least) / (theirs - least), 2)],
      ];
    }),
  });
}

function importTable(other: OtherTree): string {
  for (const root of [ROOT, other.root]) buildPackage(root);
  const programs = ['', ...IMPORTS.map((name) => `import '${name}';`)];
  const starts = programs.map((code) => ({ code, here: [] as Start[], there: [] as Start[] }));
  // One round more: the first fills the page cache.
  for (let run = 0; run <= IMPORT_RUNS; run += 1) {
    for (const { code, here, there } of starts) {
      const pair = [coldStart(code, ROOT), coldStart(code, other.root)] as const;
      if (run === 0) continue;
      here.push(pair[0]);
      there.push(pair[1]);
    }
  }
  const [nothing, ...rest] = starts;
  const bare = bestAndMedian([...(nothing?.here ?? []), ...(nothing?.there ?? [])]);
  return plainTable({
    head: ['import', 'here', 'there', 'best', 'median'],
    rows: rest.map(({ here, there }, index) => {
      const [mine, theirs] = [bestAndMedian(here), bestAndMedian(there)];
      const best = [mine.best - bare.best, theirs.best - bare.best] as const;
      const middle = (mine.median - bare.median) / (theirs.median - bare.median);
      return [
        IMPORTS[index] ?? '',
        show(best[0]),
        show(best[1]),
        show(best[0] / best[1], 2),
        show(middle, 2),
      ];
    }),
  });
}

function bestAndMedian(starts: readonly Start[]): { readonly best: number; readonly median: number } {
  const walls = starts.map(({ wall }) => wall);
  return { best: Math.min(...walls), median: median(walls) };
}

function readSettings(): Settings {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      stacks: { type: 'string' },
      rounds: { type: 'string', default: '4' },
      starts: { type: 'string', default: '3' },
      env: { type: 'string', multiple: true, default: [] },
      'no-imports': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    console.log(HELP);
    process.exit(0);
  }
  const [commit, ...more] = positionals;
  if (commit === undefined || more.length > 0) fail('Name one commit.');
  const [rounds, starts] = [Number(values.rounds), Number(values.starts)];
  for (const [name, count] of Object.entries({ rounds, starts }))
    if (!Number.isInteger(count) || count < 1) fail(`--${name} takes a whole number from 1.`);
  const stacks =
    values.stacks === undefined
      ? STACKS.filter(({ kind }) => kind === 'bulwark')
      : values.stacks.split(',').map(nameToStack);
  const env = Object.fromEntries(values.env.map((pair) => pair.split(/=(.*)/s)));
  return { commit, stacks, rounds, starts, env, imports: !values['no-imports'] };
}

function nameToStack(name: string): Stack {
  return STACKS.find((stack) => stack.name === name) ?? fail(`There is no stack ${name}.`);
}

function fail(message: string): never {
  console.error(`${message}\n--help says more.`);
  process.exit(2);
}
