import type { Mode } from '../../core/guard.ts';
import { mode } from '../../core/mode.ts';
import { isPlainObject, type OptionTable, type Read, readOptions, Unfit } from '../../core/options.ts';
import { boolean, duration, type Duration } from '../../core/readers.ts';

/** Plain http: what happens to a request that came without TLS, and how long browsers remember not to send one. */
export interface HttpsOptions {
  /** `enforce` (default), `observe` or `off`. */
  mode?: Mode;
  /**
   * How long browsers use nothing but https for this host and every host below it (Strict-Transport-Security).
   * `ramp-5-minutes` and `ramp-1-week` are the first two steps of going live, `full` (default) is two years, and
   * `preload` asks to be built into browsers, which takes months to undo.
   */
  hsts?: HstsStep | HstsOptions;
}

/** The steps of going live with HSTS, all with every subdomain. */
export type HstsStep = 'ramp-5-minutes' | 'ramp-1-week' | 'full' | 'preload';

/** HSTS in its parts, where no step fits. */
export interface HstsOptions {
  /** How long browsers remember, such as `'365d'`. Default two years. */
  maxAge?: Duration;
  /** Whether every host below this one is https too (default). */
  includeSubDomains?: boolean;
  /** Whether browsers may be shipped with this host in their list. Default false. */
  preload?: boolean;
}

/** {@link HstsOptions}, read. */
export interface HstsSettings {
  /** Milliseconds. */
  readonly maxAge: number;
  readonly includeSubDomains: boolean;
  readonly preload: boolean;
}

/** {@link HttpsOptions}, read. */
export interface HttpsSettings {
  readonly mode: Mode;
  readonly hsts: HstsSettings;
}

const MINUTE = 60_000;
const DAY = 86_400_000;
const YEAR = 365 * DAY;
const FULL: HstsSettings = { maxAge: 2 * YEAR, includeSubDomains: true, preload: false };

const STEPS: Readonly<Record<HstsStep, HstsSettings>> = {
  'ramp-5-minutes': { ...FULL, maxAge: 5 * MINUTE },
  'ramp-1-week': { ...FULL, maxAge: 7 * DAY },
  full: FULL,
  preload: { ...FULL, preload: true },
};

const hstsParts: OptionTable<HstsSettings> = {
  maxAge: {
    default: FULL.maxAge,
    shown: "'730d'",
    read: duration(5 * MINUTE, 10 * YEAR),
    reason: 'A visitor who comes back within two years is never sent over plain http.',
    source: 'RFC 6797 6.1.1; ASVS v5.0.0-3.4.1',
    example: "https: { hsts: { maxAge: '365d' } }",
  },
  includeSubDomains: {
    default: FULL.includeSubDomains,
    read: boolean,
    reason: 'A forged http subdomain could set cookies for this host.',
    source: 'RFC 6797 6.1.2 and 14.4; ASVS v5.0.0-3.4.1',
    example: "https: { hsts: { maxAge: '365d', includeSubDomains: false } }",
  },
  preload: {
    default: FULL.preload,
    read: boolean,
    reason: 'Leaving the list takes months, so joining it is a decision of its own.',
    source: 'hstspreload.org, removal',
    example: "https: { hsts: 'preload' }",
  },
};

const readHsts: Read<HstsSettings> = (value, path, problems) => {
  if (typeof value === 'string' && Object.hasOwn(STEPS, value)) return STEPS[value as HstsStep];
  if (!isPlainObject(value)) {
    throw new Unfit(`one of ${Object.keys(STEPS).join(', ')}, or an object of maxAge and its like`);
  }
  const parts = readOptions(path, hstsParts, value, problems);
  if (parts.preload && (parts.maxAge < YEAR || !parts.includeSubDomains)) {
    problems.refuse(
      'ERR_BULWARK_INVALID_OPTION',
      path,
      'the preload list takes only hosts with includeSubDomains and a maxAge of at least one year; anything less asks for something it will not get.',
      "hsts: 'preload'",
    );
  }
  return parts;
};

/** The defaults and why. */
export const httpsOptions: OptionTable<HttpsSettings> = {
  mode: {
    default: 'enforce',
    read: mode,
    reason: 'A request over plain http can be read and changed by everyone on its way.',
    source: 'ASVS v5.0.0-12.2.1',
    example: "https: { mode: 'observe' }",
  },
  hsts: {
    default: FULL,
    shown: "'full': two years, every subdomain",
    read: readHsts,
    reason: 'Without it the first request of each visit goes over plain http, and can be kept there.',
    source: 'RFC 6797; ASVS v5.0.0-3.4.1',
    example: "https: { hsts: 'ramp-5-minutes' }",
  },
};
