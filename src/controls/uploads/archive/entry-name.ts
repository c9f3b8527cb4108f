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
  if (NO_STEP.test(name) || DEVICE.test(name) || !areSteps(bytes)) throw new ArchiveFault('name');
  return name;
}

const ASCII = /^[\x20-\x7e]+$/;
/** As long a path as Linux takes. */
const LONGEST = 4096;
/** Folders in one another: nobody's are so deep, and each is a place to remember. */
const MOST_STEPS = 64;
/**
 * A drive, a stream of NTFS, a backslash, a control, or what turns the reading of a name around. Joiners and plain marks of
 * direction are letters of Persian and Arabic names, and stay.
 */
const LEADS_OUT = /[:\\\p{Cc}\u202a-\u202e\u2066-\u2069]/u;
/** A step that is empty, as in an absolute path, or one up: also by what Windows cuts off an end. */
const NO_STEP = /(?:^|\/)[. ]*(?:\/|(?<!\/)$)|\/\/$|^$/;
/** Devices, which Windows has in every folder. */
const DEVICE = /(?:^|\/)\s*(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d\u00b9\u00b2\u00b3])(?:[./]|$)/i;

/** Whether none is longer than a file system takes, and not too many are in one another. */
function areSteps(name: Buffer): boolean {
  const end = name.at(-1) === SLASH ? name.length - 1 : name.length;
  let steps = 0;
  for (let from = 0; from <= end;) {
    const next = name.indexOf(SLASH, from);
    const to = next === -1 ? end : next;
    steps += 1;
    if (to - from > LONGEST_STEP || steps > MOST_STEPS) return false;
    from = to + 1;
  }
  return true;
}

const SLASH = 0x2f;
const LONGEST_STEP = 255;

/** The places that an archive is unpacked to. Each step is looked up below its folder alone, so that deep names cost what they are long. */
export class EntryPlaces {
  /** By the number of the folder and the step in it: the number of a folder, or that of no folder for a file. */
  readonly #places = new Map<string, number>();
  /** Folders that have an entry of their own. */
  readonly #named = new Set<number>();
  #folders = 0;

  /**
   * @throws ArchiveFault `twice` where it is taken: on systems without cases too, or with their own way to write an accent;
   *   `entries` where it is in one folder too many
   */
  add(name: string): void {
    const folded = name.normalize('NFC').toLowerCase().normalize('NFC');
    const isFolder = folded.endsWith('/');
    const steps = folded.replace(/\/$/, '').split('/');
    const last = isFolder ? undefined : steps.pop();
    let folder = 0;
    for (const step of steps) folder = this.#below(folder, step);
    if (last === undefined) {
      if (this.#named.has(folder)) throw new ArchiveFault('twice');
      this.#named.add(folder);
    } else {
      const place = `${folder}/${cut(last)}`;
      if (this.#places.has(place)) throw new ArchiveFault('twice');
      this.#places.set(place, FILE);
    }
  }

  #below(folder: number, step: string): number {
    const place = `${folder}/${cut(step)}`;
    const known = this.#places.get(place);
    if (known === FILE) throw new ArchiveFault('twice');
    if (known !== undefined) return known;
    this.#folders += 1;
    if (this.#folders > MOST_FOLDERS) throw new ArchiveFault('entries');
    this.#places.set(place, this.#folders);
    return this.#folders;
  }
}

const FILE = -1;
/** Twice as many as entries: folders are there for what is in them. */
const MOST_FOLDERS = 20_000;

/** What Windows makes of a step: it cuts dots and blanks off its end. */
function cut(step: string): string {
  let end = step.length;
  while (end > 0 && (step[end - 1] === '.' || step[end - 1] === ' ')) end -= 1;
  return step.slice(0, end);
}
