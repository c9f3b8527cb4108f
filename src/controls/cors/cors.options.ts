import type { Mode } from '../../core/guard.ts';
import { mode } from '../../core/mode.ts';
import { isPlainObject, type OptionTable, type Read, readOptions, Unfit } from '../../core/options.ts';
import { parseOrigin } from '../../core/origin.ts';
import type { Problems } from '../../core/problems.ts';
import { boolean, type Duration, duration, listOf, oneOf, text } from '../../core/readers.ts';
import type { CorsRule } from '../../core/route-rules.ts';

/** Who of other origins may read what is answered here, by their scripts. What a route says stands over what the section says. */
export interface CorsOptionsOfRoute {
  /**
   * The origins, each in full: `['https://partner.example']`. `'*'`: everyone, without cookies. Default none.
   */
  origins?: readonly string[] | '*';
  /** Methods that they may use. Default `['GET', 'HEAD', 'POST']`. */
  methods?: readonly CorsMethod[];
  /** Headers that they may send beside those that every page may. Default `['Content-Type']`. */
  headers?: readonly string[];
  /** Whether the visitor's cookies come along, and what they send is believed to be theirs. Default false. */
  credentials?: boolean;
  /** Headers of answers that their scripts may read beside the ordinary ones. Default none. */
  exposedHeaders?: readonly string[];
  /** For how long browsers remember a permission. Default `'10m'`. */
  maxAge?: Duration;
  /** Whether pages of the internet may ask here where this is a private network. Default false. */
  privateNetwork?: boolean;
}

/** Cross-origin resource sharing, of every route that says nothing of its own. */
export interface CorsOptions extends CorsOptionsOfRoute {
  /** `enforce` (default), `observe`, or `off`: it is left to the application. */
  mode?: Mode;
}

/** The methods that a page can be allowed to use. */
export type CorsMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** {@link CorsOptions}, read. */
export interface CorsSettings extends CorsRule {
  readonly mode: Mode;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const LIST_OF_ORIGINS = "a list of origins, such as ['https://partner.example'], or '*'";
const MINUTE = 60_000;
/** What Firefox keeps at most; Chromium keeps two hours. */
const DAY = 86_400_000;

const headerNames = listOf(
  text(/^[\w!#$%&'+.^`|~-]{1,64}$/, 'the name of a header: `*` would open those of attackers too'),
  "a list of names, such as ['Content-Type', 'X-Request-Id']",
);

const readOrigin: Read<string> = (value) => {
  const parts = typeof value === 'string' ? parseOrigin(value) : undefined;
  if (parts !== undefined) return parts.origin;
  if (value === 'null')
    throw new Unfit('an origin: `null` is what every sandboxed frame says, those of attackers too', true);
  if (typeof value === 'string' && value.includes('*'))
    throw new Unfit('an origin in full: whoever gets a host below a wildcard could read here', true);
  throw new Unfit("an origin without path, such as 'https://partner.example'");
};
const origins = listOf(readOrigin, LIST_OF_ORIGINS);

/** The defaults and why. */
export const corsOptions: OptionTable<CorsSettings> = {
  mode: {
    default: 'enforce',
    read: mode,
    reason: 'A header of a forgotten middleware must not open what the policy keeps closed.',
    source: 'Fetch standard, CORS protocol; ASVS v5.0.0-3.4.2',
    example: "cors: { mode: 'observe' }",
  },
  origins: {
    default: [],
    shown: 'none',
    read: (value, path, problems) => (value === '*' ? value : origins(value, path, problems)),
    reason: 'No other site reads here unless it is named; patterns match hosts of attackers sooner or later.',
    source: 'Fetch standard, CORS protocol; ASVS v5.0.0-3.4.2',
    example: "cors: { origins: ['https://partner.example'] }",
  },
  methods: {
    default: ['GET', 'HEAD', 'POST'],
    read: listOf(oneOf(...METHODS), "a list of methods, such as ['GET', 'PUT']"),
    reason: 'Those that every page may send without asking; what changes or deletes more is named.',
    source: 'Fetch standard, CORS-safelisted methods',
    example: "cors: { ..., methods: ['GET', 'HEAD', 'POST', 'PUT'] }",
  },
  headers: {
    default: ['Content-Type'],
    read: headerNames,
    reason: 'JSON needs it. `Authorization`, for API tokens, is named where tokens are taken.',
    source: 'Fetch standard, CORS-unsafe request-header names',
    example: "cors: { ..., headers: ['Content-Type', 'Authorization'] }",
  },
  credentials: {
    default: false,
    read: boolean,
    reason: 'With cookies, a page of theirs can do here whatever its visitor may do.',
    source: 'Fetch standard, CORS protocol and credentials',
    example: "cors: { origins: ['https://app.example.com'], credentials: true }",
  },
  exposedHeaders: {
    default: [],
    shown: 'none',
    read: headerNames,
    reason: 'A header may hold what was meant for this site alone.',
    source: 'Fetch standard, CORS-safelisted response-header names',
    example: "cors: { ..., exposedHeaders: ['X-Total-Count'] }",
  },
  maxAge: {
    default: 10 * MINUTE,
    shown: '10m',
    read: duration(1000, DAY),
    reason: 'One question for many requests; what is closed in the policy is closed in browsers soon after.',
    source: 'Fetch standard, CORS-preflight cache',
    example: "cors: { ..., maxAge: '2h' }",
  },
  privateNetwork: {
    default: false,
    read: boolean,
    reason: 'A page of the internet has its visitor ask devices that it could not reach itself.',
    source: 'WICG Private Network Access',
    example: 'cors: { ..., privateNetwork: true }',
  },
};

const { mode: _mode, ...OF_ROUTE } = corsOptions;

/** Reads what a route says; what it does not say is as in the section. */
export function readCors(
  value: unknown,
  path: string,
  problems: Problems,
  { mode: _ofSection, ...section }: CorsSettings,
): CorsRule {
  const read = readOptions<CorsRule>(path, OF_ROUTE, value, problems);
  if (!isPlainObject(value)) return section;
  const rule = { ...section };
  for (const key of Object.keys(value) as (keyof CorsRule)[])
    if (value[key] !== undefined && Object.hasOwn(read, key)) Object.assign(rule, { [key]: read[key] });
  checkRule(path, rule, problems);
  return rule;
}

/** What only the whole section shows. */
export function checkCors(settings: CorsSettings, problems: Problems): void {
  checkRule('cors', settings, problems);
}

function checkRule(path: string, { origins: listed, credentials }: CorsRule, problems: Problems): void {
  if (listed === '*') {
    if (!credentials) return;
    const reason = 'every site could read and do here what its visitor may.';
    const fix = "origins: ['https://app.example.com'], each in full, or leave out credentials";
    problems.refuse('ERR_BULWARK_UNSAFE_OPTION', `${path}.credentials`, reason, fix);
    return;
  }
  for (const [index, one] of listed.entries()) {
    const parts = parseOrigin(one);
    if (parts === undefined || parts.scheme === 'https') continue;
    const at = `${path}.origins[${index}]`;
    const fix = "origins: ['https://partner.example']";
    if (parts.loopback) {
      const reason = 'it is http on the own machine, where any program can be the page.';
      problems.refuseInProduction('ERR_BULWARK_UNSAFE_OPTION', at, reason, fix);
    } else {
      const reason = 'it is http: whoever is on the way can write its pages, and read here through them.';
      problems.refuse('ERR_BULWARK_UNSAFE_OPTION', at, reason, fix);
    }
  }
}
