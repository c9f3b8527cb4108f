/** What is sent for a rule, written out once: nothing of it is taken from a request, so that nothing of one can get into a head. */
import { type HeaderKey, HeaderLine } from '../../core/header-line.ts';
import type { CorsRule } from '../../core/route-rules.ts';

/** A rule, ready to be sent. */
export interface CorsLines {
  /** Whether nobody is let in. */
  readonly closed: boolean;
  /** Whether answers differ from origin to origin. */
  readonly varies: boolean;
  readonly credentials: boolean;
  /** For answers: what the origin is told, or undefined where it is none that may read. */
  readonly answer: (origin: string | undefined) => readonly HeaderLine[] | undefined;
  /** For preflights, likewise. */
  readonly preflight: (origin: string, privateNetwork: boolean) => readonly Pair[] | undefined;
  /** Whether the rule names an origin and a method: what a page of it sends is no forgery then. */
  readonly trusts: (origin: string, method: string) => boolean;
}

type Pair = readonly [name: string, value: string];

/** The lines of the protocol that an application may have written. */
export const ACCESS_CONTROL: ReadonlySet<HeaderKey> = new Set<HeaderKey>([
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-expose-headers',
  'access-control-max-age',
  'access-control-allow-private-network',
]);

/** Writes a rule out. */
export function corsLines(rule: CorsRule): CorsLines {
  const { origins, methods, credentials, privateNetwork } = rule;
  const shared = afterOrigin(rule);
  const asked = preflightOf(rule);
  const answers = new Map<string, readonly HeaderLine[]>();
  for (const origin of origins === '*' ? ['*'] : origins)
    answers.set(origin, [HeaderLine.of(ALLOW_ORIGIN, origin), ...shared]);
  const anyone = answers.get('*');
  const usable: ReadonlySet<string> = new Set(methods);
  const isNamed = (origin: string): boolean =>
    anyone === undefined ? answers.has(origin) : origin !== 'null';
  return {
    closed: answers.size === 0,
    varies: anyone === undefined && answers.size > 0,
    credentials,
    // One answer for everyone is one also for caches, whoever filled them.
    answer: (origin) => anyone ?? (origin === undefined ? undefined : answers.get(origin)),
    preflight(origin, fromOutside) {
      if (!isNamed(origin)) return undefined;
      const pairs: Pair[] = [[ALLOW_ORIGIN, anyone === undefined ? origin : '*'], ...asked];
      if (fromOutside && privateNetwork) pairs.push(['Access-Control-Allow-Private-Network', 'true']);
      return pairs;
    },
    // What is read by everyone is read by frames without an origin too; in nobody's name does one of them change anything.
    trusts: (origin, method) =>
      usable.has(method) &&
      (isNamed(origin) || (anyone !== undefined && (method === 'GET' || method === 'HEAD'))),
  };
}

const ALLOW_ORIGIN = 'Access-Control-Allow-Origin';
const WITH_CREDENTIALS: Pair = ['Access-Control-Allow-Credentials', 'true'];

function afterOrigin({ credentials, exposedHeaders }: CorsRule): readonly HeaderLine[] {
  const lines = credentials ? [HeaderLine.of(...WITH_CREDENTIALS)] : [];
  if (exposedHeaders.length > 0)
    lines.push(HeaderLine.of('Access-Control-Expose-Headers', exposedHeaders.join(', ')));
  return lines;
}

function preflightOf({ methods, headers, credentials, maxAge }: CorsRule): readonly Pair[] {
  const pairs: Pair[] = [
    ['Access-Control-Allow-Methods', methods.join(', ')],
    ['Access-Control-Max-Age', String(Math.floor(maxAge / 1000))],
    // A cache that keeps answers to OPTIONS, against the standard, must not give one origin's to another.
    ['Vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'],
  ];
  if (headers.length > 0) pairs.push(['Access-Control-Allow-Headers', headers.join(', ')]);
  if (credentials) pairs.push(WITH_CREDENTIALS);
  return pairs;
}
