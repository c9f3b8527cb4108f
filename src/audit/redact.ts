/** What must not reach a log, known by the name it stands under or by its own shape (ASVS v5.0.0-16.2.5). */

/** What stands in a secret's place. */
export const REDACTED = '[redacted]';

// Codes that let somebody in. `statusCode`, `errorCode` and `countryCode` do not.
const CODE =
  '(?:mfa|[2t]fa|otp|two_?factor|second_?factor|one_?time|verification|confirmation|activation|security|recovery|backup|' +
  'auth|access|device|log_?in|sign_?in|reset|sms|invite|invitation|pin|user)_?code';
// Unmistakable anywhere in a name, so that `userPassword`, `x-auth-token` and `SESSION_ID` are found.
const TELLING =
  'passw(?:or)?d|passphrase|passcode|secret|token|authorization|cookie|credential|api_?key|private_?key|access_?key|' +
  `signing_?key|encryption_?key|session|csrf|xsrf|bearer|jwt|totp|card_?number|${CODE}`;
// Too short to be looked for inside other words (`spinning`, `author`): only as a word of its own.
const SHORT = new Set([
  'pwd', 'pass', 'pw', 'pin', 'otp', 'auth', 'sid', 'cvc', 'cvv', 'ssn',
]); // prettier-ignore
const TELLING_PATTERN = new RegExp(TELLING.replaceAll('_?', ''));
// Facts about a secret are none: `tokenCount`, `passwordChangedAt`, `sessionRef`, `cookieName`.
const FACT_PATTERN = new RegExp(
  `(?:${TELLING.replaceAll('_?', '')})s?` +
    '(?:count|type|kind|length|size|age|at|ttl|limit|ref|name|changedat|createdat|expir(?:y|es|esat|ed)|issuedat|' +
    'lifetime|enabled|required|present|valid|invalid|policy|strength|status|reason|used|missing|mode)$',
);
const MOST_REMEMBERED = 1000;

/** Tells names of secrets from others. Remembers its answers, for at most a thousand names. */
export class Redactor {
  readonly #extra: ReadonlySet<string>;
  readonly #known = new Map<string, boolean>();

  /** @param extra - more names, in any case and with any separators */
  constructor(extra: readonly string[] = []) {
    this.#extra = new Set(extra.map(squeeze));
  }

  /** Names that were seen to hide nothing, as JSON has them in front of their values. Bounded by who adds to it. */
  readonly plainNames: Map<string, string> = new Map();

  /** Whether what stands under this name must not be logged. */
  hides(name: string): boolean {
    if (name.length > 200) return true;
    let hidden = this.#known.get(name);
    if (hidden === undefined) {
      hidden = this.#judge(name);
      // Names may come from clients: a flood of made-up ones must not fill memory.
      if (this.#known.size >= MOST_REMEMBERED) this.#known.clear();
      this.#known.set(name, hidden);
    }
    return hidden;
  }

  #judge(name: string): boolean {
    const squeezed = squeeze(name);
    if (this.#extra.has(squeezed)) return true;
    if (TELLING_PATTERN.test(squeezed)) return !FACT_PATTERN.test(squeezed);
    return wordsOf(name).some((word) => SHORT.has(word));
  }
}

// Names that a secret stands behind in a form, a query, JSON or a sentence.
const NAMED =
  'passw(?:or)?d|passphrase|passcode|pwd|secret|token|api[ _-]?key|private[ _-]?key|otp|\\b(?:pass|pw|pin|cvc|cvv|ssn)\\b|' +
  `(?:${CODE.replaceAll('_?', '[ _-]?')})`;
// Behind a colon these are words of a sentence too ("session: ended"): there only where they are quoted, as in JSON.
const NAMED_IN_DATA = `${NAMED}|session|\\bsid|csrf|signature`;
const OPENING = '\\s{0,3}(?:\\\\{1,3}["\']|["\'])?';
// In quotes up to the quote that closes, or to the end of a text that was cut; else one word.
const VALUE =
  '(?:(?<=\\\\["\'])[^"\'\\\\]+|(?<=")(?:[^"\\\\]|\\\\[^])+|(?<=\')(?:[^\'\\\\]|\\\\[^])+|[^\\s&;,"\'}\\\\][^\\s&;,"\'}]*)';

type Shape = readonly [pattern: RegExp, replacement: string | ((...match: string[]) => string)];

/**
 * Secrets by their shape, wherever they stand in a text. A search begins anew at each character, so that a pattern which
 * reads on and then fails is quadratic on a text made for it. Whatever reads on without a bound therefore matches all that
 * it has read, and a function says afterwards whether that was a secret.
 */
const SHAPES: readonly Shape[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, REDACTED],
  [/\b(bearer|basic|digest|negotiate)[ \t]{1,8}[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  // Parts of base64url, the first of which is JSON: a JSON Web Token (RFC 7519), cut off or not.
  [/(?<![A-Za-z\d])eyJ[\w-]{8,}[\w.-]*/g, maskJwt],
  [/(__(?:Host|Secure)-[\w.-]+)(=[^;,\s"]+)?/g, maskCookie],
  [/(:\/\/[^\s/:@"']*:)([^\s"']*)/g, maskUserInfo],
  // Header lines.
  [/(\b(?:set-)?cookie["']?: {0,3}["']?)(?=[^\s=;]{1,100}=)[^\r\n"']+/gi, `$1${REDACTED}`],
  [
    /(\b(?:proxy-)?authorization["']?\s{0,3}[:=]\s{0,3}["']?)(?:[\w-]+[ \t]{1,8})?[^\s"',;]+/gi,
    `$1${REDACTED}`,
  ],
  [
    new RegExp(`((?:${NAMED_IN_DATA})[\\w-]{0,20}(?:\\\\{0,3}["'])?\\s{0,3}=>?${OPENING})${VALUE}`, 'gi'),
    `$1${REDACTED}`,
  ],
  [
    new RegExp(`((?:${NAMED_IN_DATA})[\\w-]{0,20}\\\\{0,3}["']\\s{0,3}:${OPENING})${VALUE}`, 'gi'),
    `$1${REDACTED}`,
  ],
  [new RegExp(`((?:${NAMED})[\\w-]{0,20}[ \\t]{0,3}:${OPENING})${VALUE}`, 'gi'), `$1${REDACTED}`],
  [
    /\b(?:[srp]k_(?:live|test)_\w{10,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|npm_\w{30,}|xox[abeoprs]-[\w-]{10,}|AKIA[A-Z0-9]{16}|AIza[\w-]{30,})/g,
    REDACTED,
  ],
  // Our own API tokens, whatever their prefix.
  [/\b([a-z][a-z0-9]{1,15}_)[\dA-Za-z]{32}_[\dA-Za-z]{6}\b/g, `$1${REDACTED}`],
];

// None of the shapes can do without one of these, and most texts of a log have none of them: a flood of refusals is
// logged twice as fast.
const TRIGGER =
  /[=\s"']|[A-Za-z_-]:|:\/\/|eyJ|-----|[srp]k_|gh[pousr]_|_pat_|glpat|npm_|xox|AKIA|AIza|_[\dA-Za-z]{32}_/;

/** Whether a text may hold a secret that is told by its shape. Most texts of a log do not. */
export function mayHoldSecret(text: string): boolean {
  return TRIGGER.test(text);
}

/** A text without the secrets in it that can be told by their shape. In a time that grows as the text does. */
export function maskSecrets(text: string): string {
  if (!TRIGGER.test(text)) return text;
  let masked = text;
  for (const [pattern, replacement] of SHAPES) {
    masked =
      typeof replacement === 'string'
        ? masked.replace(pattern, replacement)
        : masked.replace(pattern, replacement);
  }
  return masked;
}

function maskJwt(run: string): string {
  return /\.[\w-]{2}/.test(run) ? REDACTED : run;
}

function maskCookie(pair: string, name = '', value?: string): string {
  return value === undefined ? pair : `${name}=${REDACTED}`;
}

/** A port, or what stands in brackets, is no password; anything else is, up to the last `@` or where the text was cut. */
function maskUserInfo(run: string, start = '', rest = ''): string {
  const at = rest.lastIndexOf('@');
  if (at !== -1) return `${start}${REDACTED}${rest.slice(at)}`;
  return start === '://[:' || rest === '' || /^\d{1,5}(?:\D|$)/.test(rest) ? run : `${start}${REDACTED}`;
}

function squeeze(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** `sessionID`, `session_id` and `Session-Id` are the words `session` and `id`; `OTPCode` is `otp` and `code`. */
function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])(?=[A-Z][a-z])/g, '$1 ')
    .toLowerCase()
    .split(/[^a-z]+/);
}
