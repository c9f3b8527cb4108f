/**
 * The gateway's section of the policy. It stands below the gateway, since the policy is read below it too. Each group of
 * options has a table in a file of its own; to add one, add its line to the two types and to the table.
 */
import { group, type OptionTable, type Read, Unfit } from '../../core/options.ts';
import type { Problems } from '../../core/problems.ts';
import { type Duration, duration, listOf } from '../../core/readers.ts';
import { type HealthOptions, healthOptions, type HealthSettings } from './health.options.ts';
import { type GatewayTlsOptions, tls, type TlsSettings } from './tls.options.ts';
import { type SignInOptions, signInOptions, type SignInSettings } from './sign-in.options.ts';
import { type Place, showPlace } from './listen-address.ts';
import {
  accessLog,
  type DrainOptions,
  drainOptions,
  type DrainSettings,
  httpListen,
  listen,
  management,
  workers,
} from './running.options.ts';
import { errorPages, type ErrorPagesOptions } from './error-pages.options.ts';
import { type AnswersOptions, answersOptions, type AnswersSettings } from './answers.options.ts';
import { type PagesOptions, pagesOptions, type PagesSettings } from './pages.options.ts';
import { type UpstreamAddress, upstreamAddress } from './upstream-address.ts';
import {
  connections,
  type SpoolOptions,
  spoolOptions,
  type SpoolSettings,
  type UpstreamTimes,
  upstreamTimes,
  type UpstreamTimesOptions,
} from './upstream.options.ts';
import { cookieNames } from './vault-names.ts';

/** The gateway: what stands behind it, and how it meets that. An application that has the layer in itself needs none of it. */
export interface GatewayOptions {
  /** Where the application listens: `http://127.0.0.1:8000`, or `unix:/run/app.sock`; several where it runs several times. */
  upstream?: string | readonly string[];
  /**
   * How long a connection to it stays open unused, for the visitor who was answered on it: below its own time for that.
   * Default `stated`: a second less than it says itself (`Keep-Alive: timeout=5`), and not at all where it does not. `none`:
   * each request has a connection of its own.
   */
  keepAlive?: Duration | 'stated' | 'none';
  /** Connections to each at once. A request beyond them waits. */
  connections?: number;
  /** How it is found out whether it is there. */
  health?: HealthOptions;
  /** How long it may take. */
  times?: UpstreamTimesOptions;
  /** What bodies of requests may take until it is asked. */
  spool?: SpoolOptions;
  /**
   * Session cookies of the application that stay at the gateway, by name, each with one `*` at most: `['session',
   * '_*_session']`; `true` for those that frameworks are known by. The browser has a handle in their place. None by
   * default: a page whose scripts read one would miss it.
   */
  vault?: true | readonly string[];
  /** A certificate, where TLS ends at the gateway: in files, or fetched by ACME. Default none: it is ended in front. */
  tls?: GatewayTlsOptions;
  /** How often somebody may try to sign in to the application. */
  signIn?: SignInOptions;
  /** Where the gateway listens: `127.0.0.1:8080`, `unix:/run/bulwark.sock`. */
  listen?: string;
  /** Where TLS ends at the gateway: where plain http is listened for, to be sent to https. */
  httpListen?: string;
  /** Processes that serve; `auto` for one a core. Several need a state that they share. */
  workers?: number | 'auto';
  /** Where `/-/health`, `/-/ready` and `/-/metrics` are answered, to operators: never on the listener of visitors. */
  management?: string;
  /** Where each answer has its line of JSON: without queries, secrets or bodies. */
  accessLog?: 'off' | 'stdout' | 'stderr';
  /** How it ends. */
  drain?: DrainOptions;
  /** What is learned of the scripts of pages, and which of them an operator has accepted. */
  pages?: PagesOptions;
  /** What is mended in the application's answers. */
  answers?: AnswersOptions;
  /**
   * Pages of your own for people who get no answer of the application, as files by status (`503`, `4xx`), read at the start.
   * `{{requestId}}`, `{{status}}` and `{{nonce}}` (for a style) are put in. Programs get problem details as ever.
   */
  errorPages?: ErrorPagesOptions;
}

/** {@link GatewayOptions}, read. */
export interface GatewaySettings {
  /** Empty where the policy names none: then the application has the layer in itself, or the command names it. */
  readonly upstream: readonly UpstreamAddress[];
  /** Milliseconds; 0 for none. */
  readonly keepAlive: number | 'stated';
  readonly connections: number;
  readonly health: HealthSettings;
  readonly times: UpstreamTimes;
  readonly spool: SpoolSettings;
  readonly vault: readonly string[] | undefined;
  readonly tls: TlsSettings | undefined;
  readonly signIn: SignInSettings;
  readonly listen: Place;
  readonly httpListen: Place | undefined;
  readonly workers: number;
  readonly management: Place | undefined;
  readonly accessLog: 'off' | 'stdout' | 'stderr';
  readonly drain: DrainSettings;
  readonly pages: PagesSettings;
  readonly answers: AnswersSettings;
  readonly errorPages: ErrorPagesOptions;
}

const upstreams = listOf(upstreamAddress, 'a list of addresses');
const MOST_UPSTREAMS = 64;

const readUpstreams: Read<readonly UpstreamAddress[]> = (value, path, problems) => {
  const list = upstreams(Array.isArray(value) ? value : [value], path, problems);
  if (list.length === 0 || list.length > MOST_UPSTREAMS) throw new Unfit(`1 to ${MOST_UPSTREAMS} addresses`);
  return list;
};

const lifetime = duration(100, 600_000);

/** The defaults and why. */
export const gatewayOptions: OptionTable<GatewaySettings> = {
  upstream: {
    default: [],
    shown: 'none: the layer is in the application',
    read: readUpstreams,
    reason: 'Only you know where the application listens.',
    source: 'ASVS v5.0.0-13.1.1',
    example: "gateway: { upstream: 'http://127.0.0.1:8000' }",
  },
  keepAlive: {
    default: 'stated',
    read: (value, path, problems) => {
      if (value === 'stated') return value;
      return value === 'none' ? 0 : lifetime(value, path, problems);
    },
    reason:
      'A server that says how long it keeps a connection closes none without a word; of others some do, and some answer wrongly on one.',
    source: 'RFC 2068 19.7.1.1; measured: docs/guides/flask.md',
    example: "gateway: { keepAlive: '1s' }",
  },
  connections,
  health: group(healthOptions, {
    reason: 'A visitor is not sent to an upstream that is known to be gone.',
    source: 'ASVS v5.0.0-13.1.3; CWE-400',
    example: "gateway: { health: { path: '/healthz' } }",
  }),
  times: group(upstreamTimes, {
    reason: 'An application that does not answer must not hold its visitors for ever.',
    source: 'CWE-400; ASVS v5.0.0-13.2.6',
    example: "gateway: { times: { firstByte: '60s' } }",
  }),
  spool: group(spoolOptions, {
    reason: 'A slow upload must not hold a worker of the application.',
    source: 'measured: one slow upload stops a gunicorn sync worker; CWE-400',
    example: "gateway: { spool: { total: '1GB' } }",
  }),
  vault: {
    default: undefined,
    shown: 'none',
    read: cookieNames,
    reason: 'Scripts of a page may read a cookie, and would miss it; only you know that yours do not.',
    source: 'OWASP Session Management Cheat Sheet; ASVS v5.0.0-7.4.1',
    example: "gateway: { vault: ['session', 'remember_token'] }",
  },
  tls,
  signIn: group(signInOptions, {
    reason: 'An application that counts nothing lets a program try a thousand passwords a minute.',
    source: 'ASVS v5.0.0-6.3.1; CWE-307',
    example: "gateway: { signIn: { mode: 'observe' } }",
  }),
  listen,
  httpListen,
  workers,
  management,
  accessLog,
  drain: group(drainOptions, {
    reason: 'What is under way is answered.',
    source: 'gunicorn --graceful-timeout; Kubernetes, termination of pods',
    example: "gateway: { drain: { limit: '30s' } }",
  }),
  pages: group(pagesOptions, {
    reason:
      'Inline scripts of an application that knows of no policy run by hashes, which somebody has to find.',
    source: 'docs/guides/flask-csp.md',
    example: "gateway: { pages: { learn: 'always' } }",
  }),
  answers: group(answersOptions, {
    reason: 'What a framework answers by itself is for its developers.',
    source: 'ASVS v5.0.0-13.4.2',
    example: "gateway: { answers: { debugPages: 'observe' } }",
  }),
  errorPages,
};

/** What its options ask of each other. */
export function checkGateway(settings: GatewaySettings, problems: Problems): void {
  const { listen: place, management: own } = settings;
  if (settings.httpListen !== undefined && settings.tls === undefined)
    problems.refuse(
      'ERR_BULWARK_INVALID_OPTION',
      'gateway.httpListen',
      'it sends to https, which nothing here ends.',
      "gateway: { tls: { cert: '/etc/ssl/site.pem', key: '/etc/ssl/site.key' } }",
    );
  // The authority's question comes to any of them, and only the one that asked it for a certificate knows the answer.
  if (settings.workers > 1 && settings.tls !== undefined && 'acme' in settings.tls)
    problems.refuse(
      'ERR_BULWARK_INVALID_OPTION',
      'gateway.workers',
      'a certificate by ACME is fetched by one process, and the others cannot answer for it.',
      'gateway: { workers: 1 }',
    );
  if (own === undefined || showPlace(own) !== showPlace(place)) return;
  problems.refuse(
    'ERR_BULWARK_UNSAFE_OPTION',
    'gateway.management',
    'it is where visitors are served: they would read what is for operators.',
    "gateway: { management: '127.0.0.1:9090' }",
  );
}
