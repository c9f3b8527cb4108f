/**
 * What is there of a file that comes in parts, as its row has it. One text, so that a store changes all of it in one compare-and-set:
 * who lost the file to another request cannot say anything of it any more.
 */

/** One part: bytes that are synced. */
export interface Part {
  /** Random: with the id of its file, the id of its bytes. */
  readonly name: string;
  readonly size: number;
}

/** What is there, and who is at it. */
export interface Parts {
  /** Until when somebody brings it, in milliseconds since 1970; 0: nobody does. */
  readonly until: number;
  /** The part that is being written. Its bytes have no other row that leads to them. */
  readonly open: string;
  /** The SHA-256 of the whole file, where its own bytes are there already; before, empty. */
  readonly whole: string;
  readonly parts: readonly Part[];
}

const NOTHING: Parts = { until: 0, open: '', whole: '', parts: [] };
const NOTE = /^(\d{1,16});((?:[\w-]{11})?);((?:[\w-]{43})?);([\w:,-]*)$/;
const PART = /^([\w-]{11}):(\d{1,16})$/;

/** Reads the note of a row. Whatever is none of ours leads to no bytes. */
export function readParts(note: string): Parts {
  const [found, until = '', open = '', whole = '', listed = ''] = NOTE.exec(note) ?? [];
  if (found === undefined) return NOTHING;
  const parts: Part[] = [];
  for (const one of listed === '' ? [] : listed.split(',')) {
    const [known, name = '', size = ''] = PART.exec(one) ?? [];
    if (known === undefined) return NOTHING;
    parts.push({ name, size: Number(size) });
  }
  return { until: Number(until), open, whole, parts };
}

/** Writes it for a row. */
export function writeParts({ until, open, whole, parts }: Parts): string {
  return `${until};${open};${whole};${parts.map(({ name, size }) => `${name}:${size}`).join(',')}`;
}

/** How many bytes are there. */
export function offsetOf({ parts }: Parts): number {
  return parts.reduce((sum, { size }) => sum + size, 0);
}

/** The id that the bytes of a part have. It begins with that of its file, so that no note leads to the bytes of another one. */
export function partId(file: string, name: string): string {
  return `${file}-${name}`;
}

/** The ids of all bytes that a note leads to, beside those of the file itself. */
export function partIds(file: string, note: string): readonly string[] {
  const { open, parts } = readParts(note);
  const names = parts.map(({ name }) => name);
  return (open === '' ? names : [...names, open]).map((name) => partId(file, name));
}
