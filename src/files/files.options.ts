import type { FileScan } from '../controls/uploads/scan/scan.ts';
import { type OptionTable, type Read, Unfit } from '../core/options.ts';
import { type OriginParts, parseOrigin } from '../core/origin.ts';
import { type Rate, rateReader, type RateText } from '../core/rate.ts';
import {
  boolean,
  type Duration,
  duration,
  integer,
  optional,
  type Size,
  size,
  text,
} from '../core/readers.ts';
import type { FileBytes } from './bytes/file-bytes.ts';
import { servedFolder } from './bytes/served-folder.ts';

/** Files that accounts keep: where their bytes lie, how many there may be, who looks at them. */
export interface FilesOptions {
  /** A folder of this machine, or what `s3Bytes(...)` gives back. */
  bytes?: string | FileBytes;
  /** Encrypts them where they lie. `false` where that is done below: an encrypted disk, or a bucket with a key of its own. */
  encrypt?: boolean;
  /** All files of one account together. */
  quota?: Size;
  /** How many files one account keeps. */
  count?: number;
  /** Files that one account sends. */
  rate?: RateText;
  /** With how many others a file is shared at once, links included. */
  shares?: number;
  /** The longest that a link works. */
  links?: Duration;
  /** The path of links, without what stands behind its last slash: there `uploads.sendLink` answers. */
  linkPath?: string;
  /** The path of uploads that go on where they broke off: there `uploads.resume` answers. */
  resumePath?: string;
  /** How long such an upload is kept that nobody ends. It counts for the quota until then. */
  resumeTime?: Duration;
  /** Looks at each file before anybody else has it: `contentScan(...)` of `bulwark/content`. Until it has, the file waits in quarantine. */
  scan?: FileScan;
  /** How long that may take. What takes longer is looked at again. */
  scanTime?: Duration;
  /** Another origin that files are sent from, where no cookie of this site goes: `https://files.example.net`. */
  origin?: string;
}

/** {@link FilesOptions}, read. Sizes are bytes, durations milliseconds. */
export interface FilesSettings {
  readonly bytes: string | FileBytes;
  readonly encrypt: boolean;
  readonly quota: number;
  readonly count: number;
  readonly rate: Rate;
  readonly shares: number;
  readonly links: number;
  readonly linkPath: string;
  readonly resumePath: string;
  readonly resumeTime: number;
  readonly scan: FileScan | undefined;
  readonly scanTime: number;
  readonly origin: OriginParts | undefined;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const GB = 1024 ** 3;

/** A path that links or uploads stand under. */
const path = (example: string): Read<string> =>
  text(/^(?:\/[\w.~-]{1,64}){1,8}$/, `a path, such as '${example}'`);

const METHODS = ['create', 'size', 'read', 'remove'] as const;

const bytes: Read<string | FileBytes> = (value) => {
  if (typeof value === 'object' && value !== null) {
    const given = value as Partial<Record<string, unknown>>;
    if (METHODS.every((method) => typeof given[method] === 'function')) return value as FileBytes;
  }
  if (typeof value !== 'string' || value === '')
    throw new Unfit("a folder, such as 'data/files', or what s3Bytes(...) gives back");
  const served = servedFolder(value);
  if (served !== undefined)
    throw new Unfit(`a folder that no server hands out: one within "${served}" most of them do`, true);
  return value;
};

const scan: Read<FileScan> = (value) => {
  if (typeof value !== 'function') throw new Unfit('a function that looks at a file');
  return value as FileScan;
};

const origin: Read<OriginParts> = (value) => {
  const parts = typeof value === 'string' ? parseOrigin(value) : undefined;
  if (parts === undefined) throw new Unfit("a scheme and a host, such as 'https://files.example.net'");
  if (parts.scheme !== 'https' && !parts.loopback)
    throw new Unfit('https: what is sent from there is confidential', true);
  return parts;
};

/** The defaults and why. */
export const filesOptions: OptionTable<FilesSettings> = {
  bytes: {
    default: 'data/files',
    read: bytes,
    reason: 'Beside the database, and in no folder that a server hands out.',
    source: 'ASVS v5.0.0-5.3.1; OWASP File Upload Cheat Sheet',
    example: "files: { bytes: 'data/files' }",
  },
  encrypt: {
    default: true,
    read: boolean,
    reason:
      'A disk that is sold, a copy that is lost, a bucket that was opened to all: none of them has a file in it.',
    source: 'ASVS v5.0.0-14.2.7; NIST SP 800-38D',
    example: 'files: { encrypt: false }',
  },
  quota: {
    default: GB,
    shown: "'1GB'",
    read: size(1, 1024 ** 4),
    reason: 'Without an end one account fills the disk of all.',
    source: 'ASVS v5.0.0-5.2.4; CWE-770',
    example: "files: { quota: '20GB' }",
  },
  count: {
    default: 10_000,
    read: integer(1, 100_000_000),
    reason: 'Each file costs a row and a name, however small it is.',
    source: 'ASVS v5.0.0-5.2.4; CWE-770',
    example: 'files: { count: 1_000_000 }',
  },
  rate: {
    default: { count: 300, windowMs: HOUR },
    shown: "'300/hour'",
    read: rateReader,
    reason: 'More than a person sends; each is work for what looks at files.',
    source: 'OWASP File Upload Cheat Sheet; CWE-770',
    example: "files: { rate: '2000/hour' }",
  },
  shares: {
    default: 50,
    read: integer(1, 10_000),
    reason: 'A list that its owner can still look through.',
    source: 'CWE-770',
    example: 'files: { shares: 200 }',
  },
  links: {
    default: 30 * DAY,
    shown: "'30d'",
    read: duration(MINUTE, 366 * DAY),
    reason: 'A link that never ends is found one day, in a mail or a history.',
    source: 'OWASP File Upload Cheat Sheet; CWE-613',
    example: "files: { links: '7d' }",
  },
  linkPath: {
    default: '/shared',
    read: path('/shared'),
    reason: 'A link is written before anybody opens it.',
    source: 'house choice',
    example: "files: { linkPath: '/files/link' }",
  },
  resumePath: {
    default: '/uploads',
    read: path('/uploads'),
    reason: 'An upload has an address of its own, which its client comes back to.',
    source: 'tus 1.0.0, creation',
    example: "files: { resumePath: '/files/uploads' }",
  },
  resumeTime: {
    default: DAY,
    shown: "'1d'",
    read: duration(MINUTE, 30 * DAY),
    reason: 'Long enough for a line that is back tomorrow; what nobody ends takes room from its owner.',
    source: 'tus 1.0.0, expiration; CWE-459',
    example: "files: { resumeTime: '3d' }",
  },
  scan: {
    default: undefined,
    shown: 'none: files are ready once they are whole',
    read: optional(scan),
    reason: 'Only the application knows which antivirus there is.',
    source: 'ASVS v5.0.0-5.4.3',
    example: "files: { scan: contentScan({ antivirus: clamd({ socket: '/run/clamav/clamd.ctl' }) }) }",
  },
  scanTime: {
    default: MINUTE,
    shown: "'1m'",
    read: duration(1000, HOUR),
    reason: 'A scanner that hangs must not hold up whoever sent the file: it waits in quarantine.',
    source: 'CWE-400',
    example: "files: { scanTime: '5m' }",
  },
  origin: {
    default: undefined,
    shown: 'none: the same one',
    read: optional(origin),
    reason: 'Attachments in a sandbox are enough for most; a second origin costs a name and a certificate.',
    source: 'ASVS v5.0.0-3.2.1; OWASP File Upload Cheat Sheet',
    example: "files: { origin: 'https://files.example.net' }",
  },
};
