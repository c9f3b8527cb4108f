/**
 * How many instructions a page takes in the server, this checkout beside another commit: under valgrind, so that the figure
 * is the same on a busy machine, and one where the processor counts nothing. Outside CI.
 *
 *     node --conditions=bulwark-source bench/instructions.ts HEAD~1 --stacks node-bulwark,express-bulwark
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { signIn } from './checks/features.ts';
import { askInTurn } from './load/ask-in-turn.ts';
import { missingForInstructions } from './load/cores.ts';
import { checkOutOr } from './load/other-tree.ts';
import { ROOT, startServer } from './load/server-process.ts';
import { Progress } from './report/progress.ts';
import { plainTable, show } from './report/table.ts';
import { STACKS } from './stacks/all.ts';
import type { Stack } from './stacks/stack.ts';

const HELP = `Usage: node --conditions=bulwark-source bench/instructions.ts COMMIT [OPTIONS]

Counts the instructions of a page and what misses the first cache, for someone who is signed in with state in memory: the stacks
of this checkout, those of another commit, and the bare application. The server runs under valgrind; the kernel's part is not seen.

Options
  --stacks NAMES   with commas; the Bulwark of every framework unless it is said
  --warm N         pages before the first that is counted; 20,000 unless it is said
  --help

Examples
  node --conditions=bulwark-source bench/instructions.ts main
  node --conditions=bulwark-source bench/instructions.ts HEAD~1 --stacks fastify-bulwark`;

const HOW_TO_READ = `A page, of twenty slices of 400 the fifth lowest, so without large collections of garbage and without the compiler. Misses: lines
of 64 bytes that are not in a first cache of 32 KB, as valgrind plays it; a busy machine makes them dear. Added: less the bare
application's page. Below 1: this checkout is cheaper.`;

const SLICES = 20;
const SLICE_PAGES = 400;
/** Pages until valgrind has translated what it counts. */
const TRANSLATED = 200;

/** Of a page. */
interface Count {
  readonly instructions: number;
  /** Lines of 64 bytes that the first cache had not: of code, and of data. */
  readonly codeMisses: number;
  readonly dataMisses: number;
}

const WHAT = ['instructions', 'codeMisses', 'dataMisses'] as const;

await main();

async function main(): Promise<void> {
  const { commit, stacks, warm } = readSettings();
  const missing = missingForInstructions();
  if (missing !== undefined) fail(missing);
  const other = checkOutOr(fail, commit);
  process.once('SIGINT', () => {
    other.remove();
    process.exit(130);
  });
  const bares = new Map<string, Count>();
  const rows: string[][] = [];
  const progress = new Progress('servers');
  try {
    for (const [at, stack] of stacks.entries()) {
      progress.report(at, stacks.length);
      const bareStack = STACKS.find((one) => one.kind === 'bare' && one.framework === stack.framework);
      const bare = bares.get(stack.framework) ?? (await countStack(bareStack ?? stack, ROOT, warm));
      bares.set(stack.framework, bare);
      const here = await countStack(stack, ROOT, warm);
      const there = await countStack(stack, other.root, warm);
      for (const what of WHAT) {
        const [least, mine, theirs] = [bare[what], here[what], there[what]];
        const ratios = [mine / theirs, (mine - least) / (theirs - least)];
        const name = what.replace('M', ' m');
        rows.push([
          `${stack.name}, ${name}`,
          ...[least, mine, theirs].map((count) => show(count, 0)),
          ...ratios.map((ratio) => show(ratio, 3)),
        ]);
      }
    }
    progress.report(stacks.length, stacks.length);
    const head = 'stack,bare,here,there,of page,of added'.split(',');
    console.log(`This checkout beside ${other.commit}\n\n${plainTable({ head, rows })}\n\n${HOW_TO_READ}`);
  } finally {
    other.remove();
  }
}

async function countStack(stack: Stack, root: string, warm: number): Promise<Count> {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-instructions-'));
  const under = [
    ...['valgrind', '--tool=callgrind', '--quiet', '--instr-atstart=no', '--smc-check=all-non-file'],
    ...['--cache-sim=yes', '--I1=32768,8,64', '--D1=32768,8,64', '--LL=8388608,16,64'],
    `--callgrind-out-file=${join(folder, 'counts.%p')}`,
  ];
  const server = await startServer({ stack, store: 'memory' }, undefined, { root, under });
  try {
    const { port, pid } = server;
    const cookie =
      stack.kind === 'bare' ? `__Host-sid=${'a'.repeat(43)}` : (await signIn(port)).browser.cookie;
    const control = (...what: readonly string[]): unknown =>
      execFileSync('callgrind_control', [...what, String(pid)], { stdio: 'ignore' });
    await askInTurn(port, cookie, warm);
    control('-i', 'on');
    await askInTurn(port, cookie, TRANSLATED);
    control('-z');
    for (let slice = 0; slice < SLICES; slice += 1) {
      await askInTurn(port, cookie, SLICE_PAGES);
      control('-d');
    }
    return read(folder);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The lower quarter of the slices: large collections of garbage and the compiler are in the others. */
function read(folder: string): Count {
  const slices = readdirSync(folder)
    .map((name) => /^summary: ([\d ]+)$/m.exec(readFileSync(join(folder, name), 'latin1'))?.[1])
    .flatMap((counts) => (counts === undefined ? [] : [counts.split(' ').map((count) => Number(count))]));
  if (slices.length !== SLICES) fail(`valgrind has written ${slices.length} counts, and not ${SLICES}.`);
  const lowerQuarter = (column: number): number => {
    const sorted = slices.map((counts) => counts[column] ?? Number.NaN).sort((a, b) => a - b);
    return (sorted[SLICES / 4 - 1] ?? Number.NaN) / SLICE_PAGES;
  };
  // Callgrind writes Ir Dr Dw I1mr D1mr D1mw ILmr DLmr DLmw.
  const [read, written] = [lowerQuarter(4), lowerQuarter(5)];
  return { instructions: lowerQuarter(0), codeMisses: lowerQuarter(3), dataMisses: read + written };
}

function readSettings(): {
  readonly commit: string;
  readonly stacks: readonly Stack[];
  readonly warm: number;
} {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      stacks: { type: 'string' },
      warm: { type: 'string', default: '20000' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    console.log(HELP);
    process.exit(0);
  }
  const [commit, ...more] = positionals;
  if (commit === undefined || more.length > 0) return fail('Name one commit.');
  const warm = Number(values.warm);
  if (!Number.isInteger(warm) || warm < 1) fail('--warm takes a whole number from 1.');
  const names = values.stacks?.split(',');
  const stacks = STACKS.filter(({ kind, name }) => names?.includes(name) ?? kind === 'bulwark');
  if (stacks.length !== (names?.length ?? stacks.length)) fail('--stacks: there is no such stack.');
  return { commit, stacks, warm };
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
