/** The directory of a ZIP archive (APPNOTE 6.3.10): the one place that says what is in it. */
import { ArchiveFault } from './archive-fault.ts';
import { EntryPlaces, readEntryName } from './entry-name.ts';

/** One entry, as the directory has it. */
export interface ZipEntry {
  readonly name: string;
  /** As it stands there: the head before the entry must have the same. */
  readonly nameBytes: Buffer;
  readonly flags: number;
  readonly method: 0 | 8;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  /** Of its local header, in the file. */
  readonly offset: number;
}

/** The entries in the order of their bytes, and where they end. */
export interface ZipDirectory {
  readonly entries: readonly ZipEntry[];
  readonly from: number;
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const ENTRY = 0x02014b50;
const END_LENGTH = 22;
const END_64_LENGTH = 56;
const LOCATOR_LENGTH = 20;
const ENTRY_LENGTH = 46;
/** Encrypted in one of three ways (bits 0, 6 and 13). */
const ENCRYPTED = 0x2041;
const FULL_32 = 0xffff_ffff;
const FULL_16 = 0xffff;
const SIZES_64 = 0x0001;
const UNICODE_PATH = 0x7075;

/**
 * Reads the directory, in the one reading that unpackers share.
 *
 * @param tail - the end of the file, with the whole directory in it
 * @param size - of the file
 * @throws ArchiveFault where it is none, or some readers would see another one
 */
export function readDirectory(tail: Buffer, size: number, mostEntries: number): ZipDirectory {
  const end = readEnd(tail, size);
  const start = size - tail.length;
  if (end.count > mostEntries || end.from < start) throw new ArchiveFault('entries');
  const entries = readEntries(tail.subarray(end.from - start, end.to - start), end.count);
  const places = new EntryPlaces();
  for (const { name } of entries) places.add(name);
  return { entries: entries.toSorted((one, other) => one.offset - other.offset), from: end.from };
}

/**
 * Where the directory begins.
 *
 * @param tail - the end of the file, 98 bytes at least where it has so many
 * @throws ArchiveFault `broken` where there is none; `entries` where it is longer than anyone needs
 */
export function directoryStart(tail: Buffer, size: number): number {
  const { from, to } = readEnd(tail, size);
  if (to - from > LONGEST) throw new ArchiveFault('entries');
  return from;
}

/** Ten thousand entries with long names and all that systems note beside them. */
const LONGEST = 8 * 1024 ** 2;

interface End {
  readonly count: number;
  readonly from: number;
  readonly to: number;
}

function readEnd(tail: Buffer, size: number): End {
  const at = tail.length - END_LENGTH;
  // Without a comment, in which another end could stand.
  if (at < 0 || tail.readUInt32LE(at) !== END || tail.readUInt16LE(at + 20) !== 0)
    throw new ArchiveFault('broken');
  const end = {
    onThis: tail.readUInt16LE(at + 8),
    count: tail.readUInt16LE(at + 10),
    length: tail.readUInt32LE(at + 12),
    from: tail.readUInt32LE(at + 16),
  };
  const large = readEnd64(tail, at, size);
  // Where both are there they say the same, or the small one says that the large one knows.
  const count = agreed(end.count, FULL_16, large?.count);
  const length = agreed(end.length, FULL_32, large?.length);
  const from = agreed(end.from, FULL_32, large?.from);
  const to = size - END_LENGTH - (large === undefined ? 0 : END_64_LENGTH + LOCATOR_LENGTH);
  if (tail.readUInt32LE(at + 4) !== 0 || end.onThis !== end.count || from + length !== to)
    throw new ArchiveFault('broken');
  return { count, from, to };
}

/** The end for more and larger entries (APPNOTE 4.3.14): directly before the other one, or not at all. */
function readEnd64(
  tail: Buffer,
  at: number,
  size: number,
): (Omit<End, 'to'> & { length: number }) | undefined {
  const locator = at - LOCATOR_LENGTH;
  if (locator < 0 || tail.readUInt32LE(locator) !== LOCATOR_64) return undefined;
  const place = locator - END_64_LENGTH;
  const isThere =
    place >= 0 &&
    tail.readUInt32LE(place) === END_64 &&
    wide(tail, locator + 8) === size - tail.length + place &&
    wide(tail, place + 4) === END_64_LENGTH - 12 &&
    wide(tail, place + 24) === wide(tail, place + 32) &&
    tail.readUInt32LE(locator + 4) === 0 &&
    tail.readUInt32LE(locator + 16) <= 1;
  if (!isThere) throw new ArchiveFault('broken');
  return { count: wide(tail, place + 32), length: wide(tail, place + 40), from: wide(tail, place + 48) };
}

function agreed(small: number, full: number, large: number | undefined): number {
  if (large === undefined || small === large) return small;
  if (small !== full) throw new ArchiveFault('broken');
  return large;
}

/** Eight bytes as a number, as far as numbers go. */
export function wide(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at);
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value);
}

function readEntries(directory: Buffer, count: number): readonly ZipEntry[] {
  const entries: ZipEntry[] = [];
  let at = 0;
  while (at + ENTRY_LENGTH <= directory.length && directory.readUInt32LE(at) === ENTRY) {
    const named = directory.readUInt16LE(at + 28);
    const more = directory.readUInt16LE(at + 30);
    const length = ENTRY_LENGTH + named + more + directory.readUInt16LE(at + 32);
    if (at + length > directory.length) throw new ArchiveFault('broken');
    entries.push(readEntry(directory.subarray(at, at + length), named, more));
    at += length;
  }
  if (at !== directory.length || entries.length !== count) throw new ArchiveFault('broken');
  return entries;
}

function readEntry(line: Buffer, named: number, more: number): ZipEntry {
  const flags = line.readUInt16LE(8);
  const method = line.readUInt16LE(10);
  if ((flags & ENCRYPTED) !== 0 || method === 99) throw new ArchiveFault('encrypted');
  if (method !== 0 && method !== 8) throw new ArchiveFault('method');
  if (line.readUInt16LE(34) !== 0) throw new ArchiveFault('broken');
  const type = line.readUInt16LE(40) & 0o170000;
  if (!PLAIN_TYPES.has(type)) throw new ArchiveFault('link');
  const nameBytes = line.subarray(ENTRY_LENGTH, ENTRY_LENGTH + named);
  const name = readEntryName(nameBytes, flags);
  const sizes = [line.readUInt32LE(24), line.readUInt32LE(20), line.readUInt32LE(42)];
  const extra = readExtra(line.subarray(ENTRY_LENGTH + named, ENTRY_LENGTH + named + more));
  const [size = 0, packed = 0, offset = 0] = widened(sizes, extra);
  if (name.endsWith('/') && size > 0) throw new ArchiveFault('name');
  return { name, nameBytes, flags, method, crc: line.readUInt32LE(16), packed, size, offset };
}

/** None told, a file, a folder; and what came through a pipe, of which Info-ZIP says that it is one. */
const PLAIN_TYPES = new Set([0, 0o100000, 0o040000, 0o010000]);

/**
 * What stands beside an entry, by its id.
 *
 * @throws ArchiveFault `name` where a second name is there, which half of all readers take; `broken` where it is cut
 */
export function readExtra(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  let at = 0;
  while (at + 4 <= bytes.length) {
    const id = bytes.readUInt16LE(at);
    const end = at + 4 + bytes.readUInt16LE(at + 2);
    if (end > bytes.length) throw new ArchiveFault('broken');
    if (id === UNICODE_PATH) throw new ArchiveFault('name');
    if (id === SIZES_64 && found.has(id)) throw new ArchiveFault('directory');
    found.set(id, bytes.subarray(at + 4, end));
    at = end;
  }
  // Some writers fill up with up to three zeros.
  if (bytes.subarray(at).some((byte) => byte !== 0)) throw new ArchiveFault('broken');
  return found;
}

/** Numbers that do not fit into four bytes stand beside the entry, in this order, and only those (APPNOTE 4.5.3). */
export function widened(small: readonly number[], extra: ReadonlyMap<number, Buffer>): readonly number[] {
  const large = extra.get(SIZES_64);
  let at = 0;
  return small.map((value) => {
    if (value !== FULL_32) return value;
    if (large === undefined || at + 8 > large.length) throw new ArchiveFault('broken');
    at += 8;
    return wide(large, at - 8);
  });
}
