/**
 * Looks through a whole ZIP archive (APPNOTE 6.3.10) in the one reading that unpackers share: every entry is unpacked, its real
 * bytes counted and summed up, and nothing of it is kept. Bytes go by in pieces; zlib's threads unpack them.
 */
import { readPiece, type WholeFile } from '../content/whole-file.ts';
import { ArchiveFault } from './archive-fault.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits, mostUnpacked } from './archive-limits.ts';
import { ByteReader } from './byte-reader.ts';
import { directoryStart, readDirectory, type ZipDirectory, type ZipEntry } from './central-directory.ts';
import { MACRO_PART, MACRO_TYPE } from './macros.ts';
import { readDescriptor, readLocalHead, unpacked } from './member.ts';

/** What is in an archive that is taken. */
export interface ArchiveFindings {
  readonly entries: number;
  readonly bytes: number;
  /** What the largest entry unpacks to. */
  readonly largest: number;
  /** Whether an Office file with macros is it, or is in it. */
  readonly macros: boolean;
  /** What was not looked into: archives of other formats, by name of the format. */
  readonly unseen: readonly string[];
}

/**
 * Looks through it.
 *
 * @throws ArchiveFault where it is not taken
 */
export async function inspectArchive(
  file: WholeFile,
  limits: ArchiveLimits = ARCHIVE_LIMITS,
): Promise<ArchiveFindings> {
  const look = new Look(file.size, limits);
  await look.into(file, 1);
  return {
    entries: look.entries,
    bytes: look.bytes,
    largest: look.largest,
    macros: look.macros,
    unseen: [...look.unseen],
  };
}

const MB = 1024 ** 2;
const CONTENT_TYPES = '[Content_Types].xml';

class Look {
  entries = 0;
  bytes = 0;
  largest = 0;
  macros = false;
  readonly unseen = new Set<string>();
  readonly #limits: ArchiveLimits;
  readonly #most: number;

  constructor(size: number, limits: ArchiveLimits) {
    this.#limits = limits;
    this.#most = mostUnpacked(size, limits);
  }

  async into(file: WholeFile, depth: number): Promise<void> {
    if (depth > this.#limits.depth) throw new ArchiveFault('nesting');
    const { directory, nested } = await this.#through(file);
    for (const { entry, from } of nested) await this.into(memberFile(file, entry, from), depth + 1);
    this.macros ||= directory.entries.some(({ name }) => MACRO_PART.test(name));
  }

  /** All entries in the order of their bytes: they stand one behind the other, and nothing between them. */
  async #through(file: WholeFile): Promise<{ directory: ZipDirectory; nested: readonly Nested[] }> {
    const left = this.#limits.entries - this.entries;
    const directory = readDirectory(await directoryOf(file), file.size, left);
    this.entries += directory.entries.length;
    const nested: Nested[] = [];
    const reader = new ByteReader(file.read(0, directory.from));
    let at = 0;
    try {
      for (const [index, entry] of directory.entries.entries()) {
        // Overlapping ones make much out of little, and bytes between them are what some readers find and others do not.
        if (entry.offset !== at) throw new ArchiveFault('directory');
        const head = await readLocalHead(reader, entry);
        const from = at + head.length;
        const end = from + entry.packed;
        const next = directory.entries[index + 1]?.offset ?? directory.from;
        if (end > next) throw new ArchiveFault('directory');
        if (await this.#member(reader, entry)) nested.push({ entry, from });
        await readDescriptor(reader, entry, next - end, head.isDescribed);
        at = next;
      }
    } finally {
      await reader.end();
    }
    if (at !== directory.from) throw new ArchiveFault('directory');
    return { directory, nested };
  }

  /** @returns whether it is an archive itself */
  async #member(reader: ByteReader, entry: ZipEntry): Promise<boolean> {
    // Before a byte of it is unpacked: what it says must hold in any case.
    if (this.bytes + entry.size > this.#most) throw new ArchiveFault('bomb');
    this.largest = Math.max(this.largest, entry.size);
    let start = Buffer.alloc(0);
    const keep = entry.name === CONTENT_TYPES ? MB : LONGEST_SIGN;
    for await (const piece of unpacked(reader.stream(entry.packed), entry)) {
      this.bytes += piece.length;
      if (start.length < keep) start = Buffer.concat([start, piece.subarray(0, keep - start.length)]);
    }
    if (entry.name === CONTENT_TYPES) this.macros ||= MACRO_TYPE.test(start.toString('latin1'));
    for (const [format, sign, at] of UNSEEN)
      if (start.toString('latin1', at, at + sign.length) === sign) this.unseen.add(format);
    return start.toString('latin1', 0, 4) === 'PK\u0003\u0004';
  }
}

interface Nested {
  readonly entry: ZipEntry;
  /** Where its bytes begin. */
  readonly from: number;
}

const LONGEST_SIGN = 265;
/** Archives in which nothing is looked for, and where they say so. */
const UNSEEN: readonly (readonly [format: string, sign: string, at: number])[] = [
  ['7z', '7z\u00bc\u00af\u0027\u001c', 0],
  ['rar', 'Rar!\u001a\u0007', 0],
  ['gzip', '\u001f\u008b\u0008', 0],
  ['bzip2', 'BZh', 0],
  ['xz', '\u00fd7zXZ\u0000', 0],
  ['zstd', '\u0028\u00b5\u002f\u00fd', 0],
  ['cab', 'MSCF\u0000\u0000\u0000\u0000', 0],
  ['tar', 'ustar', 257],
];

/** The end of a file, with the whole directory in it. */
async function directoryOf(file: WholeFile): Promise<Buffer> {
  const tail = await readPiece(file, Math.max(0, file.size - TAIL), file.size);
  const from = directoryStart(tail, file.size);
  return from >= file.size - tail.length ? tail : await readPiece(file, from, file.size);
}

/** Most directories are shorter: one look is enough. */
const TAIL = 64 * 1024;

/** An entry as a file of its own, unpacked anew for each look: it is held nowhere. */
function memberFile(file: WholeFile, entry: ZipEntry, start: number): WholeFile {
  return {
    size: entry.size,
    async *read(from, to) {
      let at = 0;
      const packed = new ByteReader(file.read(start, start + entry.packed));
      for await (const piece of unpacked(packed.stream(entry.packed), entry)) {
        const part = piece.subarray(Math.max(0, from - at), Math.max(0, to - at));
        at += piece.length;
        if (part.length > 0) yield part;
        if (at >= to) break;
      }
      await packed.end();
    },
  };
}
