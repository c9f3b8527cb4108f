/** Where reports go: which format to which file, and what is left for the terminal. */
import { writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { type FormatName, FORMATS } from '../check/report/formats.ts';
import { PLAIN } from '../check/report/paint.ts';
import type { Shown } from '../check/report/shown.ts';
import { Failed, faint, messageOf, strong, type Terminal, WrongUse } from './terminal.ts';

/** One report. Without a file it goes to standard output. */
export interface Destination {
  readonly format: FormatName;
  readonly file?: string;
}

/** What a command line says of it. */
interface Asked {
  readonly format?: readonly string[];
  readonly output?: readonly string[];
  readonly json?: true;
}

/**
 * Which report goes where. A file takes the format of its ending; one with another ending takes what no file has taken. Of
 * what is left, one report goes to standard output: the text, where nothing else does.
 *
 * @throws WrongUse
 */
export function planOutput({ format = [], output = [], json }: Asked): readonly Destination[] {
  const left = new Set([...(json === true ? (['json'] as const) : []), ...format.map(formatNamed)]);
  const files = output.map((file) => ({ file, format: formatOfEnding(file) }));
  for (const { format: known } of files) if (known !== undefined) left.delete(known);
  const plan = files.map(({ file, format: known }): Destination => {
    if (known !== undefined) return { file, format: known };
    const [next] = left;
    if (next === undefined) {
      throw new WrongUse(
        `--output ${file} has no ending of a report: name it ${ENDINGS.join(', ')}, or give --format.`,
      );
    }
    left.delete(next);
    return { file, format: next };
  });
  if (left.size > 1) {
    throw new WrongUse(
      `${[...left].join(' and ')} cannot both go to standard output: give --output for all but one.`,
    );
  }
  const [rest] = left;
  return [...plan, { format: rest ?? 'text' }];
}

/**
 * Writes them.
 *
 * @throws Failed where a file cannot be written
 */
export function writeReports(plan: readonly Destination[], shown: Shown, { out }: Terminal): void {
  for (const { format, file } of plan) {
    const { write } = FORMATS[format];
    if (file === undefined) {
      out.write(write(shown, { strong: (text) => strong(text, out), faint: (text) => faint(text, out) }));
      continue;
    }
    try {
      writeFileSync(file, write(shown, PLAIN));
    } catch (cause) {
      throw new Failed(messageOf(cause), { cause });
    }
  }
}

const NAMES = Object.keys(FORMATS) as readonly FormatName[];
const ENDINGS = NAMES.map((name) => FORMATS[name].ending);

function formatNamed(name: string): FormatName {
  const known = NAMES.find((one) => one === name);
  if (known === undefined) throw new WrongUse(`--format is one of: ${NAMES.join(', ')}.`);
  return known;
}

function formatOfEnding(file: string): FormatName | undefined {
  const ending = extname(file).toLowerCase();
  return NAMES.find((name) => FORMATS[name].ending === ending);
}
