/** Which lines of a log are records of it: whoever may append to the file can write a line that looks like an event. */
import { Readable } from 'node:stream';
import { readMark } from '../chain/chain-line.ts';
import { isFragment } from '../chain/fragment.ts';
import { openLog, readLines } from '../chain/read-lines.ts';

/** Takes the lines of one file. Where it is chained, a line without a place in a chain is none of its records. */
export class RecordFilter {
  #isChained: boolean;
  #skipped = 0;

  /** @param isChained - whether that is known before its first record comes, as by {@link isChainedFile} */
  constructor(isChained = false) {
    this.#isChained = isChained;
  }

  /** Lines that were left out, but for what a full disk or a killed process has torn. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Whether a line is a record. A mark alone proves nothing: that is for `bulwark audit verify`. */
  takes(line: Buffer): boolean {
    const isMarked = readMark(line) !== undefined;
    this.#isChained ||= isMarked;
    if (isMarked || !this.#isChained) return true;
    if (!isFragment(line)) this.#skipped += 1;
    return false;
  }
}

/** Whether a file is one of a chained log, by the first megabyte of it. */
export async function isChainedFile(path: string): Promise<boolean> {
  const stream = openLog(path);
  let isChained = false;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    stream.destroy();
    await readLines(Readable.from([chunk]), (line) => {
      isChained ||= readMark(line) !== undefined;
    });
    break;
  }
  return isChained;
}
