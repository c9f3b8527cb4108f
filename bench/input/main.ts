/** `npm run bench -- input`: files and JSON, beside what else reads them, in one run. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Machine, thisMachine } from '../report/machine.ts';
import { median } from '../report/summary.ts';
import { markdownTable, plainTable, show, type Table } from '../report/table.ts';
import { budgetTable } from '../report/budgets.ts';
import { type JsonFigures, measureJson } from './json.ts';
import { measureListing } from './listing.ts';
import { type InputMeasured, inputPromises, ratio } from './promises.ts';
import { measureCrowds, measureCuts, measureUploads, type UploadFigures } from './uploads.ts';

const HELP = `Usage: npm run bench -- input [OPTIONS]

Files of 100 MB to a synced file on disk, by uploads.take, by busboy behind Bulwark, with a look into the file or without, and by bare
busboy, multer and formidable; JSON of 10 KB and 1 MB; a gigabyte at a limit of 10 MB; 200 files at once; the first page of a
million files. What was promised of them comes first. About two minutes.

Options
  --quick    a short run: its figures are rough
  --write    writes docs/performance/input.md
  --help`;

const SERVERS = [
  'busboy',
  'uploads.take',
  'uploads.take, not encrypted',
  'judged, busboy',
  'judged, busboy, scan',
  'multer',
  'formidable',
];
const CROWDS = ['uploads.take at 10 MB', 'judged at 10 MB', 'busboy'];
const MB = 1024 ** 2;
const DOCS = join(import.meta.dirname, '../../docs/performance');

interface Figures extends InputMeasured {
  readonly machine: Machine;
}

type Section = readonly [title: string, text: string, table: Table];

/** Runs the command with the arguments behind `input`. */
export async function runInput(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean' },
      write: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return console.log(HELP);
  const machine = thisMachine();
  const isQuick = values.quick === true;
  const rounds = isQuick ? 1 : 4;
  const json = measureJson(rounds * 3);
  const uploads = await measureUploads(SERVERS, rounds);
  const figures: Figures = {
    machine,
    json,
    uploads,
    cuts: await measureCuts(),
    crowds: await measureCrowds(isQuick ? CROWDS.slice(0, 1) : CROWDS),
    listing: await measureListing(),
  };
  console.log(
    sections(figures)
      .map(([title, , table]) => `${title}\n\n${plainTable(table)}`)
      .join('\n\n'),
  );
  if (values.write === true) console.error(`Written: ${writePage(figures)}`);
}

function sections(figures: Figures): readonly Section[] {
  const { uploads, json, cuts, crowds, listing } = figures;
  return [
    [
      'What was promised',
      'Ratios are medians of those of neighbours in time.',
      budgetTable(inputPromises(figures)),
    ],
    uploadSection(uploads),
    jsonSection(json),
    [
      'Too much',
      'One gigabyte is sent to a route that takes files of 10 MB, and what it sends beside them. *came in*: bytes that were read off the connection before it was cut; *memory*: by how much the process grew.',
      {
        head: ['sent', 'came in, MB', 'memory, MB'],
        rows: cuts.map(({ how, received, grown }) => [how, show(received / MB), show(grown / MB)]),
      },
    ],
    [
      'Many at once',
      '200 files of 9 MB at once, to disk: by how much the process grew over what it has when it does nothing.',
      { head: ['', 'memory, MB'], rows: crowds.map(({ name, grown }) => [name, show(grown / MB)]) },
    ],
    [
      'A list of files',
      'The first page, 50 files, of an account in SQLite.',
      {
        head: ['files', 'time, us'],
        rows: listing.map(({ files, wall }) => [files.toLocaleString('en'), show(median(wall), 0)]),
      },
    ],
  ];
}

function uploadSection(uploads: readonly UploadFigures[]): Section {
  const bare = uploads.find(({ name }) => name === 'busboy') ?? uploads[0];
  const rows = uploads.map(({ name, wall, cpu }) => [
    name,
    show(100_000 / Math.min(...wall), 0),
    show(ratio(bare?.wall ?? [], wall), 2),
    show(Math.min(...cpu), 0),
    show(ratio(cpu, bare?.cpu ?? []), 2),
  ]);
  return [
    'A file of 100 MB, to a synced file',
    'A form with a PDF of 100 MB, written to a file and synced before the answer. *uploads.take* judges the form and the file, looks through it for active content, sums it up and keeps a row of it; by default it is encrypted too, which nobody beside it does. *judged, busboy* judges the form and the file on their way, and busboy reads them behind it, as in an application; *scan* has the whole file looked through after that, from disk. MB/s and CPU are of the best turn; ratios are medians of those of neighbours in time to bare busboy: above 1 is faster.',
    { head: ['', 'MB/s', 'speed to busboy', 'CPU, ms', 'CPU to busboy'], rows },
  ];
}

function jsonSection(json: readonly JsonFigures[]): Section {
  const rows = json.map(({ name, size, cpu }) => {
    const plain = json.find((one) => one.name === 'JSON.parse' && one.size === size);
    return [`${size}, ${name}`, show(median(cpu), 0), show(ratio(cpu, plain?.cpu ?? []), 2)];
  });
  return [
    'JSON',
    'CPU time of one text, from bytes. json-bigint in its strict mode is the one that was found to refuse names that are there twice and `__proto__`; secure-json-parse refuses the latter and takes the former.',
    { head: ['', 'CPU, us', 'to JSON.parse'], rows },
  ];
}

function writePage(figures: Figures): string {
  const { machine } = figures;
  const isBusy = machine.load > machine.cores;
  const intro = `# Files and JSON

Written by \`npm run bench -- input --write\` on ${machine.date}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB,
${machine.system}, Node.js ${machine.node.slice(1)}; load before it began: ${machine.load.toFixed(1)}${isBusy ? ', so others worked on it at the same time' : ''}. All take turns within
one run, forth and back. On a machine that does other work, only ratios say something.`;
  const body = sections(figures).map(
    ([title, text, table]) => `## ${title}\n\n${text}\n\n${markdownTable(table)}`,
  );
  mkdirSync(DOCS, { recursive: true });
  const path = join(DOCS, 'input.md');
  writeFileSync(path, `${[intro, ...body].join('\n\n')}\n`);
  return path;
}
