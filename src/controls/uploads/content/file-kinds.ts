/**
 * The kinds of files that a route may take, and how each is known by its own bytes. An allow list: what is not known is not
 * taken. Asked on the finished file, since what an archive is stands at its end.
 */
import type { SeenBytes } from './seen-bytes.ts';
import { readOfficeTypes, readSeenArchive } from './seen-archive.ts';

/** A kind that a policy may name. */
export type FileType =
  | 'image/png'
  | 'image/jpeg'
  | 'image/gif'
  | 'image/webp'
  | 'image/avif'
  | 'video/mp4'
  | 'application/pdf'
  | 'application/zip'
  | `application/vnd.openxmlformats-officedocument.${'wordprocessingml.document' | 'spreadsheetml.sheet' | 'presentationml.presentation'}`
  | 'text/plain'
  | 'text/csv';

/** One kind. */
export interface FileKind {
  /** What the name of a file ends with, in lower case. */
  readonly extensions: readonly string[];
  /** What else clients say for it. */
  readonly aliases?: readonly string[];
  /** Text is looked through as it comes. */
  readonly text?: boolean;
  /** It is known by the directory at its end, of which so much is kept. */
  readonly archive?: boolean;
  /**
   * Whether the bytes are such a file from their first to their last, as far as that can be told without decoding it.
   *
   * @throws ArchiveFault or FileFault `macros` where they are, and are not taken for what is in them
   */
  readonly fits: (seen: SeenBytes) => boolean;
}

const starts = ({ head }: SeenBytes, ...bytes: readonly number[]): boolean =>
  bytes.every((byte, at) => head[at] === byte);
const says = ({ head }: SeenBytes, text: string, at = 0): boolean =>
  head.toString('latin1', at, at + text.length) === text;
const ends = ({ tail }: SeenBytes, text: string): boolean =>
  tail.toString('latin1', Math.max(0, tail.length - text.length)) === text;

/** A container of ISO 14496-12, of one of these brands. */
const isBrand =
  (brand: RegExp) =>
  (seen: SeenBytes): boolean =>
    says(seen, 'ftyp', 4) && brand.test(seen.head.toString('latin1', 8, 12)) && !seen.hasDirectory;

const PDF_START = Buffer.from('%PDF-');
/** What a browser, or a person with one, takes for a page. */
const PAGE = /<(?:!doctype\s+html|html|head|body|script|iframe|svg)[\s/>]/i;

/** An image, and no file of another kind as well: nothing of a document, a page or an archive where readers look for these. */
function isAlone(seen: SeenBytes): boolean {
  const start = seen.head.subarray(0, 1024);
  return !start.includes(PDF_START) && !PAGE.test(start.toString('latin1')) && !seen.hasDirectory;
}

function isPdf(seen: SeenBytes): boolean {
  const start = seen.head.toString('latin1', 0, 1024);
  return (
    /^%PDF-[12]\.\d/.test(start) &&
    !PAGE.test(start) &&
    PDF_END.test(seen.tail.toString('latin1').slice(-1024)) &&
    !seen.hasDirectory
  );
}

const PDF_END = /%%EOF\s*$/;

/** An Office file says in its own list of types what it is. One with macros says that too, and is another kind. */
const isOffice =
  (main: string) =>
  (seen: SeenBytes): boolean =>
    says(seen, 'PK\u0003\u0004') &&
    readOfficeTypes(seen)?.includes(
      `ContentType="application/vnd.openxmlformats-officedocument.${main}.main+xml"`,
    ) === true;

const isText = (seen: SeenBytes): boolean => {
  const start = seen.head.toString('latin1', 0, 1024);
  return !start.includes('%PDF-') && !PAGE.test(start) && !/^\s*<\?xml/.test(start);
};

/** By the type that a policy names. */
export const FILE_KINDS: Readonly<Record<FileType, FileKind>> = {
  'image/png': {
    extensions: ['png'],
    fits: (seen) =>
      starts(seen, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a) &&
      says(seen, 'IHDR', 12) &&
      // Nothing stands behind its last chunk.
      ends(seen, '\u0000\u0000\u0000\u0000IEND\u00ae\u0042\u0060\u0082') &&
      isAlone(seen),
  },
  'image/jpeg': {
    extensions: ['jpg', 'jpeg'],
    aliases: ['image/jpg', 'image/pjpeg'],
    // Cameras write second images behind the first: what stands there is not judged but for what is no image.
    fits: (seen) => starts(seen, 0xff, 0xd8, 0xff) && isAlone(seen),
  },
  'image/gif': {
    extensions: ['gif'],
    fits: (seen) => (says(seen, 'GIF87a') || says(seen, 'GIF89a')) && ends(seen, ';') && isAlone(seen),
  },
  'image/webp': {
    extensions: ['webp'],
    fits: (seen) =>
      says(seen, 'RIFF') &&
      says(seen, 'WEBPVP8', 8) &&
      seen.head.length >= 16 &&
      seen.head.readUInt32LE(4) + 8 === seen.size &&
      isAlone(seen),
  },
  'image/avif': { extensions: ['avif'], fits: isBrand(/^avi[fs]$/) },
  'video/mp4': { extensions: ['mp4', 'm4v'], fits: isBrand(/^(?:isom|iso[2-9]|mp4[12]|avc1|M4V )$/) },
  'application/pdf': { extensions: ['pdf'], aliases: ['application/x-pdf'], fits: isPdf },
  'application/zip': {
    extensions: ['zip'],
    aliases: ['application/x-zip-compressed', 'application/x-zip'],
    archive: true,
    fits: (seen) => says(seen, 'PK\u0003\u0004') && readSeenArchive(seen).length > 0,
  },
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': {
    extensions: ['docx'],
    archive: true,
    fits: isOffice('wordprocessingml.document'),
  },
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': {
    extensions: ['xlsx'],
    archive: true,
    fits: isOffice('spreadsheetml.sheet'),
  },
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': {
    extensions: ['pptx'],
    archive: true,
    fits: isOffice('presentationml.presentation'),
  },
  'text/plain': { extensions: ['txt', 'text', 'log', 'md'], text: true, fits: isText },
  'text/csv': {
    extensions: ['csv'],
    // A machine with Excel on it says so of every table.
    aliases: ['application/vnd.ms-excel', 'application/csv'],
    text: true,
    fits: isText,
  },
};

/** Every one of them. */
export const FILE_TYPES: readonly FileType[] = Object.keys(FILE_KINDS) as FileType[];
