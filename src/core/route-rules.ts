import type { Rate } from './rate.ts';

/** What a route may ask of who calls it. What several patterns ask for adds up. */
export interface AccessRule {
  /** The account must have each of these roles. Implies signed in. */
  readonly roles?: readonly string[];
  /** A second factor must have been proved in this session. */
  readonly mfa?: boolean;
  /** The sign-in (or second factor) must be at most this old, in milliseconds. */
  readonly freshMs?: number;
  /** The request must come with the proof of the device that its session is bound to. */
  readonly deviceBound?: boolean;
  /** An API token must have each of these scopes; without any no token is taken. A sign-in has every scope. */
  readonly scopes?: readonly string[];
}

/** What a limit counts by. `account`: the name in the request body, so that many addresses on one account add up. */
export type LimitSubject = 'client' | 'account';

/** A tighter limit on a route. */
export interface RouteLimit {
  readonly rate: Rate;
  readonly by: readonly LimitSubject[];
  /** The body field that names the account. */
  readonly accountField: string;
  /** Tells the counters of one rule from those of another. */
  readonly id: string;
}

/** What a route takes of files. Sizes are bytes. */
export interface UploadRule {
  /** Media types. */
  readonly types: readonly string[];
  /** Of one file. */
  readonly size: number;
  /** How many in one form. */
  readonly files: number;
  /** Of all files of one form. */
  readonly total: number;
  /**
   * They are taken by `uploads.take`, each for itself, and nobody else has the form; `resumable`: they come to `uploads.resume`, over
   * several requests, and in no form.
   */
  readonly store?: boolean | 'resumable';
}

/** Who delivers to a route, and by which keys its signature is known. */
export interface WebhookRule {
  readonly scheme: 'standard' | 'github' | 'stripe' | 'slack';
  readonly keys: readonly Uint8Array[];
  readonly toleranceMs: number;
  /** Bytes. */
  readonly size: number;
}

/** What the Content-Security-Policy of a route's pages says otherwise than that of the rest. */
export interface RouteCsp {
  /** Those that differ, each with all of its sources. */
  readonly directives: Readonly<Record<string, readonly string[]>>;
  readonly trustedTypes?: boolean;
  /** The path is not written as the pattern is: pages are held to the policy of the rest beside it. */
  readonly beside?: true;
}

/** What the headers of a route's answers say otherwise than those of the rest. */
export interface RouteHeaders {
  /** `none`: nothing, since X-Frame-Options has no word for other origins. */
  readonly frameOptions?: 'DENY' | 'SAMEORIGIN' | 'none';
  readonly referrerPolicy?:
    | 'no-referrer'
    | 'same-origin'
    | 'strict-origin'
    | 'strict-origin-when-cross-origin';
  readonly crossOriginOpenerPolicy?: 'same-origin' | 'same-origin-allow-popups' | 'unsafe-none';
  readonly crossOriginResourcePolicy?: 'same-origin' | 'same-site' | 'cross-origin';
  readonly originAgentCluster?: boolean;
  readonly permissionsPolicy?: Readonly<Record<string, readonly string[]>>;
  readonly integrityPolicy?: 'off' | 'report-only' | 'enforce';
}

/** Who of other origins may ask at a route, and read its answers. */
export interface CorsRule {
  /** As browsers write them; `*` is everyone. */
  readonly origins: readonly string[] | '*';
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly credentials: boolean;
  readonly exposedHeaders: readonly string[];
  /** Milliseconds. */
  readonly maxAge: number;
  readonly privateNetwork: boolean;
}

/** Everything the policy says of one route, read and merged (`policy/merge-rules.ts`). */
export interface RouteRules {
  readonly require?: 'anyone' | AccessRule;
  readonly limit?: RouteLimit;
  /** Limits of wider patterns that hold beside `limit`: of a path that is not written as the narrower pattern is. */
  readonly furtherLimits?: readonly RouteLimit[];
  /** Bytes of body this route takes instead of the general limit. */
  readonly bodyLimit?: number;
  /** Answers over plain http too: for health probes that reach the process directly. */
  readonly insecureHttp?: boolean;
  /** It is looked at under any host: for health probes that know an address and no name. */
  readonly anyHost?: boolean;
  /** It takes signed deliveries and nothing else. */
  readonly webhook?: WebhookRule;
  /** JSON is not judged: whatever reads it takes what it likes. */
  readonly anyJson?: boolean;
  /** Multipart forms are not judged, and not written anew: whatever reads them takes what it likes. */
  readonly anyForm?: boolean;
  /** Its body is a form, whose files are held to this. */
  readonly upload?: UploadRule;
  /** The application's own error bodies leave as they are. */
  readonly ownErrors?: boolean;
  /** What it answers with is saved by browsers, and not opened. */
  readonly download?: boolean;
  /** What it answers with is for one person alone: nobody keeps it. */
  readonly private?: boolean;
  /** The form field that brings back a state by which a post from elsewhere is believed. */
  readonly accept?: string;
  /** False: pages of other sites load it as they like. */
  readonly isolate?: boolean;
  /** False: it is not fetched ahead of being opened. */
  readonly prefetch?: boolean;
  /** Instead of what the section `cors` says. */
  readonly cors?: CorsRule;
  /** Beside what the section `csp` says. */
  readonly csp?: RouteCsp;
  /** Beside what the section `headers` says. */
  readonly headers?: RouteHeaders;
}
