import { type OptionTable, type Read, Unfit } from '../../core/options.ts';
import { type Size, size, text } from '../../core/readers.ts';
import type { LogSink } from './log-sink.ts';

/** Where records wait for receivers. */
export interface SpoolOptions {
  /** A folder on a disk that lasts. Default `data/spool`. Several processes have one; what one left the next sends. */
  folder?: string;
  /** For each receiver and process; where it is full the oldest goes, and is counted. Default 256 MB. */
  most?: Size;
}

/** {@link SpoolOptions}, read. */
export interface SpoolSettings {
  readonly folder: string;
  readonly most: number;
}

/** The defaults and why. */
export const spoolOptions: OptionTable<SpoolSettings> = {
  folder: {
    default: 'data/spool',
    read: text(/^[^\0\n\r]{1,1000}$/, "a folder, such as '/var/lib/app/spool'"),
    reason: 'Beside the default state, which lasts too.',
    source: 'ASVS v5.0.0-16.4.3',
    example: "audit: { spool: { folder: '/var/lib/app/spool' } }",
  },
  most: {
    default: 268_435_456,
    shown: "'256MB'",
    read: size(1_048_576, 1_099_511_627_776),
    reason: 'Half a million records: a weekend of an ordinary site, and no disk that a flood fills.',
    source: 'CWE-400',
    example: "audit: { spool: { most: '1GB' } }",
  },
};

const NAME = /^[a-z\d][a-z\d-]{0,40}$/;

/** Reads `audit.ship`. */
export const receivers: Read<readonly LogSink[]> = (value) => {
  if (!Array.isArray(value)) throw new Unfit("a list of receivers, such as [otlp({ url: '...' })]");
  for (const one of value as readonly Partial<LogSink>[])
    if (typeof one?.send !== 'function' || typeof one.name !== 'string' || !NAME.test(one.name))
      throw new Unfit('a list of receivers, each with a `name` of small letters and `send(records)`');
  const names = (value as readonly LogSink[]).map(({ name }) => name);
  if (new Set(names).size < names.length)
    throw new Unfit("a list of receivers with different names: otlp({ url, name: 'second' })");
  return value as readonly LogSink[];
};
