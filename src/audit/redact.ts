/** What must not reach a log, known by the name it stands under or by its own shape (ASVS v5.0.0-16.2.5). */

/** What stands in a secret's place. */
export const REDACTED = '[redacted]';

// Unmistakable anywhere in a name, so that `userPassword`, `x-auth-token` and `SESSION_ID` are found.
const TELLING =
  'passw(?:or)?d|passphrase|passcode|secret|token|authorization|cookie|credential|api_?key|private_?key|access_?key|' +
  'signing_?key|encryption_?key|recovery_?code|backup_?code|session|csrf|xsrf|bearer|jwt|totp|card_?number';
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

/**
 * Secrets by their shape, wherever they stand in a text. No pattern nests repetitions, and what
 * can begin at every character is bounded: a text made to be slow takes no longer than any other.
 */
const SHAPES: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, REDACTED],
  [/\b(bearer|basic|digest|negotiate)[ \t]+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  // Three parts of base64url, the first of which is JSON: a JSON Web Token (RFC 7519), cut off or not.
  [/\beyJ[\w-]{8,}\.[\w-]{2,}(?:\.[\w-]*){0,3}/g, REDACTED],
  [/(__(?:Host|Secure)-[\w.-]{1,100}=)[^;,\s"]+/g, `$1${REDACTED}`],
  [/(:\/\/[^\s/:@"']{0,200}:)[^\s"']{1,200}@/g, `$1${REDACTED}@`],
  // Forms and queries, then JSON inside a text.
  [
    /((?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|session|\bsid|csrf|otp|signature)[\w-]{0,20}=["']?)[^\s&;,"'}]+/gi,
    `$1${REDACTED}`,
  ],
  [
    /((?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|session|\bsid|csrf|otp|signature)[\w-]{0,20}["']\s{0,2}:\s{0,2}["'])[^"']+/gi,
    `$1${REDACTED}`,
  ],
  [
    /\b(?:[srp]k_(?:live|test)_\w{10,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|npm_\w{30,}|xox[abeoprs]-[\w-]{10,}|AKIA[A-Z0-9]{16}|AIza[\w-]{30,})/g,
    REDACTED,
  ],
  // Our own API tokens, whatever their prefix.
  [/\b([a-z][a-z0-9]{1,15}_)[\dA-Za-z]{32}_[\dA-Za-z]{6}\b/g, `$1${REDACTED}`],
];

// None of the shapes can do without one of these, and most texts of a log have none of them: a flood of refusals is
// logged twice as fast.
const TRIGGER = /[=\s"']|:\/\/|eyJ|-----|[srp]k_|gh[pousr]_|_pat_|glpat|npm_|xox|AKIA|AIza|_[\dA-Za-z]{32}_/;

/** A text without the secrets in it that can be told by their shape. */
export function maskSecrets(text: string): string {
  if (!TRIGGER.test(text)) return text;
  let masked = text;
  for (const [pattern, replacement] of SHAPES) masked = masked.replace(pattern, replacement);
  return masked;
}

function squeeze(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** `sessionID`, `session_id` and `Session-Id` are the words `session` and `id`. */
function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
}
