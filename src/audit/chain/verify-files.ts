/** Verifies logs that lie in files. */
import type { Readable } from 'node:stream';
import { HeadBook } from './head-book.ts';
import { openLog, readLines } from './read-lines.ts';
import { type LogReport, LogVerifier, type VerifyOptions } from './verify.ts';

/** How files are judged. */
export interface VerifyFilesOptions extends Omit<VerifyOptions, 'heads'> {
  /** The file of a witness. */
  readonly headsFile?: string | undefined;
  /** Where `-` is read from. */
  readonly input?: Readable;
}

/** Verifies files in the order of their first records, whatever order they are named in. */
export async function verifyFiles(
  paths: readonly string[],
  { headsFile, input = process.stdin, ...options }: VerifyFilesOptions,
): Promise<LogReport> {
  const heads = headsFile === undefined ? undefined : new HeadBook(options.keys);
  if (heads !== undefined && headsFile !== undefined)
    await readLines(openLog(headsFile), (line, isEnded) => isEnded && heads.add(line));
  const verifier = new LogVerifier({ ...options, heads });
  for (const path of await inOrder(paths)) {
    verifier.beginFile(path);
    await readLines(path === '-' ? input : openLog(path), (line, isEnded) => verifier.take(line, isEnded));
  }
  return verifier.end();
}

/** Oldest first: a chain goes from one file to the next, and a shell sorts `.10` before `.2`. */
export async function inOrder(paths: readonly string[]): Promise<readonly string[]> {
  if (paths.length < 2) return paths;
  const dated = await Promise.all(paths.map(async (path) => ({ path, time: await firstTime(path) })));
  return dated
    .toSorted((one, other) => (one.time < other.time ? -1 : Number(one.time > other.time)))
    .map(({ path }) => path);
}

/** Standard input is what is written now, and comes last. */
async function firstTime(path: string): Promise<string> {
  if (path === '-') return '9';
  const stream = openLog(path);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    stream.destroy();
    return /"time":"([^"]{10,40})"/.exec(chunk.toString('latin1', 0, 100))?.[1] ?? '';
  }
  return '';
}
