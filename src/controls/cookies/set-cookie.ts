/** Set-Cookie, taken apart as browsers do (RFC 6265bis 5.6) and written back in one form. */

/** How far a cookie goes along with requests that other sites cause. */
export type SameSite = 'none' | 'lax' | 'strict';

/** One Set-Cookie line. Attributes that are absent, or that browsers would ignore, are undefined or false. */
export interface SetCookie {
  readonly name: string;
  readonly value: string;
  /** As it was written. */
  readonly expires: string | undefined;
  /** Seconds as digits, possibly negative. */
  readonly maxAge: string | undefined;
  readonly domain: string | undefined;
  /** Begins with a slash. */
  readonly path: string | undefined;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite: SameSite | undefined;
  readonly partitioned: boolean;
  readonly priority: string | undefined;
}

/** Why a line is no cookie that any browser should be sent. */
export type SetCookieFault = 'control-character' | 'nameless' | 'name' | 'too-large';

/** Octets of name and value together; browsers drop what is longer (RFC 6265bis 5.6). */
export const MAX_COOKIE_BYTES = 4096;

const MAX_ATTRIBUTE_BYTES = 1024;

// A token (RFC 9110 5.6.2). Servers disagree about what other names mean: PHP turns dots and spaces into
// underscores, and so makes one cookie of two.
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// Browsers drop a line with one of these, but not all of them, and not before a proxy has read it in its own way.
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/** Takes a line apart, or says why it cannot be a cookie. Never throws. */
export function parseSetCookie(line: string): SetCookie | SetCookieFault {
  if (CONTROL.test(line)) return 'control-character';
  const [pair = '', ...attributes] = line.split(';');
  const equals = pair.indexOf('=');
  const name = trim(pair.slice(0, Math.max(equals, 0)));
  const value = trim(pair.slice(equals + 1));
  // `=__Host-sid=x` has no name, and comes back as `Cookie: __Host-sid=x`: a prefix that nobody checked.
  if (name === '') return 'nameless';
  if (!NAME.test(name)) return 'name';
  if (Buffer.byteLength(name) + Buffer.byteLength(value) > MAX_COOKIE_BYTES) return 'too-large';
  return { name, value, ...readAttributes(attributes) };
}

/** One line, each attribute once. */
export function writeSetCookie(cookie: SetCookie): string {
  let line = `${cookie.name}=${cookie.value}`;
  if (cookie.maxAge !== undefined) line += `; Max-Age=${cookie.maxAge}`;
  if (cookie.expires !== undefined) line += `; Expires=${cookie.expires}`;
  if (cookie.domain !== undefined) line += `; Domain=${cookie.domain}`;
  if (cookie.path !== undefined) line += `; Path=${cookie.path}`;
  if (cookie.secure) line += '; Secure';
  if (cookie.httpOnly) line += '; HttpOnly';
  if (cookie.sameSite !== undefined) line += `; SameSite=${SAME_SITE_WORDS[cookie.sameSite]}`;
  if (cookie.partitioned) line += '; Partitioned';
  if (cookie.priority !== undefined) line += `; Priority=${cookie.priority}`;
  return line;
}

const SAME_SITE_WORDS: Readonly<Record<SameSite, string>> = { none: 'None', lax: 'Lax', strict: 'Strict' };

type Attributes = Omit<SetCookie, 'name' | 'value'>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function readAttributes(parts: readonly string[]): Attributes {
  const read: Mutable<Attributes> = {
    expires: undefined,
    maxAge: undefined,
    domain: undefined,
    path: undefined,
    secure: false,
    httpOnly: false,
    sameSite: undefined,
    partitioned: false,
    priority: undefined,
  };
  for (const part of parts) {
    const equals = part.indexOf('=');
    const value = equals === -1 ? '' : trim(part.slice(equals + 1));
    if (value.length <= MAX_ATTRIBUTE_BYTES) {
      readAttribute(read, trim(equals === -1 ? part : part.slice(0, equals)).toLowerCase(), value);
    }
  }
  return read;
}

/** The last attribute of a name counts, as in browsers. Unknown ones are dropped: no browser reads them. */
function readAttribute(read: Mutable<Attributes>, name: string, value: string): void {
  switch (name) {
    case 'expires':
      if (value !== '') read.expires = value;
      break;
    case 'max-age':
      if (/^-?\d{1,20}$/.test(value)) read.maxAge = value;
      break;
    case 'domain':
      read.domain = value === '' || value === '.' ? undefined : value.toLowerCase();
      break;
    case 'path':
      read.path = value.startsWith('/') ? value : undefined;
      break;
    case 'secure':
      read.secure = true;
      break;
    case 'httponly':
      read.httpOnly = true;
      break;
    case 'samesite':
      read.sameSite = readSameSite(value.toLowerCase());
      break;
    case 'partitioned':
      read.partitioned = true;
      break;
    case 'priority':
      if (/^(?:low|medium|high)$/i.test(value)) read.priority = value;
      break;
    default:
  }
}

function readSameSite(value: string): SameSite | undefined {
  return value === 'none' || value === 'lax' || value === 'strict' ? value : undefined;
}

/** Without spaces and tabs at its ends; other white space is part of a value. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
