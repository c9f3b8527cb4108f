/** What was promised of files and JSON, and what was measured. */
import type { Budget } from '../report/budgets.ts';
import { median } from '../report/summary.ts';
import { show } from '../report/table.ts';
import type { JsonFigures } from './json.ts';
import type { ListingFigures } from './listing.ts';
import type { CrowdFigures, CutFigures, UploadFigures } from './uploads.ts';

/** Everything one run measured. */
export interface InputMeasured {
  readonly uploads: readonly UploadFigures[];
  readonly json: readonly JsonFigures[];
  readonly cuts: readonly CutFigures[];
  readonly crowds: readonly CrowdFigures[];
  readonly listing: readonly ListingFigures[];
}

const MB = 1024 ** 2;
const LEAST_OF_BUSBOY = 0.9;
const LEAST_OF_OTHERS = 1.2;
const MOST_OF_PARSE = 1.6;
const MOST_OF_PEER = 0.5;
/** The limit, and a buffer. */
const MOST_RECEIVED = 11 * MB;
const MOST_CROWD = 150 * MB;
const MOST_LISTING = 3;

/** All of them, in the order of the page. */
export function inputPromises(measured: InputMeasured): readonly Budget[] {
  const { uploads, json, cuts, crowds, listing } = measured;
  return [
    ...(['busboy', 'multer', 'formidable'] as const).map((other) =>
      atLeast(
        `100 MB with every check: speed to ${other}`,
        other === 'busboy' ? LEAST_OF_BUSBOY : LEAST_OF_OTHERS,
        speed(uploads, 'uploads.take, not encrypted', other),
      ),
    ),
    atLeast(
      '100 MB with every check, and encrypted: speed to busboy',
      LEAST_OF_BUSBOY,
      speed(uploads, 'uploads.take', 'busboy'),
    ),
    ...['10 KB', '1 MB'].flatMap((size) => [
      atMost(`JSON of ${size}: CPU to JSON.parse`, MOST_OF_PARSE, cpu(json, size, 'JSON.parse')),
      atMost(`JSON of ${size}: CPU to json-bigint`, MOST_OF_PEER, cpu(json, size, 'json-bigint, strict')),
    ]),
    ...cuts.map(({ how, received }) =>
      atMost(`1 GB at 10 MB, ${how}: MB that came in`, MOST_RECEIVED / MB, received / MB),
    ),
    ...crowds
      .filter(({ name }) => name !== 'busboy')
      .map(({ name, grown }) =>
        atMost(`200 files at once, ${name}: MB of memory`, MOST_CROWD / MB, grown / MB),
      ),
    atMost(
      'first page of 1,000,000 files: time to that of 1,000',
      MOST_LISTING,
      median(listing[1]?.wall ?? []) / median(listing[0]?.wall ?? []),
    ),
  ];
}

/** The median of the ratios of neighbours in time: what else the machine does falls on both. */
export function ratio(one: readonly number[], other: readonly number[]): number {
  return median(one.map((value, turn) => value / (other[turn] ?? Number.NaN)));
}

/** How much faster one is than another. */
function speed(uploads: readonly UploadFigures[], one: string, other: string): number {
  return ratio(named(uploads, other).wall, named(uploads, one).wall);
}

function cpu(json: readonly JsonFigures[], size: string, other: string): number {
  const ofSize = json.filter((figures) => figures.size === size);
  return ratio(named(ofSize, 'Bulwark').cpu, named(ofSize, other).cpu);
}

function named<Figures extends { readonly name: string }>(all: readonly Figures[], name: string): Figures {
  const found = all.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} was not measured`);
  return found;
}

function atLeast(name: string, least: number, measured: number): Budget {
  return { name, target: `at least ${least}`, measured: show(measured, 2), reached: measured >= least };
}

function atMost(name: string, most: number, measured: number): Budget {
  return { name, target: `at most ${most}`, measured: show(measured, 2), reached: measured <= most };
}
