/** Names of entries: one place below the folder that an archive is unpacked to, on every system. */
import { isUtf8 } from 'node:buffer';
import { ArchiveFault } from './archive-fault.ts';

/** The flag of an entry whose name is in UTF-8 (APPNOTE 4.4.4, bit 11). */
export const UTF8_NAME = 0x0800;

/**
 * Reads a name. Without the flag, bytes past ASCII are CP437 to some readers, Latin-1 or UTF-8 to others.
 *
 * @throws ArchiveFault `name` where it has no one reading, leads out of its folder, or is a device to Windows
 */
export function readEntryName(bytes: Buffer, flags: number): string {
  const isNamed = (flags & UTF8_NAME) === 0 ? ASCII.test(bytes.toString('latin1')) : isUtf8(bytes);
  const name = bytes.toString();
  if (!isNamed || bytes.length > LONGEST || LEADS_OUT.test(name)) throw new ArchiveFault('name');
  const steps = name.replace(/\/$/, '').split('/');
  if (steps.some((step) => !isPlainStep(step))) throw new ArchiveFault('name');
  return name;
}

const ASCII = /^[\x20-\x7e]+$/;
/** As long a path as Linux takes. */
const LONGEST = 4096;
/**
 * A drive, a stream of NTFS, a backslash, a control, or what turns the reading of a name around. Joiners and plain marks of
 * direction are letters of Persian and Arabic names, and stay.
 */
const LEADS_OUT = /[:\\\p{Cc}\u202a-\u202e\u2066-\u2069]/u;
/** Devices, which Windows has in every folder. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d\u00b9\u00b2\u00b3])(?:\.|$)/i;

/** Not empty, as in an absolute path, and no step up: also not by what Windows cuts off an end. */
function isPlainStep(step: string): boolean {
  return Buffer.byteLength(step) <= 255 && !/^[. ]*$/.test(step) && !DEVICE.test(step.trimStart());
}

/** What Windows makes of a place: it cuts dots and blanks off each step. */
const CUT_OFF = /[. ]+(?=\/|$)/g;

/** The places that an archive is unpacked to. */
export class EntryPlaces {
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();
  /** Folders that have an entry of their own. */
  readonly #named = new Set<string>();

  /** @throws ArchiveFault `twice` where it is taken: on systems without cases too, or with their own way to write an accent */
  add(name: string): void {
    const isFolder = name.endsWith('/');
    const folded = name.normalize('NFC').toLowerCase().normalize('NFC');
    const place = folded.replace(/\/$/, '').replace(CUT_OFF, '');
    if (this.#files.has(place) || (!isFolder && this.#folders.has(place))) throw new ArchiveFault('twice');
    for (let at = place.indexOf('/'); at !== -1; at = place.indexOf('/', at + 1)) {
      const above = place.slice(0, at);
      if (this.#files.has(above)) throw new ArchiveFault('twice');
      this.#folders.add(above);
    }
    if (!isFolder) this.#files.add(place);
    else if (this.#named.has(place)) throw new ArchiveFault('twice');
    else {
      this.#folders.add(place);
      this.#named.add(place);
    }
  }
}
