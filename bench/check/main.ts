/** `npm run bench -- check`: what the check finds of what is planted, how fast it reads beside bandit, and what memory it takes. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { thisMachine } from '../report/machine.ts';
import { hitsIn } from './hits.ts';
import { makeLargeTree } from './large-tree.ts';
import { best, BULWARK, measure, type Turn } from './measure.ts';
import { type Figures, sectionsOf, writeCheckPage } from './page.ts';
import { plainTable } from '../report/table.ts';
import { checkStrongroom } from './strongroom.ts';

const HELP = `Usage: npm run bench -- check [FOLDER] [OPTIONS]

Recall and precision of each rule over the faults that are planted in the applications of the tests; the Python of FOLDER by Bulwark's
rules and by bandit, turn by turn, start included; the memory of the whole check over two gigabytes in 100,000 files, which are made for
it in the temporary folder; and the check from outside over Strongroom. About five minutes. FOLDER is the packages of
examples/flask unless it is said: unpack wheels of 20 MB and more of Python for figures that mean something.

Options
  --bandit FILE   the program; default: bandit, as the shell finds it (pip install bandit)
  --rounds N      turns of each; 3 unless it is said
  --quick         leaves out the two gigabytes
  --write         writes docs/performance/check.md
  --help`;

const PACKAGES = join(import.meta.dirname, '../../examples/flask/.venv/lib/python3.11/site-packages');
const READER = join(import.meta.dirname, 'read-tree.ts');

/** Runs it. */
export async function runCheck(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      bandit: { type: 'string', default: 'bandit' },
      rounds: { type: 'string', default: '3' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const folder = resolve(positionals[0] ?? PACKAGES);
  if (values.help || !existsSync(folder)) {
    console.log(values.help ? HELP : `There is no ${folder}.\n\n${HELP}`);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const machine = thisMachine();
  const figures: Figures = {
    machine,
    hits: await within(tmpdir(), hitsIn),
    speed: speedOver(folder, values.bandit, Number(values.rounds)),
    memory: values.quick ? undefined : await within(tmpdir(), memoryOver),
    strongroom: await checkStrongroom(),
  };
  console.log(
    sectionsOf(figures)
      .map(({ title, table, more }) => `${title}\n\n${plainTable(table)}${more === '' ? '' : `\n\n${more}`}`)
      .join('\n\n'),
  );
  if (values.write) console.error(`Written: ${writeCheckPage(figures)}`);
}

async function within<T>(where: string, work: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(where, 'bulwark-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function speedOver(folder: string, bandit: string, rounds: number): Figures['speed'] {
  const ours = [process.execPath, '--conditions=bulwark-source', READER, folder];
  const [program = '', ...rest] = ours;
  const said = JSON.parse(execFileSync(program, rest, { encoding: 'utf8' })) as Omit<
    Figures['speed'],
    'ours' | 'theirs'
  >;
  const theirs = [bandit, '-q', '-r', folder, '-f', 'json'];
  const turns: { ours: Turn[]; theirs: Turn[] } = { ours: [], theirs: [] };
  for (let round = 0; round < rounds; round += 1) {
    turns.ours.push(measure(ours));
    turns.theirs.push(measure(theirs));
  }
  return { ...said, ours: best(turns.ours), theirs: best(turns.theirs) };
}

function memoryOver(root: string): NonNullable<Figures['memory']> {
  const tree = makeLargeTree(root);
  return { ...tree, turn: measure([...BULWARK, 'check', '--source', root]) };
}
