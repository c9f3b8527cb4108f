/**
 * CSV as RFC 4180 has it, read as it comes: of a file of any length one row is in memory. A row that is not in that form
 * is given with its flaw, so that those after it are still read; guessing what it meant would put a hash beside the
 * address of somebody else.
 */
import { BulwarkError } from '../../core/errors.ts';

/** One row. */
export interface CsvRow {
  /** As a spreadsheet counts: from 1, the names of the columns and blank lines included. */
  readonly row: number;
  readonly fields: readonly string[];
  /** What is wrong with its form, in words that hold nothing of it. Its fields are not to be used then. */
  readonly flaw: string | undefined;
}

const MAX_ROW_LENGTH = 1_048_576;
const MAX_FIELDS = 1000;
/** Where text outside of quotes ends. */
const MARK = /[",\r\n]/g;

/**
 * The rows of a file of UTF-8, with or without a byte order mark.
 *
 * @throws BulwarkError ERR_BULWARK_IMPORT_FILE where its first row is no text, or a quote is never closed
 */
export async function* readCsv(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRow, void, undefined> {
  // Bytes that are no UTF-8 become U+FFFD, by which the row they are in is known.
  const decoder = new TextDecoder();
  const reader = new CsvReader();
  for await (const chunk of chunks) yield* reader.push(decoder.decode(chunk, { stream: true }));
  yield* reader.push(decoder.decode());
  yield* reader.end();
}

/** An error about the file, at a row of it. */
export function badFile(row: number, problem: string): BulwarkError {
  return new BulwarkError('ERR_BULWARK_IMPORT_FILE', `row ${row}: ${problem}`);
}

/** Reads text in pieces of any size. */
class CsvReader {
  #place: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  #row = 1;
  #isFirst = true;
  #fields: string[] = [];
  #field = '';
  #length = 0;
  #flaw: string | undefined;
  #afterReturn = false;

  *push(text: string): Generator<CsvRow, void, undefined> {
    let at = 0;
    while (at < text.length) {
      const end = this.#place === 'quoted' ? text.indexOf('"', at) : markFrom(text, at);
      const run = text.slice(at, end === -1 ? text.length : end);
      if (this.#afterReturn && (run !== '' || text[at] !== '\n')) this.#isFlawed(LONE_RETURN);
      this.#afterReturn = false;
      if (run !== '') this.#add(run);
      if (end === -1) return;
      at = end + 1;
      const row = this.#mark(text[end]);
      if (row !== undefined) yield row;
    }
  }

  /** After the last piece: the last row may have no line break. */
  *end(): Generator<CsvRow, void, undefined> {
    if (this.#place === 'quoted') throw badFile(this.#row, 'a quote is opened here and never closed.');
    if (this.#afterReturn) this.#isFlawed(LONE_RETURN);
    const row = this.#endRow();
    if (row !== undefined) yield row;
  }

  #mark(mark: string | undefined): CsvRow | undefined {
    if (mark === '"') this.#quote();
    else if (mark === ',') this.#endField();
    else if (mark === '\r') this.#afterReturn = true;
    else return this.#endRow();
    return undefined;
  }

  #quote(): void {
    switch (this.#place) {
      case 'start':
        this.#place = 'quoted';
        return;
      case 'quoted':
        this.#place = 'closed';
        return;
      case 'closed':
        // Two quotes within quotes are one.
        this.#place = 'quoted';
        this.#add('"');
        return;
      case 'plain':
        this.#isFlawed('a quote is in the middle of a field that does not begin with one');
    }
  }

  #add(text: string): void {
    if (this.#place === 'closed') this.#isFlawed('text follows a closing quote');
    if (this.#place === 'start') this.#place = 'plain';
    if (text.includes('\0')) this.#isFlawed('it holds a NUL byte, which no text does');
    if (text.includes('\uFFFD')) this.#isFlawed('it is not in UTF-8');
    this.#length += text.length;
    // Caps the row, so that a quote that is never closed does not read the rest of the file into memory.
    if (this.#length > MAX_ROW_LENGTH) this.#isFlawed(`it has more than ${MAX_ROW_LENGTH} characters`);
    else this.#field += text;
  }

  #endField(): void {
    if (this.#fields.length < MAX_FIELDS) this.#fields.push(this.#field);
    else this.#isFlawed(`it has more than ${MAX_FIELDS} columns`);
    this.#field = '';
    this.#place = 'start';
  }

  #endRow(): CsvRow | undefined {
    const isBlank = this.#place === 'start' && this.#fields.length === 0;
    this.#endField();
    const row = { row: this.#row, fields: this.#fields, flaw: this.#flaw };
    this.#row += 1;
    this.#fields = [];
    this.#length = 0;
    this.#flaw = undefined;
    this.#afterReturn = false;
    if (isBlank && row.flaw === undefined) return undefined;
    this.#isFirst = false;
    return row;
  }

  /** Without names of columns nothing can be read: of a file that is no text, the first row may never end. */
  #isFlawed(flaw: string): void {
    if (this.#isFirst) {
      throw badFile(
        this.#row,
        `${flaw}. Is this a CSV file in UTF-8, with the names of its columns in its first row?`,
      );
    }
    this.#flaw ??= flaw;
  }
}

const LONE_RETURN = 'it has a carriage return without a line feed';

function markFrom(text: string, at: number): number {
  MARK.lastIndex = at;
  return MARK.exec(text)?.index ?? -1;
}
