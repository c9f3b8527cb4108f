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
import { checkOut, type OtherTree } from './load/other-tree.ts';
import { ROOT, startServer } from './load/server-process.ts';
import { Progress } from './report/progress.ts';
import { plainTable, show } from './report/table.ts';
import { STACKS } from './stacks/all.ts';
import type { Stack } from './stacks/stack.ts';

const HELP = `Usage: node --conditions=bulwark-source bench/instructions.ts COMMIT [OPTIONS]

Counts the instructions of a page, for someone who is signed in with state in memory: the stacks of this checkout, those of
another commit, and the bare application. The server runs under valgrind, in user space and without the kernel's part.

Options
  --stacks NAMES   with commas; the Bulwark of every framework unless it is said
  --warm N         pages before the first that is counted; 20,000 unless it is said
  --help

Examples
  node --conditions=bulwark-source bench/instructions.ts main
  node --conditions=bulwark-source bench/instructions.ts HEAD~1 --stacks fastify-bulwark`;

const HOW_TO_READ = `Thousands of instructions a page. A page: of twenty slices of 400 pages the fifth lowest, so without large collections of
garbage and without the compiler. With both: the mean. Added: less the bare application's page. Below 1: this checkout is cheaper.`;

const SLICES = 20;
const SLICE_PAGES = 400;
/** Pages until valgrind has translated what it counts. */
const TRANSLATED = 200;

/** Instructions of a page. */
interface Count {
  readonly page: number;
  readonly mean: number;
}

await main();

async function main(): Promise<void> {
  const { commit, stacks, warm } = readSettings();
  const missing = missingForInstructions();
  if (missing !== undefined) fail(missing);
  const other = checkOutOrFail(commit);
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
      const added = [here.page - bare.page, there.page - bare.page] as const;
      rows.push([
        stack.name,
        ...[bare.page, here.page, there.page, here.mean, there.mean].map((count) => show(count / 1000)),
        ...[here.page / there.page, added[0] / added[1]].map((ratio) => show(ratio, 3)),
      ]);
    }
    progress.report(stacks.length, stacks.length);
    const head = 'stack,bare,page here,page there,with both here,with both there,of page,of added'.split(',');
    console.log(`This checkout beside ${other.commit}\n\n${plainTable({ head, rows })}\n\n${HOW_TO_READ}`);
  } finally {
    other.remove();
  }
}

function checkOutOrFail(commit: string): OtherTree {
  try {
    return checkOut(commit);
  } catch (error) {
    return fail((error as Error).message);
  }
}

async function countStack(stack: Stack, root: string, warm: number): Promise<Count> {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-instructions-'));
  const under = [
    ...['valgrind', '--tool=callgrind', '--quiet', '--instr-atstart=no', '--smc-check=all-non-file'],
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

function read(folder: string): Count {
  const counts = readdirSync(folder)
    .map((name) => /^summary: (\d+)$/m.exec(readFileSync(join(folder, name), 'latin1'))?.[1])
    .flatMap((count) => (count === undefined ? [] : [Number(count) / SLICE_PAGES]))
    .sort((a, b) => a - b);
  if (counts.length !== SLICES) fail(`valgrind has written ${counts.length} counts, and not ${SLICES}.`);
  const sum = counts.reduce((all, count) => all + count, 0);
  return { page: counts[SLICES / 4 - 1] ?? Number.NaN, mean: sum / SLICES };
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
