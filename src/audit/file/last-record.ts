/** What stands at the end of a log that a process finds: what its own first record is to lead back to. */
import { hash } from 'node:crypto';
import { existsSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Opening } from '../chain/chain.ts';
import { readMark } from '../chain/chain-line.ts';
import { isFragment } from '../chain/fragment.ts';

/** The last whole record, and what stands behind it. */
export interface LogEnd {
  readonly after?: Opening['after'];
  /** What a process that was killed has left. What somebody else has put there is not signed for: it stays a fault. */
  readonly torn?: Opening['torn'];
  /** Bytes behind the last line break, whosever they are. */
  readonly unended: number;
}

// A record has at most 8 KB and what the chain adds; two of them are there in any case.
const LOOK_BACK_BYTES = 32_768;
const LF = 0x0a;
/** Another process may be in the middle of a write. */
const LOOKS = 5;
const PAUSE_MS = 10;

// The account of the application, and who may read its logs.
const MODE = 0o640;

/** Opens a log to be read, and written at its end. It and its folder are made where they are not there. */
export function openLogFile(path: string): number {
  const folder = dirname(path);
  // One folder, and not all that lead to it: where none can be made, as below /proc, Node.js tries for ever.
  if (!existsSync(folder)) mkdirSync(folder);
  return openSync(path, 'a+', MODE);
}

/** Whether a line stands in a file, from a place on. */
export function hasLine(file: number, from: number, line: string): boolean {
  const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - from));
  return bytes.subarray(0, readSync(file, bytes, 0, bytes.byteLength, from)).includes(`${line}\n`);
}

/** Reads the end of an open file. */
export function readLogEnd(file: number): LogEnd {
  for (let look = 1; ; look += 1) {
    const end = lookAtEnd(file);
    if (end.unended === 0 || look === LOOKS) return end;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
}

function lookAtEnd(file: number): LogEnd {
  const { size } = fstatSync(file);
  const bytes = Buffer.alloc(Math.min(size, LOOK_BACK_BYTES));
  const read = readSync(file, bytes, 0, bytes.byteLength, size - bytes.byteLength);
  const text = bytes.subarray(0, read);
  const lastBreak = text.lastIndexOf(LF);
  const torn = text.subarray(lastBreak + 1);
  const after = lastMark(text.subarray(0, Math.max(0, lastBreak)));
  return {
    ...(after !== undefined && { after }),
    unended: torn.byteLength,
    ...(isFragment(torn) && {
      torn: { bytes: torn.byteLength, hash: hash('sha256', torn, 'base64url') },
    }),
  };
}

function lastMark(lines: Buffer): LogEnd['after'] {
  const start = lines.lastIndexOf(LF) + 1;
  const mark = readMark(lines.subarray(start));
  if (mark !== undefined) return { chain: mark.chain, seq: mark.seq, hash: mark.hash };
  // Torn by the process before the last one.
  return start === 0 ? undefined : lastMark(lines.subarray(0, start - 1));
}
