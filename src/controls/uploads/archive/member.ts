/** One entry of an archive: the head before it, its bytes unpacked, and what may stand behind them. */
import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { ArchiveFault } from './archive-fault.ts';
import type { ByteReader } from './byte-reader.ts';
import { readExtra, wide, widened, type ZipEntry } from './central-directory.ts';

const LOCAL = 0x04034b50;
const LOCAL_LENGTH = 30;
/** Sizes stand behind the bytes. */
const DESCRIBED = 0x0008;
/** Encrypted, described, in UTF-8, masked: what readers act on. */
const HEEDED = 0x2849;
const DESCRIPTOR = 0x08074b50;

/**
 * Reads the head before an entry. Some readers go by it, and some by the directory: they must say the same.
 *
 * @throws ArchiveFault `directory` where they do not
 */
export async function readLocalHead(reader: ByteReader, entry: ZipEntry): Promise<LocalHead> {
  const head = await reader.take(LOCAL_LENGTH);
  const named = head.readUInt16LE(26);
  const more = head.readUInt16LE(28);
  const isSame =
    head.readUInt32LE(0) === LOCAL &&
    ((head.readUInt16LE(6) ^ entry.flags) & HEEDED) === 0 &&
    head.readUInt16LE(8) === entry.method &&
    named === entry.nameBytes.length;
  if (!isSame) throw new ArchiveFault('directory');
  const name = await reader.take(named);
  if (!name.equals(entry.nameBytes)) throw new ArchiveFault('directory');
  const extra = readExtra(await reader.take(more));
  const numbers = [head.readUInt32LE(14), head.readUInt32LE(22), head.readUInt32LE(18)];
  const [crc = 0, size = 0, packed = 0] = [numbers[0], ...widened(numbers.slice(1), extra)];
  const isDescribed = (entry.flags & DESCRIBED) !== 0;
  const fits = (said: number | undefined, right: number): boolean =>
    said === right || (isDescribed && said === 0);
  if (!fits(crc, entry.crc) || !fits(size, entry.size) || !fits(packed, entry.packed))
    throw new ArchiveFault('directory');
  const isWhole = crc === entry.crc && size === entry.size && packed === entry.packed;
  return { length: LOCAL_LENGTH + named + more, isDescribed: isDescribed && !isWhole };
}

/** What a head tells beside what the directory does. */
export interface LocalHead {
  readonly length: number;
  /** Sizes and sum have to stand behind the bytes. */
  readonly isDescribed: boolean;
}

/**
 * What stands between the bytes of an entry and the next one: nothing, or its sizes once more.
 *
 * @throws ArchiveFault `directory` where it is something else
 */
export async function readDescriptor(
  reader: ByteReader,
  entry: ZipEntry,
  length: number,
  isDescribed: boolean,
): Promise<void> {
  if (length === 0 && !isDescribed) return;
  if ((entry.flags & DESCRIBED) === 0 || ![12, 16, 20, 24].includes(length))
    throw new ArchiveFault('directory');
  const bytes = await reader.take(length);
  const from = length % 8 === 0 ? 4 : 0;
  const isWide = length >= 20;
  const isSame =
    (from === 0 || bytes.readUInt32LE(0) === DESCRIPTOR) &&
    bytes.readUInt32LE(from) === entry.crc &&
    (isWide ? wide(bytes, from + 4) : bytes.readUInt32LE(from + 4)) === entry.packed &&
    (isWide ? wide(bytes, from + 12) : bytes.readUInt32LE(from + 8)) === entry.size;
  if (!isSame) throw new ArchiveFault('directory');
}

/**
 * The bytes of an entry, unpacked: real ones are counted and summed up, whatever is said of them. Who stops before the end has
 * no judgement of it.
 *
 * @throws ArchiveFault `broken` where they are not what the directory says
 */
export async function* unpacked(
  bytes: AsyncIterable<Buffer>,
  entry: ZipEntry,
): AsyncGenerator<Buffer, void, void> {
  let size = 0;
  let crc = 0;
  for await (const piece of entry.method === 0 ? bytes : inflated(bytes, entry.packed)) {
    size += piece.length;
    if (size > entry.size) throw new ArchiveFault('broken');
    crc = crc32(piece, crc);
    yield piece;
  }
  if (size !== entry.size || crc !== entry.crc) throw new ArchiveFault('broken');
}

/** zlib's threads do the work: this one only hands over. */
async function* inflated(bytes: AsyncIterable<Buffer>, packed: number): AsyncGenerator<Buffer, void, void> {
  const inflate = createInflateRaw({ chunkSize: 64 * 1024 });
  // What breaks in one part of the way ends all of it; who reads is told.
  pipeline(Readable.from(bytes), inflate, () => undefined);
  try {
    for await (const piece of inflate as AsyncIterable<Buffer>) yield piece;
  } catch (error) {
    throw isDamage(error) ? new ArchiveFault('broken', error) : error;
  } finally {
    inflate.destroy();
  }
  // Bytes behind the end of what is packed: some readers go on there.
  if (inflate.bytesWritten !== packed) throw new ArchiveFault('broken');
}

/** What zlib says of bytes. Whatever else ends the way is no word on the archive: reading it failed, or was stopped. */
function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
