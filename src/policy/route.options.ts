/** The policy's `routes`: what single routes ask for beyond the defaults. */
import { type AccessOptionsOfRoute, checkScope, readRequire } from '../controls/access/require.ts';
import { BESIDE_FILES, readUpload, type UploadOptions } from '../controls/uploads/upload-rule.options.ts';
import { readAccept, type RouteCsrfOptions } from '../controls/csrf/csrf.options.ts';
import type { OpenerPolicy, ResourcePolicy } from '../controls/headers/headers.options.ts';
import { readRouteHeaders, type RouteHeadersOptions } from '../controls/headers/route-headers.ts';
import { cspOptions, type CspSettings } from '../controls/csp/csp.options.ts';
import { frameOptionsFor, readRouteCsp, type RouteCspOptions } from '../controls/csp/route-csp.ts';
import {
  type CorsOptionsOfRoute,
  corsOptions,
  type CorsSettings,
  readCors,
} from '../controls/cors/cors.options.ts';
import { defaultsOf, isGiven, isPlainObject, type OptionTable, readOptions, Unfit } from '../core/options.ts';
import type { Problems } from '../core/problems.ts';
import { parseRate, type Rate, type RateText, showRate } from '../core/rate.ts';
import { boolean, listOf, oneOf, optional, type Size, size, text } from '../core/readers.ts';
import { readWebhook, type WebhookOptions } from '../controls/webhooks/webhook-rule.ts';
import type { LimitSubject, RouteRules, WebhookRule } from '../core/route-rules.ts';
import { checkMethods, checkStar, checkTwin, refuseNothing, refusePattern } from './check-patterns.ts';
import { parseRoutePattern } from './route-pattern.ts';
import { type Route, RouteTable, type RouteTableOptions } from './route-table.ts';

/** What one route asks for. */
export interface RouteOptions {
  /** Who may call it. Default: anyone. */
  require?: 'anyone' | 'signed-in' | AccessOptionsOfRoute;
  /** A limit of its own, such as `'5/minute'`, beside the general one. Exact over all processes that share the state. */
  limit?: RateText;
  /** What the limit counts by. Default `['client']`. With both, either one refuses. */
  by?: readonly LimitSubject[];
  /** The body field that names the account, for `by: ['account']`. Default `'email'`. */
  accountField?: string;
  /** Takes a body of this size instead of the general limit. */
  bodyLimit?: Size;
  /** Answers over plain http too, for probes that reach the process directly. */
  insecureHttp?: boolean;
  /** Is looked at (`GET`, `HEAD`) under whatever Host, for probes that know the address of a container and no name. */
  anyHost?: boolean;
  /** Leaves the application's own error bodies as they are. */
  ownErrors?: boolean;
  /** It takes deliveries that a service has signed, and nothing else. No cookie is looked at there, and no origin. */
  webhook?: WebhookOptions;
  /** `any`: bodies in JSON are left to whatever parser the route has, such as those of a sender that you cannot change. */
  json?: 'strict' | 'any';
  /** Has browsers save what it answers with, and open none of it as a page of this site: for files that people uploaded. */
  download?: boolean;
  /** Says that what it answers with is for one person alone, where no session of Bulwark is read: nobody keeps it. */
  private?: boolean;
  /** `any`: multipart forms, and whatever else is multipart, are left to whatever parser the route has. */
  form?: 'strict' | 'any';
  /** Which other origins may ask here and read the answers, where that differs from the section `cors`. */
  cors?: CorsOptionsOfRoute;
  /** `{ accept: 'state' }`: a form of another site is taken where this field brings back what `bulwark.of(request).returnState` gave. */
  csrf?: RouteCsrfOptions;
  /** `false`: pages of other sites may load it in whatever way, as an image, a script or a plugin. */
  isolate?: boolean;
  /** `false`: it is not fetched ahead, since it does something when it is opened. */
  prefetch?: boolean;
  /** What its pages may load and run otherwise than the rest: directives, each with all of its sources. */
  csp?: RouteCspOptions;
  /** Who may put its pages into a frame: `["'self'"]`, `['https://partner.example']`. Default nobody. */
  frame?: readonly string[];
  /** Whose pages may embed what it answers with: `Cross-Origin-Resource-Policy`. Default `same-origin`. */
  corp?: ResourcePolicy;
  /** Whether windows of other sites keep a hold on its pages: `Cross-Origin-Opener-Policy`. Default `same-origin`. */
  coop?: OpenerPolicy;
  /** Other headers of its answers that differ from the section `headers`. */
  headers?: RouteHeadersOptions;
  /** The files that it takes, by content; its body is then a form and nothing else. */
  upload?: UploadOptions;
}

interface RouteSettings {
  readonly require: RouteRules['require'];
  readonly limit: Rate | undefined;
  readonly by: readonly LimitSubject[];
  readonly accountField: string;
  readonly bodyLimit: number | undefined;
  readonly insecureHttp: boolean;
  readonly anyHost: boolean;
  readonly ownErrors: boolean;
  readonly webhook: WebhookRule | undefined;
  readonly json: 'strict' | 'any';
  readonly download: boolean;
  readonly private: boolean;
  readonly form: 'strict' | 'any';
  readonly upload: RouteRules['upload'];
  readonly cors: unknown;
  readonly csrf: string | undefined;
  readonly isolate: boolean;
  readonly prefetch: boolean;
  readonly csp: unknown;
  readonly frame: unknown;
  readonly corp: ResourcePolicy | undefined;
  readonly coop: OpenerPolicy | undefined;
  readonly headers: unknown;
}

const GB = 1024 ** 3;

const BY = listOf(oneOf('client', 'account'), "a list of 'client' and 'account'");

/** The defaults of a route and why. */
export const routeOptions: OptionTable<RouteSettings> = {
  require: {
    default: undefined,
    shown: "'anyone'",
    read: readRequire,
    reason: 'Pages for the public are the common case; what needs a sign-in says so in one place.',
    source: 'ASVS v5.0.0-8.2.1',
    example: "'/notes/**': { require: 'signed-in' }",
  },
  limit: {
    default: undefined,
    shown: 'none of its own',
    read: (value) => {
      const rate = typeof value === 'string' ? parseRate(value) : undefined;
      if (rate === undefined) throw new Unfit("a rate such as '5/minute' or '100/1h'");
      return rate;
    },
    reason: 'The general limit holds everywhere; sign-in and what is dear needs a tighter one.',
    source: 'ASVS v5.0.0-6.3.1',
    example: "'POST /login': { limit: '5/minute', by: ['client', 'account'] }",
  },
  by: {
    default: ['client'],
    read: (value, path, problems) => {
      if (Array.isArray(value) && value.length === 0)
        throw new Unfit("'client', 'account' or both, in a list", true);
      return BY(value, path, problems);
    },
    reason: 'An account is named only on sign-in and its like.',
    source: 'OWASP Authentication Cheat Sheet',
    example: "'POST /login': { limit: '5/minute', by: ['client', 'account'] }",
  },
  accountField: {
    default: 'email',
    read: text(/^[\w.-]{1,64}$/, "the name of a form field, such as 'email'"),
    reason: 'The name most sign-in forms use.',
    source: 'WHATWG HTML, autofill field names',
    example: "'POST /login': { limit: '5/minute', by: ['account'], accountField: 'username' }",
  },
  bodyLimit: {
    default: undefined,
    shown: 'body.limit',
    read: optional(size(1, 10 * GB)),
    reason: 'One size for all until a route needs more, or less.',
    source: 'CWE-770',
    example: "'POST /files': { bodyLimit: '50MB' }",
  },
  insecureHttp: {
    default: false,
    read: boolean,
    reason: 'Only a probe that reaches the process past the proxy needs plain http.',
    source: 'RFC 6797 7.2',
    example: "'GET /healthz': { insecureHttp: true }",
  },
  anyHost: {
    default: false,
    read: boolean,
    reason: 'A forged Host gets into links and caches; of what a probe is answered there are none.',
    source: 'RFC 9110 7.2; CWE-644',
    example: "'GET /healthz': { anyHost: true, insecureHttp: true }",
  },
  ownErrors: {
    default: false,
    read: boolean,
    reason:
      'Error bodies of frameworks show stacks and paths; a route that writes its own good ones says so.',
    source: 'ASVS v5.0.0-16.5.1',
    example: "'/api/**': { ownErrors: true }",
  },
  webhook: {
    default: undefined,
    shown: 'none',
    read: readWebhook,
    reason: 'A route that other services post to has no page that could vouch for them: the signature must.',
    source: 'Standard Webhooks 1.0; CWE-345, CWE-347',
    example:
      "'POST /hooks/stripe': { webhook: { scheme: 'stripe', secrets: [process.env.STRIPE_WEBHOOK_SECRET] } }",
  },
  json: {
    default: 'strict',
    read: oneOf('strict', 'any'),
    reason:
      'A route whose sender writes JSON that readers disagree on says so, and no other is opened by it.',
    source: 'ASVS v5.0.0-1.5.3',
    example: "'POST /hooks/**': { json: 'any' }",
  },
  download: {
    default: false,
    read: boolean,
    reason:
      'Pages are to be opened; what a visitor uploaded is to be saved, since it is whatever it says it is.',
    source: 'RFC 6266; ASVS v5.0.0-3.2.1',
    example: "'GET /files/:name': { download: true }",
  },
  private: {
    default: false,
    read: boolean,
    reason: 'Where the session is read it is known; a route that knows people by other means says so.',
    source: 'RFC 9111 5.2.2.5; ASVS v5.0.0-14.3.2',
    example: "'/reports/**': { private: true }",
  },
  form: {
    default: 'strict',
    read: oneOf('strict', 'any'),
    reason: 'A route of old clients, or of multipart that is no form, says so, and no other is opened by it.',
    source: 'ASVS v5.0.0-1.5.3',
    example: "'POST /scanner': { form: 'any' }",
  },
  upload: {
    default: undefined,
    shown: 'files of any kind, within the size of the body',
    read: readUpload,
    reason: 'Only the route knows what it takes; a type that a client names says nothing of the bytes.',
    source: 'ASVS v5.0.0-5.2.2',
    example: "'POST /files': { upload: { types: ['image/png', 'application/pdf'], size: '10MB', files: 5 } }",
  },
  cors: {
    default: undefined,
    shown: 'as the section `cors` says',
    // Read once the section is known, over which it stands.
    read: (value) => value,
    reason: "A partner reads what is meant for it; the rest of the site is nobody else's.",
    source: 'Fetch standard, CORS protocol; ASVS v5.0.0-3.4.2',
    example: "'/api/**': { cors: { origins: ['https://partner.example'] } }",
  },
  csrf: {
    default: undefined,
    shown: 'none',
    read: readAccept,
    reason:
      'An answer that a provider or a bank has browsers post is known by the state that the same browser took there.',
    source: 'OAuth 2.0 Form Post Response Mode; RFC 9700 4.7; ASVS v5.0.0-3.5.1',
    example: "'POST /login/with/apple/callback': { csrf: { accept: 'state' } }",
  },
  isolate: {
    default: true,
    read: boolean,
    reason: 'What other sites may embed says so; `corp` and `cors` say it more narrowly.',
    source: 'W3C Fetch Metadata; ASVS v5.0.0-3.5.8',
    example: "'/public/**': { isolate: false }",
  },
  prefetch: {
    default: true,
    read: boolean,
    reason: 'A page that is only shown may be fetched ahead; one that spends or ends something says no.',
    source: 'RFC 9110 9.2.1; WICG nav-speculation, Sec-Purpose',
    example: "'/unsubscribe': { prefetch: false }",
  },
  csp: {
    default: undefined,
    shown: 'as the section `csp` says',
    read: (value) => value,
    reason: 'What one page loads from elsewhere is no reason for every page to.',
    source: 'W3C Content Security Policy Level 3; ASVS v5.0.0-3.4.3',
    example: "'/p/:id': { csp: { 'frame-src': ['https://player.example'] } }",
  },
  frame: {
    default: undefined,
    shown: 'nobody',
    read: (value) => value,
    reason: 'A widget is made to be framed; a page with a button on it is not.',
    source: 'W3C Content Security Policy Level 3, frame-ancestors; ASVS v5.0.0-3.4.6',
    example: "'/widget': { frame: ['https://partner.example'] }",
  },
  corp: {
    default: undefined,
    shown: 'same-origin',
    read: optional(oneOf('same-origin', 'same-site', 'cross-origin')),
    reason: 'An image for other sites says so; the rest stays out of their memory.',
    source: 'Fetch standard, CORP; ASVS v5.0.0-3.5.8',
    example: "'/badge.svg': { corp: 'cross-origin' }",
  },
  coop: {
    default: undefined,
    shown: 'same-origin',
    read: optional(oneOf('same-origin', 'same-origin-allow-popups', 'unsafe-none')),
    reason: 'A page that opens a window of a payment service talks to it; the others do not.',
    source: 'HTML standard, cross-origin opener policies; ASVS v5.0.0-3.4.8',
    example: "'/pay': { coop: 'same-origin-allow-popups' }",
  },
  headers: {
    default: undefined,
    shown: 'as the section `headers` says',
    read: (value) => value,
    reason: 'A page with a map asks where its visitor is; no other page may.',
    source: 'OWASP Secure Headers Project',
    example: "'/map': { headers: { permissionsPolicy: { geolocation: ['self'] } } }",
  },
};

/** What of the rest of a policy its routes depend on. */
export interface RouteSurroundings extends RouteTableOptions {
  /** The scopes of API tokens that there are. */
  readonly scopes?: readonly string[];
  /** The section `cors`, over which the routes stand. */
  readonly cors?: CorsSettings;
  /** The section `csp`, likewise. */
  readonly csp?: CspSettings;
}

/** Reads the `routes` of a policy and compiles them. */
export function readRoutes(
  input: unknown,
  problems: Problems,
  {
    scopes = [],
    cors = defaultsOf(corsOptions),
    csp = defaultsOf(cspOptions),
    ...options
  }: RouteSurroundings = {},
): RouteTable {
  if (input === undefined) return new RouteTable([], options);
  if (!isPlainObject(input)) {
    const example = "routes: { '/notes/**': { require: 'signed-in' } }";
    problems.refuse('ERR_BULWARK_INVALID_OPTION', 'routes', 'it must be an object of patterns.', example);
    return new RouteTable([], options);
  }
  const routes: Route[] = [];
  for (const [key, value] of Object.entries(input)) {
    const pattern = parseRoutePattern(key);
    if (pattern === undefined) refusePattern(key, problems);
    else {
      checkMethods(key, pattern, problems);
      checkTwin(pattern, routes, problems);
      const rules = readRules(key, value, problems, { cors, csp });
      checkScope(`routes['${key}'].require`, rules.require, scopes, problems);
      routes.push({ pattern, rules });
    }
  }
  for (const route of routes) checkStar(route, routes, problems);
  return new RouteTable(routes, options);
}

function readRules(
  key: string,
  value: unknown,
  problems: Problems,
  sections: { readonly cors: CorsSettings; readonly csp: CspSettings },
): RouteRules {
  const path = `routes['${key}']`;
  refuseNothing(path, value, routeOptions.require.example, problems);
  if (value !== undefined && !isPlainObject(value)) {
    // Not the empty object of other sections: a route with an empty rule is open.
    const fix = `'${key}': { require: 'signed-in' }`;
    problems.refuse('ERR_BULWARK_INVALID_OPTION', path, 'it must be an object of options.', fix);
    return {};
  }
  const settings = readOptions(path, routeOptions, value, problems);
  if (settings.limit === undefined && settings.by !== routeOptions.by.default) {
    const reason = '`by` says what a limit counts by, and there is no `limit`: nothing would be limited.';
    problems.refuse('ERR_BULWARK_INVALID_OPTION', `${path}.by`, reason, routeOptions.limit.example);
  }
  const { require, limit, by, accountField, bodyLimit, insecureHttp, ownErrors, json, form, upload, cors } =
    settings;
  if (upload !== undefined && form === 'any') {
    const reason = 'a form that is not read cannot be held to the files that the route takes.';
    problems.refuse('ERR_BULWARK_UNSAFE_OPTION', `${path}.form`, reason, "leave out form: 'any', or upload");
  }
  const page = readRouteCsp(path, settings, sections.csp, problems);
  // Without an enforced `frame-ancestors` nothing but X-Frame-Options keeps others out.
  const ancestors = sections.csp.mode === 'enforce' ? page?.directives['frame-ancestors'] : undefined;
  const headers = readRouteHeaders(path, { ...settings, frameOptions: frameOptionsFor(ancestors) }, problems);
  // Only what the route says: a key that is absent leaves a wider pattern's in force.
  return {
    ...(require !== undefined && { require }),
    ...(limit !== undefined && { limit: { rate: limit, by, accountField, id: `${key} ${showRate(limit)}` } }),
    ...(bodyLimit !== undefined && { bodyLimit }),
    ...(upload !== undefined && { upload, bodyLimit: bodyLimit ?? upload.total + BESIDE_FILES }),
    ...(isGiven(value, 'insecureHttp') && { insecureHttp }),
    ...(isGiven(value, 'anyHost') && { anyHost: settings.anyHost }),
    ...(isGiven(value, 'ownErrors') && { ownErrors }),
    ...(settings.webhook !== undefined && { webhook: settings.webhook }),
    ...(isGiven(value, 'json') && { anyJson: json === 'any' }),
    ...(isGiven(value, 'download') && { download: settings.download }),
    ...(isGiven(value, 'private') && { private: settings.private }),
    ...(isGiven(value, 'form') && { anyForm: form === 'any' }),
    ...(cors !== undefined && { cors: readCors(cors, `${path}.cors`, problems, sections.cors) }),
    ...(settings.csrf !== undefined && { accept: settings.csrf }),
    ...(isGiven(value, 'isolate') && { isolate: settings.isolate }),
    ...(isGiven(value, 'prefetch') && { prefetch: settings.prefetch }),
    ...(page !== undefined && { csp: page }),
    ...(headers !== undefined && { headers }),
  };
}
