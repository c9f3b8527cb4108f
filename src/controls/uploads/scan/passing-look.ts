/** Looks at files on their way to where they will lie, so that none is read again for it. */
import type { FileScan } from './scan.ts';

/** A look at one file that comes in. */
export interface PassingLook {
  /** What came next. The bytes are another's after the call has ended. */
  take(piece: Uint8Array): Promise<void>;
  /** That was all. Returns what is left of the scan: it knows what was seen, and is asked where the file lies. */
  end(): Promise<FileScan>;
}

/** Looks at a file of this type; undefined where it has to be there as a whole. */
export type MakePassingLook = (type: string, signal: AbortSignal) => PassingLook | undefined;

const MAKERS = new WeakMap<FileScan, MakePassingLook>();

/** A scan that can look at files as they come. */
export function withPassingLook(scan: FileScan, make: MakePassingLook): FileScan {
  MAKERS.set(scan, make);
  return scan;
}

/** A look of this scan at a file that begins; undefined where it looks at none as they come, such as one of an application. */
export function passingLook(scan: FileScan, type: string, signal: AbortSignal): PassingLook | undefined {
  return MAKERS.get(scan)?.(type, signal);
}
