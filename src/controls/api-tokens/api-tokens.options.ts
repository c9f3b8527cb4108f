import type { OptionTable } from '../../core/options.ts';
import type { Problems } from '../../core/problems.ts';
import {
  boolean,
  type Duration,
  duration,
  integer,
  listOf,
  oneOf,
  showDuration,
  text,
} from '../../core/readers.ts';

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** Tokens by which programs act for an account. */
export interface ApiTokensOptions {
  /**
   * What tokens can be allowed, such as `['files:read', 'files:write']`. Routes name them: `require: { scope: 'files:read' }`.
   * Until there is one, no token is made or taken.
   */
  scopes?: readonly string[];
  /** What every token begins with, so that secret scanners find one that was published. Default `'bwk'`. */
  prefix?: string;
  /** How long a token works where nothing else was asked for. Default `'90d'`. */
  expiresIn?: Duration;
  /** The longest life that may be asked for; at most a year. Default `'365d'`. */
  longest?: Duration;
  /** Tokens of one account that have not expired. Default `20`. */
  perAccount?: number;
  /**
   * Tokens that are bound to a key of their program (DPoP, RFC 9449). `'allowed'`: those that were made so. `'required'`: each is
   * bound at the latest where it is first used, and none is taken as `Bearer`. Default `'allowed'`.
   */
  dpop?: 'allowed' | 'required';
  /**
   * Whether a proof needs a nonce of ours, so that none is signed ahead. A program asks once more at its first request, and
   * every five minutes at most. Default `true`.
   */
  dpopNonces?: boolean;
}

/** {@link ApiTokensOptions}, read. Times in milliseconds. */
export interface ApiTokensSettings {
  readonly scopes: readonly string[];
  readonly prefix: string;
  readonly expiresIn: number;
  readonly longest: number;
  readonly perAccount: number;
  readonly dpop: 'allowed' | 'required';
  readonly dpopNonces: boolean;
}

/** The defaults and why. */
export const apiTokensOptions: OptionTable<ApiTokensSettings> = {
  scopes: {
    default: [],
    shown: 'none: no tokens',
    read: listOf(
      text(/^[\w:.-]{1,64}$/, "the name of a scope, such as 'files:read'"),
      "a list of scopes, such as ['files:read']",
    ),
    reason: 'A token that may do everything is a password that lies in a script.',
    source: 'RFC 6750 5.3; ASVS v5.0.0-8.2.1',
    example: "apiTokens: { scopes: ['files:read', 'files:write'] }",
  },
  prefix: {
    default: 'bwk',
    read: text(/^[a-z][a-z0-9]{1,15}$/, "2 to 16 small letters and digits, such as 'bwk'"),
    reason: 'Secret scanners find by it what was committed or posted. Take one of your own, and tell them.',
    source: 'GitHub, Behind the new authentication token formats (2021)',
    example: "apiTokens: { prefix: 'strongroom' }",
  },
  expiresIn: {
    default: 90 * DAY,
    shown: '90d',
    read: duration(HOUR, YEAR),
    reason: 'A token that was forgotten in a script or a backup ends by itself.',
    source: 'RFC 6750 5.3; OWASP Secrets Management Cheat Sheet, lifetime',
    example: "apiTokens: { expiresIn: '30d' }",
  },
  longest: {
    default: YEAR,
    shown: '365d',
    read: duration(HOUR, YEAR),
    reason: 'Whoever asks for more than a year will not know any more where the token is.',
    source: 'OWASP Secrets Management Cheat Sheet, lifetime',
    example: "apiTokens: { longest: '180d' }",
  },
  perAccount: {
    default: 20,
    read: integer(1, 1000),
    reason: 'A list that its owner can read through.',
    source: 'CWE-770',
    example: 'apiTokens: { perAccount: 50 }',
  },
  dpop: {
    default: 'allowed',
    read: oneOf('allowed', 'required'),
    reason:
      'Programs that cannot sign go on as they are. Where all of yours can, a token in a log opens nothing.',
    source: 'RFC 9449 7',
    example: "apiTokens: { dpop: 'required' }",
  },
  dpopNonces: {
    default: true,
    read: boolean,
    reason: 'Whoever had the key for an hour could sign proofs for next year.',
    source: 'RFC 9449 8 and 9',
    example: 'apiTokens: { dpopNonces: false }',
  },
};

/** What the options ask of each other. */
export function checkApiTokens({ expiresIn, longest }: ApiTokensSettings, problems: Problems): void {
  if (expiresIn <= longest) return;
  problems.refuse(
    'ERR_BULWARK_INVALID_OPTION',
    'apiTokens.expiresIn',
    `it is longer than apiTokens.longest (${showDuration(longest)}), so that no token could be made without asking for less.`,
    `apiTokens: { expiresIn: '${showDuration(longest)}' }, or a longer longest`,
  );
}
