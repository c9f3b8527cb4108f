/** The directory of a ZIP archive (APPNOTE 6.3), read at the end of the file: nothing is unpacked but what an Office file says of itself. */
import { inflateRawSync } from 'node:zlib';
import type { SeenBytes } from './seen-bytes.ts';

/** One entry, as the directory has it. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  /** Of its local header, in the file. */
  readonly offset: number;
}

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_LENGTH = 22;
const ENTRY_LENGTH = 46;
const LOCAL_LENGTH = 30;
const ENCRYPTED = 0x0041;
const UNICODE_NAME = 0x0800;
const SYMLINK = 0o120000;
/** What unpacking may make of what was sent: more is a bomb, whatever is in it. */
const MOST_RATIO = 200;
const MOST_BYTES = 4 * 1024 ** 3;
const MOST_SELF = 256 * 1024;

/**
 * The entries of an archive in the one reading that unpackers share; undefined where it is none, or one of which some read
 * something else: bytes behind its end, an entry twice, a name that leads out of its folder or is in no known encoding, a
 * link, what is encrypted, and what unpacks to far more than was sent.
 */
export function readZipDirectory(seen: SeenBytes): readonly ZipEntry[] | undefined {
  const { tail, size } = seen;
  const at = tail.length - END_LENGTH;
  // Without a comment, in which another end could stand.
  if (at < 0 || tail.readUInt32LE(at) !== END || tail.readUInt16LE(at + 20) !== 0) return undefined;
  const count = tail.readUInt16LE(at + 10);
  const length = tail.readUInt32LE(at + 12);
  const offset = tail.readUInt32LE(at + 16);
  if (tail.readUInt32LE(at + 4) !== 0 || tail.readUInt16LE(at + 8) !== count) return undefined;
  if (offset + length !== size - END_LENGTH || length > at) return undefined;
  const entries = readEntries(tail.subarray(at - length, at), count);
  if (entries === undefined || !isPlain(entries, offset)) return undefined;
  return entries;
}

function readEntries(directory: Buffer, count: number): readonly ZipEntry[] | undefined {
  const entries: ZipEntry[] = [];
  let at = 0;
  while (at + ENTRY_LENGTH <= directory.length && directory.readUInt32LE(at) === ENTRY) {
    const flags = directory.readUInt16LE(at + 8);
    const named = directory.readUInt16LE(at + 28);
    const rest = directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    const bytes = directory.subarray(at + ENTRY_LENGTH, at + ENTRY_LENGTH + named);
    const isLink = (directory.readUInt16LE(at + 40) & 0o170000) === SYMLINK;
    const isNamed = (flags & UNICODE_NAME) !== 0 || ASCII.test(bytes.toString('latin1'));
    if ((flags & ENCRYPTED) !== 0 || isLink || !isNamed) return undefined;
    entries.push({
      name: bytes.toString(),
      method: directory.readUInt16LE(at + 10),
      packed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    });
    at += ENTRY_LENGTH + named + rest;
  }
  return at === directory.length && entries.length === count ? entries : undefined;
}

const ASCII = /^[\x20-\x7e]+$/;
/** Absolute, with a drive, a backslash, a control or a step up. */
const LEADS_OUT = /^[/~]|^[a-z]:|\\|\p{C}|(?:^|\/)\.\.(?:\/|$)/iu;

function isPlain(entries: readonly ZipEntry[], end: number): boolean {
  const names = new Set<string>();
  let packed = 0;
  let unpacked = 0;
  let from = 0;
  for (const entry of entries.toSorted((one, other) => one.offset - other.offset)) {
    if (LEADS_OUT.test(entry.name) || (entry.method !== 0 && entry.method !== 8)) return false;
    // To a file system without cases, or with its own way to write an accent, they are one.
    names.add(entry.name.normalize('NFC').toLowerCase());
    // Two entries over the same bytes make much out of little.
    if (entry.offset < from) return false;
    from = entry.offset + LOCAL_LENGTH + entry.packed;
    packed += entry.packed;
    unpacked += entry.size;
  }
  if (names.size !== entries.length || from > end) return false;
  return unpacked <= MOST_BYTES && unpacked <= Math.max(packed * MOST_RATIO, MOST_SELF);
}

/** What stands in an entry, where its bytes are among those kept: at the start or the end of the file. */
export function readZipEntry(
  seen: SeenBytes,
  { offset, packed, size, method, name }: ZipEntry,
): string | undefined {
  if (size > MOST_SELF) return undefined;
  const { head, tail } = seen;
  const start = seen.size - tail.length;
  const bytes = offset >= start ? tail.subarray(offset - start) : head.subarray(offset);
  if (bytes.length < LOCAL_LENGTH || bytes.readUInt32LE(0) !== LOCAL) return undefined;
  const named = bytes.readUInt16LE(26);
  // Five readers go by the directory and three by this head: they must say the same.
  if (bytes.toString('utf8', LOCAL_LENGTH, LOCAL_LENGTH + named) !== name || bytes.readUInt16LE(8) !== method)
    return undefined;
  const from = LOCAL_LENGTH + named + bytes.readUInt16LE(28);
  const content = bytes.subarray(from, from + packed);
  if (content.length !== packed) return undefined;
  return method === 0 ? content.toString() : inflated(content, size);
}

function inflated(content: Buffer, size: number): string | undefined {
  try {
    const text = inflateRawSync(content, { maxOutputLength: Math.max(size, 1) });
    return text.length === size ? text.toString() : undefined;
  } catch {
    return undefined;
  }
}
