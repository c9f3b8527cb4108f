/**
 * Tables on their way out (RFC 4180): a cell that somebody typed is text to whichever spreadsheet opens it, and no formula
 * (CWE-1236; OWASP CSV Injection).
 */
import { call, fields, type Fit, maybe, word } from '../../../core/call.ts';

/** What a cell may be. */
export type CsvValue = string | number | bigint | boolean | Date | null | undefined;

/** How a table is written. */
export interface CsvSetup {
  /** Between cells: `,` by default. */
  readonly separator?: ',' | ';' | '\t';
}

/**
 * One cell. Text that a spreadsheet would calculate gets an apostrophe in front, which spreadsheets take for "this is text";
 * so does what stands behind a separator or a line break in it, since a program that splits lines otherwise begins a cell there.
 * Numbers stay numbers, also those that are text: `-5` and `+1,50` calculate nothing.
 *
 * @example
 * ```ts
 * csvCell('=HYPERLINK("https://example.com")'); // "'=HYPERLINK(""https://example.com"")"
 * ```
 */
export function csvCell(value: CsvValue, setup: CsvSetup = {}): string {
  checkCell(value, setup);
  return written(value, setup.separator ?? ',');
}

/**
 * One line, with its end.
 *
 * @example
 * ```ts
 * response.write(csvRow([user.name, user.comment, user.balance]));
 * ```
 */
export function csvRow(values: readonly CsvValue[], setup: CsvSetup = {}): string {
  checkRow(values, setup);
  const { separator = ',' } = setup;
  const cells = values.map((value) => written(value, separator));
  // A line with one empty cell would be an empty line, which readers skip.
  return `${cells.length === 1 && cells[0] === '' ? '""' : cells.join(separator)}\r\n`;
}

function written(value: CsvValue, separator: string): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
  if (typeof value !== 'string') return String(value);
  const text = neutral(value);
  return text.includes(separator) || QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Cells with blanks at an end too: some readers cut these off, and see what stood behind them first. */
const QUOTED = /["\r\n,;\t|']|^\s|\s$/;
/** What begins a formula in one spreadsheet or another, in both widths. */
const FORMULA = new Set('=+-@\uff1d\uff0b\uff0d\uff20');
/** Behind these a cell begins, for some program with some setting. */
const SEPARATOR = new Set(',;|\t\r\n');
/** What is cut off, or read as the start of a quoted cell. */
const PASSED_OVER = /[\s"']/;
/** Alone what some spreadsheets pass over to a formula, or end a text at (ASVS v5.0.0-1.2.10). */
const CONTROL = /^[\0\t\r\n]/;
const NUMBER = /^[+-]?\d{1,15}(?:[.,]\d{1,15})?$/;

function neutral(text: string): string {
  if (NUMBER.test(text)) return text;
  let marked = '';
  let done = 0;
  let begins = true;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] as string;
    if (begins && FORMULA.has(letter)) {
      marked += `${text.slice(done, at)}'`;
      done = at;
    }
    begins = SEPARATOR.has(letter) || (begins && PASSED_OVER.test(letter));
  }
  marked += text.slice(done);
  return CONTROL.test(marked) ? `'${marked}` : marked;
}

const value: Fit = (given) => {
  const isTaken =
    given === null ||
    given instanceof Date ||
    ['string', 'number', 'bigint', 'boolean', 'undefined'].includes(typeof given);
  return isTaken
    ? undefined
    : { path: '', reason: 'it must be a text, a number, true, false, a date or nothing' };
};
const values: Fit = (given) => {
  if (!Array.isArray(given)) return { path: '', reason: 'it must be a list of cells' };
  for (const one of given as readonly unknown[]) {
    const fault = value(one);
    if (fault !== undefined) return fault;
  }
  return undefined;
};
const setup = fields<CsvSetup>({ separator: maybe(word(',', ';', '\t')) });
const checkCell = call('csvCell(comment)', { value, setup });
const checkRow = call('csvRow([name, comment])', { values, setup });
