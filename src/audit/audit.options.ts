import {
  personal,
  type PersonalOptions,
  personalOptions,
  type PersonalSettings,
} from './personal/personal.options.ts';
import { group, type OptionTable, type Read, Unfit } from '../core/options.ts';
import { integer, listOf, oneOf, text } from '../core/readers.ts';
import type { AuditEvent } from './audit-event.ts';
import type { LogSink } from './shipping/log-sink.ts';
import {
  receivers,
  spoolOptions,
  type SpoolOptions,
  type SpoolSettings,
} from './shipping/shipping.options.ts';
import {
  auditFile,
  type AuditFileOptions,
  auditFileOptions,
  type AuditFileSettings,
} from './file/file.options.ts';

/** Takes one event, as the line to keep and as the object that line stands for. Must not wait. */
export type AuditSink = (line: string, event: AuditEvent) => void;

/** The log of security events: one line of JSON an event. */
export interface AuditOptions {
  /**
   * `stdout`, `stderr`, or a function that hands lines on: to a logger, or a queue. Default: `stdout`, or where there is a
   * file, that alone.
   */
  sink?: 'stdout' | 'stderr' | AuditSink;
  /** A file whose records are chained and signed, so that a change of any is seen: a path, or its options. */
  file?: string | AuditFileOptions;
  /** Receivers that are sent every record too: `[otlp({ url })]` and others of `bulwark/shipping`. */
  ship?: readonly LogSink[];
  /** Where records wait for receivers, on disk. */
  spool?: SpoolOptions;
  /**
   * Has what events tell of a person sealed under a key of that person, which `bulwark audit forget` destroys: where these keys
   * are, or options. Default: events stand in clear.
   */
  personal?: string | PersonalOptions;
  /** More names whose values never reach the log, such as `iban`. Case, dashes and underscores do not matter. */
  redact?: readonly string[];
  /** What this application is called in logs that hold several. */
  service?: string;
  /** Lines about refused requests in one second; the rest are counted, and the next line says how many. Default 100. */
  refusalsPerSecond?: number;
  /** How much of a client's address an entry has: `address` (default), or `prefix`, the /24 or /48 that it is in. */
  client?: 'address' | 'prefix';
}

/** {@link AuditOptions}, read. */
export interface AuditSettings {
  readonly sink: 'stdout' | 'stderr' | AuditSink | undefined;
  readonly file: AuditFileSettings | undefined;
  readonly ship: readonly LogSink[];
  readonly spool: SpoolSettings;
  readonly personal: PersonalSettings | undefined;
  readonly redact: readonly string[];
  readonly service: string;
  readonly refusalsPerSecond: number;
  readonly client: 'address' | 'prefix';
}

const sink: Read<AuditSettings['sink']> = (value) => {
  if (value === 'stdout' || value === 'stderr') return value;
  if (typeof value === 'function') return value as AuditSink;
  throw new Unfit("'stdout', 'stderr' or a function (line, event) => void");
};

/** The defaults and why. */
export const auditOptions: OptionTable<AuditSettings> = {
  sink: {
    default: undefined,
    shown: "'stdout', or the file alone",
    read: sink,
    reason:
      'Whatever runs the process collects its output; a file of our own would fill a disk that nobody watches.',
    source: 'OWASP Logging Cheat Sheet; ASVS v5.0.0-16.4.3',
    example: 'audit: { sink: (line, event) => logger.info(event) }',
  },
  file: {
    default: undefined,
    shown: 'none',
    read: auditFile,
    reason:
      'Whatever collects the output keeps it; where nothing does, or a court may ask, records have to prove themselves.',
    source: 'ASVS v5.0.0-16.4.2; NIST SP 800-92 5.4',
    example: "audit: { file: 'logs/audit.jsonl' }",
    table: auditFileOptions,
  },
  ship: {
    default: [],
    read: receivers,
    reason:
      'Where the log is collected from the output or the file already, a second way would be each record twice.',
    source: 'ASVS v5.0.0-16.4.3; OWASP Logging Cheat Sheet',
    example: "audit: { ship: [otlp({ url: 'https://collector.example.com:4318' })] }",
  },
  spool: group(spoolOptions, {
    reason: 'A receiver that is gone must cost no request, and no record before there is really no room.',
    source: 'ASVS v5.0.0-16.4.3',
    example: "audit: { spool: { folder: '/var/lib/app/spool', most: '1GB' } }",
  }),
  personal: {
    default: undefined,
    shown: 'none',
    read: personal,
    reason:
      'Whoever reads such a log needs the policy and its secret. Where nobody asks to be forgotten, retention is enough.',
    source: 'GDPR Art. 17; ASVS v5.0.0-14.2.4',
    example: "audit: { file: 'logs/audit.jsonl', personal: 'data/audit-persons.db' }",
    table: personalOptions,
  },
  redact: {
    default: [],
    read: listOf(text(/^[\w .-]{1,100}$/, "a name, such as 'iban'"), "a list of names, such as ['iban']"),
    reason: 'Names of credentials are covered; what else is secret in an application only it knows.',
    source: 'OWASP Logging Cheat Sheet, data to exclude; ASVS v5.0.0-16.2.5',
    example: "audit: { redact: ['iban', 'diagnosis'] }",
  },
  service: {
    default: 'app',
    read: text(/^[\w.:/@-]{1,100}$/, "a name of letters, digits and .:/@_-, such as 'files'"),
    reason: 'An entry says where it comes from, so that logs of several services can be read together.',
    source: 'OWASP Logging Cheat Sheet, event attributes; ASVS v5.0.0-16.2.1',
    example: "audit: { service: 'files' }",
  },
  refusalsPerSecond: {
    default: 100,
    read: integer(1, 1_000_000),
    reason:
      'A flood of refused requests must not become a full disk. Sign-ins and changes of credentials are always written.',
    source: 'OWASP Logging Cheat Sheet, denial of service; CWE-779',
    example: 'audit: { refusalsPerSecond: 1000 }',
  },
  client: {
    default: 'address',
    read: oneOf('address', 'prefix'),
    reason:
      'Who attacks is found and kept out by the address. Where the law wants less of people, the network remains.',
    source: 'OWASP Logging Cheat Sheet, event attributes; GDPR Art. 5(1)(c)',
    example: "audit: { client: 'prefix' }",
  },
};
