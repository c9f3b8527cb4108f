/** An archive of which only the start and the end are kept: its directory, and what an Office file says of itself. */
import { ArchiveFault } from '../archive/archive-fault.ts';
import { readDirectory, type ZipEntry } from '../archive/central-directory.ts';
import { ARCHIVE_LIMITS, mostUnpacked } from '../archive/archive-limits.ts';
import { isTypeList, MACRO_PART, namesMacros } from '../archive/macros.ts';
import { FileFault } from './file-fault.ts';
import type { SeenBytes } from './seen-bytes.ts';

const LOCAL = 0x04034b50;
const LOCAL_LENGTH = 30;
const MOST_SELF = 256 * 1024;

/**
 * The entries of an archive, as its directory has them.
 *
 * @throws ArchiveFault where it is none that is taken, as far as the directory tells; whether its entries are what that says,
 *   only unpacking shows
 */
export function readSeenArchive({ tail, size }: SeenBytes): readonly ZipEntry[] {
  const { entries, from } = readDirectory(tail, size, ARCHIVE_LIMITS.entries);
  let at = 0;
  let unpacked = 0;
  for (const entry of entries) {
    if (entry.offset < at) throw new ArchiveFault('directory');
    at = entry.offset + LOCAL_LENGTH + entry.nameBytes.length + entry.packed;
    unpacked += entry.size;
  }
  if (at > from) throw new ArchiveFault('directory');
  if (unpacked > mostUnpacked(size, ARCHIVE_LIMITS)) throw new ArchiveFault('bomb');
  return entries;
}

/**
 * What an Office file says that it is.
 *
 * @returns its own list of types; undefined where there is none, as in other archives
 * @throws FileFault `macros` where it has some, however it is called, or writes its list so that they cannot be seen
 */
export function readOfficeTypes(seen: SeenBytes): string | undefined {
  const entries = readSeenArchive(seen);
  const list = entries.find(({ name }) => isTypeList(name));
  const types = list && readSeenEntry(seen, list);
  if (entries.some(({ name }) => MACRO_PART.test(name)) || (types !== undefined && namesMacros(types)))
    throw new FileFault('macros');
  return types;
}

/** What stands in an entry, where its bytes are among those kept: at the start or the end of the file. */
function readSeenEntry(
  seen: SeenBytes,
  { offset, packed, size, method, nameBytes }: ZipEntry,
): string | undefined {
  if (size > MOST_SELF) return undefined;
  const { head, tail } = seen;
  const start = seen.size - tail.length;
  const bytes = offset >= start ? tail.subarray(offset - start) : head.subarray(offset);
  if (bytes.length < LOCAL_LENGTH || bytes.readUInt32LE(0) !== LOCAL) return undefined;
  const named = LOCAL_LENGTH + bytes.readUInt16LE(26);
  // Some readers go by the directory and some by this head: they must say the same.
  if (!bytes.subarray(LOCAL_LENGTH, named).equals(nameBytes) || bytes.readUInt16LE(8) !== method)
    return undefined;
  const from = named + bytes.readUInt16LE(28);
  const content = bytes.subarray(from, from + packed);
  if (content.length !== packed) return undefined;
  return method === 0 ? content.toString() : inflated(content, size);
}

function inflated(content: Buffer, size: number): string | undefined {
  try {
    // Taken where it is used: few applications ever look into an archive, and all of them would wait for it at their start.
    const { inflateRawSync } = process.getBuiltinModule('node:zlib');
    const text = inflateRawSync(content, { maxOutputLength: Math.max(size, 1) });
    return text.length === size ? text.toString() : undefined;
  } catch {
    return undefined;
  }
}
