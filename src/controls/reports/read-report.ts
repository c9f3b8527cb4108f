/** What browsers post, read into facts of a known and bounded shape. Nothing else of it goes anywhere. */
import { parseJson } from '../../core/parse-json.ts';
import { maskedMessage, maskedPath, maskedSample } from './mask.ts';

/** What a group of reports says. What is not there was not said. */
export interface ReportFacts {
  /** The page, as a path without ids and query. */
  readonly page: string;
  /** Of a policy: the directive; of others what browsers call the rule, such as a feature. */
  readonly directive?: string;
  /** A word of the standard such as `inline`, a scheme, the origin of another site, or a path of this one. */
  readonly blocked?: string;
  /** `report`: it was let be. `enforce`: it was stopped. */
  readonly disposition?: string;
  /** How the code begins, or the sink of Trusted Types. */
  readonly sample?: string;
  readonly source?: string;
  readonly line?: number;
  readonly message?: string;
}

/** One report. */
export interface Report {
  readonly kind: string;
  readonly facts: ReportFacts;
}

/** Why a report was not taken: it is of another site, of what a visitor's browser adds to pages, or of no known form. */
export type NotTaken = 'foreign' | 'noise' | 'unknown';

/**
 * What is in the body of a request. Undefined: it is no report at all. Its own shape says which form it has, and not its type:
 * WebKit sends one report of the newer form, without the list around it, under the type of the older one.
 */
export function readReports(body: string, ownOrigin: string): readonly (Report | NotTaken)[] | undefined {
  let read: unknown;
  try {
    read = parseJson(body);
  } catch {
    return undefined;
  }
  if (Array.isArray(read))
    return (read as readonly unknown[]).slice(0, MOST_IN_ONE).map((one) => readNew(one, ownOrigin));
  const fields = fieldsOf(read);
  if (fieldsOf(fields?.['body']) !== undefined) return [readNew(fields, ownOrigin)];
  const report = fields?.['csp-report'];
  return fieldsOf(report) === undefined ? undefined : [readOld(report, ownOrigin)];
}

/** Browsers put what has gathered within a minute into one body. More is a flood. */
const MOST_IN_ONE = 32;

/** Kinds that today's browsers send, and what of their bodies says which one it is. */
const KINDS: Readonly<Record<string, readonly [rule: string, blocked: string]>> = {
  'csp-violation': ['effectiveDirective', 'blockedURL'],
  'csp-hash': ['destination', 'subresourceURL'],
  'integrity-violation': ['destination', 'blockedURL'],
  'permissions-policy-violation': ['policyId', 'allowAttribute'],
  'potential-permissions-policy-violation': ['policyId', 'srcAttribute'],
  'document-policy-violation': ['policyId', 'blockedURL'],
  coep: ['type', 'blockedURL'],
  coop: ['type', 'property'],
  deprecation: ['id', 'blockedURL'],
  intervention: ['id', 'blockedURL'],
  crash: ['reason', 'blockedURL'],
  'network-error': ['type', 'blockedURL'],
};

function readNew(value: unknown, own: string): Report | NotTaken {
  const report = fieldsOf(value);
  const kind = textOf(report?.['type']);
  const body = fieldsOf(report?.['body']);
  if (report === undefined || body === undefined || !Object.hasOwn(KINDS, kind)) return 'unknown';
  const [rule, blocked] = KINDS[kind] ?? ['', ''];
  const page = textOf(body['documentURL']) || textOf(report['url']);
  return factsOf(kind, own, {
    page,
    directive: textOf(body[rule]),
    blocked: textOf(body[blocked]),
    disposition: body['reportOnly'] === true ? 'report' : textOf(body['disposition']),
    sample: kind === 'csp-hash' ? textOf(body['hash']) : textOf(body['sample']),
    source: textOf(body['sourceFile']),
    line: body['lineNumber'],
    message: textOf(body['message']),
  });
}

function readOld(value: unknown, own: string): Report | NotTaken {
  const report = fieldsOf(value) ?? {};
  return factsOf('csp-violation', own, {
    page: textOf(report['document-uri']),
    // Some browsers have the whole directive there, sources and all.
    directive: textOf(report['effective-directive']) || textOf(report['violated-directive']),
    blocked: textOf(report['blocked-uri']),
    // Before it was in the standard there was no such field, and nothing else to tell them apart by.
    disposition: textOf(report['disposition']) || 'enforce',
    sample: textOf(report['script-sample']),
    source: textOf(report['source-file']),
    line: report['line-number'],
    message: '',
  });
}

interface Said {
  readonly page: string;
  readonly directive: string;
  readonly blocked: string;
  readonly disposition: string;
  readonly sample: string;
  readonly source: string;
  readonly line: unknown;
  readonly message: string;
}

function factsOf(kind: string, own: string, said: Said): Report | NotTaken {
  const page = URL.canParse(said.page) ? new URL(said.page) : undefined;
  if (page === undefined || page.origin !== own) return 'foreign';
  if (OF_EXTENSIONS.test(said.source) || OF_EXTENSIONS.test(said.blocked)) return 'noise';
  const directive = (said.directive.split(/\s/, 1)[0] ?? '').toLowerCase();
  if (kind === 'csp-violation' && !DIRECTIVE.test(directive)) return 'unknown';
  const facts: Record<string, string | number> = { page: maskedPath(page.pathname) };
  const put = (name: keyof ReportFacts, text: string): void => {
    if (text !== '') facts[name] = text;
  };
  put('directive', WORD.test(directive) ? directive : maskedMessage(directive));
  put('blocked', placeOf(said.blocked, own));
  put('disposition', said.disposition === 'enforce' ? 'enforce' : said.disposition === '' ? '' : 'report');
  put('sample', sampleOf(kind, directive, said.sample));
  put('source', said.source === '' ? '' : placeOf(said.source, own));
  if (Number.isSafeInteger(said.line) && Number(said.line) > 0) facts['line'] = Number(said.line);
  put('message', maskedMessage(said.message));
  return { kind, facts: facts as unknown as ReportFacts };
}

/** What visitors' own extensions, and browsers themselves, put into pages: no policy of ours could have known of it. */
const OF_EXTENSIONS =
  /^(?:(?:chrome|moz|safari|safari-web|ms-browser|webkit)-extension|chrome|resource|user-script|webkit-masked-url|sandbox eval code)(?::|$)/i;
const WORD = /^[a-z][\w-]{0,60}$/i;
const DIRECTIVE = /^[a-z][a-z-]{2,40}$/;
const ORIGIN = /^(?:https?|wss?):\/\/[a-z\d.-]{1,200}(?::\d{1,5})?$/;
const HASH = /^sha(?:256|384|512)-[\w+/=-]{43,90}$/;

/** A word, a scheme, the origin of another site, or a path of this one. */
function placeOf(text: string, own: string): string {
  if (WORD.test(text)) return text.toLowerCase();
  const url = text === '' ? null : URL.parse(text);
  if (url === null) return '';
  if (url.origin === own || url.origin.replace(/^ws/, 'http') === own) return maskedPath(url.pathname);
  if (url.origin === 'null') return url.protocol.slice(0, -1);
  // Hosts may hold quotes, commas and semicolons, and an origin becomes a line of a policy.
  return ORIGIN.test(url.origin) ? url.origin : '';
}

function sampleOf(kind: string, directive: string, sample: string): string {
  if (kind === 'csp-hash') return HASH.test(sample) ? sample : '';
  // Behind the sink stands what somebody typed.
  const [sink = ''] = sample.split('|', 1);
  return maskedSample(directive === 'require-trusted-types-for' ? sink : sample);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/** Of a longer address no more is looked at: origin and path of every page are shorter. */
const MOST_READ = 2048;

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, MOST_READ) : '';
}
