import type { Mode } from '../../core/guard.ts';
import { mode } from '../../core/mode.ts';
import { type OptionTable, type Read, Unfit } from '../../core/options.ts';
import { type Rate, rateReader, type RateText } from '../../core/rate.ts';
import { type Duration, duration } from '../../core/readers.ts';

/** Where browsers send what they blocked, and what becomes of it. */
export interface ReportsOptions {
  /** `enforce` (default), `observe` (reports are counted, and the application gets them too) or `off`. */
  mode?: Mode;
  /** The path where reports are taken: `'/csp-reports'`. Pages then name it by themselves. Default none. */
  path?: string;
  /** Requests with reports that one client may send. Default `'60/minute'`. */
  limit?: RateText;
  /** How long what was reported is kept after its last report. Default `'30d'`. */
  keep?: Duration;
}

/** {@link ReportsOptions}, read. */
export interface ReportsSettings {
  readonly mode: Mode;
  readonly path: string | undefined;
  readonly limit: Rate;
  readonly keep: number;
}

const DAY = 86_400_000;

// It is written into headers, and compared with a path that was decoded: a plain word in it is the same in both.
const readPath: Read<string | undefined> = (value) => {
  if (typeof value === 'string' && /^(?:\/[\w-]{1,64}){1,8}$/.test(value)) return value;
  throw new Unfit("a path of plain words, such as '/csp-reports'");
};

/** The defaults and why. */
export const reportsOptions: OptionTable<ReportsSettings> = {
  mode: {
    default: 'enforce',
    read: mode,
    reason: 'What browsers would block is to be known before they do.',
    source: 'W3C Reporting API; ASVS v5.0.0-3.4.7',
    example: "reports: { mode: 'observe' }",
  },
  path: {
    default: undefined,
    shown: 'none',
    read: readPath,
    reason: 'A place where anybody may post is opened by whoever wants it.',
    source: 'W3C Reporting API; ASVS v5.0.0-3.4.7',
    example: "reports: { path: '/csp-reports' }",
  },
  limit: {
    default: { count: 60, windowMs: 60_000 },
    shown: '60/minute',
    read: rateReader,
    reason: 'Browsers send what has gathered once a minute, and by report-uri one each.',
    source: 'W3C Reporting API',
    example: "reports: { ..., limit: '20/minute' }",
  },
  keep: {
    default: 30 * DAY,
    shown: '30d',
    read: duration(DAY, 365 * DAY),
    reason: 'What nobody has reported for a month is no reason to wait any longer.',
    source: 'GDPR, Article 5(1)(e)',
    example: "reports: { ..., keep: '90d' }",
  },
};
