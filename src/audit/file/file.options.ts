import { type OptionTable, type Read, readOptions, Unfit } from '../../core/options.ts';
import { boolean, type Duration, duration, integer, oneOf, optional, text } from '../../core/readers.ts';

/** The file of the log, whose records are chained and signed. */
export interface AuditFileOptions {
  /** Where it is: `logs/audit.jsonl`. Its folder is made. Several processes may have one file. */
  path: string;
  /**
   * A private Ed25519 key in PEM that signs heads. Default: one made from the secret of the policy, which everyone can
   * sign with who has that.
   */
  key?: string;
  /** A head is signed after so many records. Default 1000. */
  headRecords?: number;
  /** And after so long, where there was a record. Default 10 seconds. */
  headEvery?: Duration;
  /** Where signed heads are kept beside the log. Default: the path with `.heads`. Better: a disk of another machine. */
  heads?: string;
  /**
   * What becomes of requests while the file cannot be written: `go-on` (default) answers them, `refuse` answers each that
   * changes something with 503, since what it did would be in no log.
   */
  whileFailing?: 'go-on' | 'refuse';
  /** Looks for a new file on SIGHUP too, and not only by itself. Default true. */
  hangUp?: boolean;
}

/** {@link AuditFileOptions}, read. */
export interface AuditFileSettings {
  readonly path: string;
  readonly key: string | undefined;
  readonly headRecords: number;
  readonly headEvery: number;
  readonly heads: string | undefined;
  readonly whileFailing: 'go-on' | 'refuse';
  readonly hangUp: boolean;
}

const path = text(/^[^\0\n\r]{1,1000}$/, "a path, such as 'logs/audit.jsonl'");

/** The defaults and why. */
export const auditFileOptions: OptionTable<AuditFileSettings> = {
  path: {
    default: '',
    shown: 'none',
    read: path,
    reason: 'Only the application knows which disk its logs belong on.',
    source: 'ASVS v5.0.0-16.4.2',
    example: "audit: { file: { path: 'logs/audit.jsonl' } }",
  },
  key: {
    default: undefined,
    shown: 'made from the secret',
    read: optional(path),
    reason:
      'It is there without anything to keep. A file of its own is not shared with those who know the secret.',
    source: 'RFC 8032; ASVS v5.0.0-16.4.2',
    example: "audit: { file: { path: 'logs/audit.jsonl', key: '/etc/app/audit.pem' } }",
  },
  headRecords: {
    default: 1000,
    read: integer(1, 1_000_000),
    reason: 'A signature takes as long as dozens of records, and what no head covers yet can be formed anew.',
    source: 'RFC 8032; measured by bench',
    example: "audit: { file: { path: 'logs/audit.jsonl', headRecords: 100 } }",
  },
  headEvery: {
    default: 10_000,
    shown: "'10s'",
    read: duration(100, 3_600_000),
    reason: 'So long a quiet log has records that no signature covers.',
    source: 'RFC 5848 4.2',
    example: "audit: { file: { path: 'logs/audit.jsonl', headEvery: '1s' } }",
  },
  heads: {
    default: undefined,
    shown: 'the path with .heads',
    read: optional(path),
    reason: 'Without heads that were kept elsewhere nobody sees that the end of a log was cut off.',
    source: 'ASVS v5.0.0-16.4.3',
    example: "audit: { file: { path: 'logs/audit.jsonl', heads: '/mnt/elsewhere/app.heads' } }",
  },
  whileFailing: {
    default: 'go-on',
    read: oneOf('go-on', 'refuse'),
    reason:
      'A full disk would else be an outage that anyone can cause who can fill it. It is told loudly either way.',
    source: 'ASVS v5.0.0-16.5.3; NIST SP 800-53 AU-5',
    example: "audit: { file: { path: 'logs/audit.jsonl', whileFailing: 'refuse' } }",
  },
  hangUp: {
    default: true,
    read: boolean,
    reason: 'logrotate says so to whom it took a file from; without this the signal ends the process.',
    source: 'logrotate(8)',
    example: "audit: { file: { path: 'logs/audit.jsonl', hangUp: false } }",
  },
};

/** Reads `audit.file`: a path, or its options. */
export const auditFile: Read<AuditFileSettings | undefined> = (value, at, problems) => {
  if (value === undefined) return undefined;
  const given = typeof value === 'string' ? { path: value } : value;
  const settings = readOptions(at, auditFileOptions, given, problems);
  if (settings.path === '')
    throw new Unfit("a path, or an object with one, such as { path: 'logs/audit.jsonl' }");
  return settings;
};
