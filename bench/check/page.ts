/** The figures of the check as tables, for a terminal and for docs/performance/check.md. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Budget, budgetTable } from '../report/budgets.ts';
import type { Machine } from '../report/machine.ts';
import { markdownTable, show, type Table } from '../report/table.ts';
import type { AllHits, Hits } from './hits.ts';
import type { LargeTree } from './large-tree.ts';
import type { Turn } from './measure.ts';

/** Everything that one run has measured. */
export interface Figures {
  readonly machine: Machine;
  readonly hits: AllHits;
  readonly speed: {
    /** Of Python, and the bytes of these. */
    readonly files: number;
    readonly python: number;
    readonly ours: Turn;
    readonly theirs: Turn;
  };
  /** Undefined: it was left out. */
  readonly memory: (LargeTree & { readonly turn: Turn }) | undefined;
  readonly strongroom: Turn;
}

/** One table, with what stands above and below it. */
export interface Section {
  readonly title: string;
  readonly text: string;
  readonly table: Table;
  readonly more: string;
}

const LEAST_FOUND = 0.95;
const LEAST_SPEED = 10;
const LEAST_TIMES = 5;
const MOST_MEMORY = 300;
const MOST_SECONDS = 30;
const PAGE = join(import.meta.dirname, '../../docs/performance/check.md');

/** In the order of the page. */
export function sectionsOf(figures: Figures): readonly Section[] {
  const { hits, speed, memory } = figures;
  return [
    { title: 'What was promised', text: '', table: budgetTable(promises(figures)), more: '' },
    {
      title: 'How fast, beside bandit',
      text: 'CPU time of the process, user and system, start included: the best of some turns, forth and back, over the same files.',
      table: {
        head: ['', 'CPU s', 'MB/s', 'memory, MB'],
        rows: [
          ['bulwark', speed.ours],
          ['bandit', speed.theirs],
        ].map(([name, turn]) => speedRow(name as string, turn as Turn, speed.python)),
      },
      more: `${speed.files} files of Python, ${show(speed.python / 1e6)} MB.`,
    },
    ...(memory === undefined ? [] : [memorySection(memory)]),
    {
      title: 'What is found, by rule',
      text: 'Faults that are planted in the applications of the tests, whose answer keys say rule, file and line. *Wrong*: said at warning or above where nothing is planted.',
      table: {
        head: ['rule', 'planted', 'found', 'recall', 'wrong', 'precision'],
        rows: hits.byRule.map((one) => [
          one.rule,
          String(one.planted),
          String(one.found),
          show(recall(one), 2),
          String(one.wrong),
          show(precision(one), 2),
        ]),
      },
      more: hits.good
        .map(
          ({ application, said }) =>
            `${application}: ${said.length === 0 ? 'nothing is said' : said.join(', ')}.`,
        )
        .join('\n'),
    },
  ];
}

function speedRow(name: string, turn: Turn, bytes: number): readonly string[] {
  return [name, show(turn.seconds, 2), show(bytes / 1e6 / turn.seconds), show(turn.megabytes, 0)];
}

function memorySection({ turn, files, bytes, of }: NonNullable<Figures['memory']>): Section {
  return {
    title: 'Memory, over a large tree',
    text: `Every rule, as \`bulwark check --source\` runs them, over ${show(bytes / 1e9, 2)} GB in ${files.toLocaleString('en')} files: ${of}.`,
    table: {
      head: ['', 'CPU s', 'elapsed s', 'memory, MB'],
      rows: [['bulwark', show(turn.seconds), show(turn.elapsed), show(turn.megabytes, 0)]],
    },
    more: '',
  };
}

/** Of what is planted, how much is found; nothing planted hides nothing. */
function recall({ planted, found }: Hits): number {
  return planted === 0 ? 1 : found / planted;
}

function precision({ found, wrong }: Hits): number {
  return found + wrong === 0 ? 1 : found / (found + wrong);
}

function promises({ hits, speed, memory, strongroom }: Figures): readonly Budget[] {
  const worst = (of: (one: Hits) => number): number => Math.min(1, ...hits.byRule.map(of));
  const times = speed.theirs.seconds / speed.ours.seconds;
  const said = hits.good.reduce((sum, one) => sum + one.said.length, 0);
  return [
    atLeast('recall of the worst rule', LEAST_FOUND, worst(recall)),
    atLeast('precision of the worst rule', LEAST_FOUND, worst(precision)),
    atMost('said at warning or above of good applications', 0, said),
    atLeast('MB/s of Python, on one core', LEAST_SPEED, speed.python / 1e6 / speed.ours.seconds),
    atLeast('times the speed of bandit', LEAST_TIMES, times),
    ...(memory === undefined
      ? []
      : [atMost(`MB of memory over ${show(memory.bytes / 1e9)} GB`, MOST_MEMORY, memory.turn.megabytes)]),
    atMost('Strongroom from outside, in seconds', MOST_SECONDS, strongroom.elapsed),
  ];
}

function atLeast(name: string, least: number, measured: number): Budget {
  return { name, target: `at least ${least}`, measured: show(measured, 2), reached: measured >= least };
}

function atMost(name: string, most: number, measured: number): Budget {
  return { name, target: `at most ${most}`, measured: show(measured, 2), reached: measured <= most };
}

/** Writes the page, and answers where. */
export function writeCheckPage(figures: Figures): string {
  const { machine } = figures;
  const busy = machine.load > machine.cores ? ', so others worked on it at the same time' : '';
  const intro = `# The check: what it finds, how fast, and in how much memory

Written by \`npm run bench -- check FOLDER --write\` on ${machine.date}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB,
${machine.system}, Node.js ${machine.node.slice(1)}; load before it began: ${machine.load.toFixed(1)}${busy}. On a machine that does
other work, only ratios say something. What other scanners find of the same faults stands in [checks-compared.md](../checks-compared.md).`;
  const body = sectionsOf(figures).map(({ title, text, table, more }) =>
    [`## ${title}`, text, markdownTable(table), more.replaceAll('\n', '\\\n')]
      .filter((one) => one !== '')
      .join('\n\n'),
  );
  writeFileSync(PAGE, `${[intro, ...body].join('\n\n')}\n`);
  return PAGE;
}
