/** What goes to Sentry, without what must not go into a log either. Subpath `bulwark/sentry`. */
import { call, fields, maybe, texts } from '../../core/call.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { maskSecrets, REDACTED, Redactor } from '../redact.ts';

/** What is redacted beside what Bulwark knows. */
export interface SentryRedactionOptions {
  /** More names, as in `audit.redact`. */
  readonly redact?: readonly string[];
}

/** What Sentry tells beside what it is about to send. */
export interface SentryHint {
  readonly originalException?: unknown;
}

/** Options for `Sentry.init`. */
export interface SentryRedaction {
  /** Redacts an error. Null, so that nothing is sent, where it is a no of Bulwark's. */
  readonly beforeSend: <Event extends object>(event: Event, hint?: SentryHint) => Event | null;
  /** Where Sentry sends spans within transactions (`traceLifecycle: 'static'`), this is `beforeSendTransaction` too. */
  readonly beforeSendSpan: <Span extends object>(span: Span) => Span;
  readonly beforeSendLog: <Log extends object>(log: Log) => Log;
  readonly beforeBreadcrumb: <Breadcrumb extends object>(breadcrumb: Breadcrumb) => Breadcrumb;
}

const checkOptions = call("sentryRedaction({ redact: ['iban'] })", {
  options: maybe(fields<SentryRedactionOptions>({ redact: maybe(texts) })),
});

/**
 * Redacts what Sentry is sent as the audit log is redacted: secrets by the names that they stand under and by their shape,
 * cookies, queries of addresses. What Bulwark refused is no error, and is not sent.
 *
 * @example
 * ```ts
 * Sentry.init({ dsn: process.env['SENTRY_DSN'], ...sentryRedaction({ redact: ['iban'] }) });
 * ```
 */
export function sentryRedaction(options: SentryRedactionOptions = {}): SentryRedaction {
  checkOptions(options);
  const redactor = new Redactor(options.redact);
  const redact = <Sent extends object>(sent: Sent): Sent => new Walk(redactor).whole(sent);
  return {
    beforeSend: (event, hint) => (isRefusal(hint?.originalException) ? null : redact(event)),
    beforeSendSpan: redact,
    beforeSendLog: redact,
    beforeBreadcrumb: redact,
  };
}

// A visitor who may not, or has left: the log has it, and nobody is to be woken.
const REFUSALS: ReadonlySet<unknown> = new Set<ErrorCode>([
  'ERR_BULWARK_FORBIDDEN',
  'ERR_BULWARK_INPUT',
  'ERR_BULWARK_SESSION_OVER',
  'ERR_BULWARK_SESSIONS_FULL',
  'ERR_BULWARK_BODY_TOO_LARGE',
  'ERR_BULWARK_BODY_REFUSED',
  'ERR_BULWARK_CLIENT_GONE',
  'ERR_BULWARK_ANSWER_REPLACED',
]);

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && REFUSALS.has(error.code);
}

// Sentry's own: names of packages, and objects of the process that are not sent.
const KEPT: ReadonlySet<string> = new Set(['modules', 'sdk', 'debug_meta', 'sdkProcessingMetadata']);
// A query is where tokens lie; cookies let somebody in, each of them.
const WITHHELD: ReadonlySet<string> = new Set(['query_string', 'cookies', 'url.query', 'http.query']);
const ADDRESS = /^(?:https?:\/\/|\/)\S*$/;
const MOST_VALUES = 20_000;
const MOST_DEPTH = 16;
// As much as Sentry keeps of a text.
const MOST_TEXT = 8192;

/** One walk through what is sent, in bounded work. It makes a copy: what the application still holds stays as it is. */
class Walk {
  readonly #redactor: Redactor;
  #left = MOST_VALUES;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  whole<Sent extends object>(sent: Sent): Sent {
    const copy = Object.entries(sent).map(([name, value]) => [
      name,
      KEPT.has(name) ? (value as unknown) : this.#under(name, value, 1),
    ]);
    return Object.fromEntries(copy) as Sent;
  }

  #under(name: string, value: unknown, depth: number): unknown {
    if (value === undefined || value === null || typeof value === 'boolean') return value;
    if (WITHHELD.has(name) || this.#redactor.hides(name)) return REDACTED;
    return this.#value(value, depth);
  }

  #value(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return textOf(value);
    if (typeof value !== 'object' || value === null) return value;
    this.#left -= 1;
    if (depth >= MOST_DEPTH || this.#left < 0) return '[cut]';
    if (Array.isArray(value)) return value.map((one) => this.#value(one, depth + 1));
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, this.#under(name, one, depth + 1)]),
    );
  }
}

function textOf(text: string): string {
  const start = text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}...` : text;
  return maskSecrets(ADDRESS.test(start) ? start.replace(/[?#][^]*$/, '') : start);
}
