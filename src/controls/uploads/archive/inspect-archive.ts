/**
 * Looks through a whole ZIP archive (APPNOTE 6.3.10) in the one reading that unpackers share: every entry is unpacked, its real
 * bytes counted and summed up, and nothing of it is kept but an archive within, until that is looked through. Bytes go by in
 * pieces; zlib's threads unpack them.
 */
import { heldFile, readPiece, type WholeFile } from '../content/whole-file.ts';
import { ArchiveFault } from './archive-fault.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits, mostUnpacked } from './archive-limits.ts';
import { ByteReader } from './byte-reader.ts';
import { directoryStart, readDirectory, type ZipDirectory, type ZipEntry } from './central-directory.ts';
import { COMPOUND, isTypeList, MACRO_FOLDER, MACRO_PART, namesMacros } from './macros.ts';
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
 * @param signal - stops it: what it throws then is the reason of that
 * @throws ArchiveFault where it is not taken
 */
export async function inspectArchive(
  file: WholeFile,
  limits: ArchiveLimits = ARCHIVE_LIMITS,
  signal?: AbortSignal,
): Promise<ArchiveFindings> {
  const look = new Look(file.size, limits, signal);
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
/** Archives within that are held at once, so that each is unpacked only once. Larger ones are unpacked anew for each reading. */
const MOST_HELD = 16 * MB;

class Look {
  entries = 0;
  bytes = 0;
  largest = 0;
  macros = false;
  readonly unseen = new Set<string>();
  readonly #limits: ArchiveLimits;
  readonly #most: number;
  readonly #signal: AbortSignal | undefined;
  #held = 0;
  /** What was unpacked once more: as work it counts like the first time. */
  #again = 0;

  constructor(size: number, limits: ArchiveLimits, signal: AbortSignal | undefined) {
    this.#limits = limits;
    this.#signal = signal;
    this.#most = mostUnpacked(size, limits);
  }

  async into(file: WholeFile, depth: number): Promise<void> {
    if (depth > this.#limits.depth) throw new ArchiveFault('nesting');
    const { directory, nested } = await this.#through(file, depth);
    for (const { entry, from } of nested) await this.into(this.#memberFile(file, entry, from), depth + 1);
    this.macros ||= directory.entries.some(({ name }) => MACRO_PART.test(name));
  }

  /** All entries in the order of their bytes: they stand one behind the other, and nothing between them. */
  async #through(
    file: WholeFile,
    depth: number,
  ): Promise<{ directory: ZipDirectory; nested: readonly Nested[] }> {
    this.#signal?.throwIfAborted();
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
        if (await this.#member(reader, entry, depth)) nested.push({ entry, from });
        await readDescriptor(reader, entry, next - end, head.isDescribed);
        at = next;
      }
    } finally {
      await reader.end();
    }
    if (at !== directory.from) throw new ArchiveFault('directory');
    return { directory, nested };
  }

  /** @returns whether it is an archive itself that is still to be looked into */
  async #member(reader: ByteReader, entry: ZipEntry, depth: number): Promise<boolean> {
    // Before a byte of it is unpacked: what it says must hold in any case.
    if (this.bytes + entry.size > this.#most) throw new ArchiveFault('bomb');
    this.largest = Math.max(this.largest, entry.size);
    const isTypes = isTypeList(entry.name);
    const start = new Start(entry.size, isTypes ? MB : LONGEST_SIGN, MOST_HELD - this.#held);
    for await (const piece of unpacked(reader.stream(entry.packed), entry)) {
      this.#signal?.throwIfAborted();
      this.bytes += piece.length;
      start.take(piece);
    }
    const said = start.bytes.toString('latin1');
    this.macros ||= start.hasMacros || (isTypes && (entry.size > MB || namesMacros(said)));
    for (const [format, sign, at] of UNSEEN) if (said.startsWith(sign, at)) this.unseen.add(format);
    if (start.held === undefined) return said.startsWith(ARCHIVE);
    this.#held += entry.size;
    await this.into(heldFile(start.held), depth + 1);
    this.#held -= entry.size;
    return false;
  }

  /** An entry as a file of its own, unpacked anew for each look: it is held nowhere. */
  #memberFile(file: WholeFile, entry: ZipEntry, start: number): WholeFile {
    // Its sum was right the first time.
    if (entry.method === 0)
      return { size: entry.size, read: (from, to) => file.read(start + from, start + to) };
    const charge = (length: number): void => {
      this.#signal?.throwIfAborted();
      this.#again += length;
      if (this.#again > this.#most) throw new ArchiveFault('bomb');
    };
    return {
      size: entry.size,
      async *read(from, to) {
        let at = 0;
        const packed = new ByteReader(file.read(start, start + entry.packed));
        try {
          for await (const piece of unpacked(packed.stream(entry.packed), entry)) {
            charge(piece.length);
            const part = piece.subarray(Math.max(0, from - at), Math.max(0, to - at));
            at += piece.length;
            if (part.length > 0) yield part;
            if (at >= to) break;
          }
        } finally {
          await packed.end();
        }
      },
    };
  }
}

/** What is kept of an entry that goes by: its start, and all of it where it is an archive that can be held. */
class Start {
  bytes = Buffer.alloc(0);
  held: Buffer | undefined;
  hasMacros = false;
  readonly #size: number;
  readonly #keep: number;
  readonly #mayHold: number;
  #at = 0;
  /** Of a compound file, what a name may have begun in. */
  #end = Buffer.alloc(0);

  constructor(size: number, keep: number, mayHold: number) {
    this.#size = size;
    this.#keep = keep;
    this.#mayHold = mayHold;
  }

  take(piece: Buffer): void {
    const isNew = this.bytes.length < ARCHIVE.length;
    if (this.bytes.length < this.#keep)
      this.bytes = Buffer.concat([this.bytes, piece.subarray(0, this.#keep - this.bytes.length)]);
    const sign = this.bytes.toString('latin1', 0, ARCHIVE.length);
    if (isNew && sign === ARCHIVE && this.#size <= this.#mayHold) {
      this.held = Buffer.allocUnsafeSlow(this.#size);
      this.bytes.copy(this.held);
    }
    if (this.held !== undefined) piece.copy(this.held, this.#at);
    this.#at += piece.length;
    if (sign === COMPOUND && !this.hasMacros) this.#findMacros(piece);
  }

  #findMacros(piece: Buffer): void {
    const both = Buffer.concat([this.#end, piece]);
    this.hasMacros = both.includes(MACRO_FOLDER);
    this.#end = both.subarray(Math.max(0, both.length - MACRO_FOLDER.length));
  }
}

/** How an archive begins. */
const ARCHIVE = 'PK\u0003\u0004';

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
