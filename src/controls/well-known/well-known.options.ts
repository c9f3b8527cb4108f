import { isLocalPath } from '../../core/local-path.ts';
import { type OptionTable, type Read, readOptions, Unfit } from '../../core/options.ts';
import type { Problems } from '../../core/problems.ts';
import { listOf, optional, text } from '../../core/readers.ts';
import { readInstant, readSignedTxt, type SecurityTxt, type SecurityTxtFields } from './security-txt.ts';

/** Addresses that others look at without being told of them. What is said of them here is answered; all else is the application's. */
export interface WellKnownOptions {
  /** Whom to tell of a hole (RFC 9116), at `/.well-known/security.txt`. Default none. */
  securityTxt?: SecurityTxtOptions;
  /**
   * Where people change their password, for password managers that lead them there by `/.well-known/change-password`.
   * The pages of `accountPages` have it already. Default none.
   */
  changePassword?: string;
  /** Paths that no search engine is to fetch, in `/robots.txt`: `['/account/']`. It hides nothing. Default none. */
  disallow?: readonly string[];
}

/** What security.txt says: fields, or a file that says it and is signed. */
export interface SecurityTxtOptions {
  /** `mailto:`, `https:` or `tel:` addresses, the best first. */
  contact?: readonly string[];
  /** Until when it holds: `'2027-06-30'`. A year at most; the log tells a month before. */
  expires?: string;
  /** Where the key is that reports can be encrypted with: an https address, or `openpgp4fpr:` and its fingerprint. */
  encryption?: readonly string[];
  /** A page that thanks. */
  acknowledgments?: readonly string[];
  /** The page that says what may be tried, and what is promised. */
  policy?: readonly string[];
  /** Where whoever is good at this may apply. */
  hiring?: readonly string[];
  /** Languages that reports are read in: `['en', 'de']`. */
  preferredLanguages?: readonly string[];
  /** In place of all these: a file with all of it, signed in the clear by your own OpenPGP key (`gpg --clear-sign`). */
  signed?: string;
}

/** {@link WellKnownOptions}, read. */
export interface WellKnownSettings {
  readonly securityTxt: SecurityTxtFields | SecurityTxt | undefined;
  readonly changePassword: string | undefined;
  readonly disallow: readonly string[];
}

const DAY = 86_400_000;
/** The standard says less than a year (RFC 9116 2.5.5); a day more for whoever writes the same day of the next. */
const FURTHEST = 366 * DAY;
/** From when on it is told that it ends. */
export const ENDS_SOON: number = 30 * DAY;

const address = (kinds: string, schemes: RegExp): Read<readonly string[]> => {
  const one: Read<string> = (value) => {
    if (typeof value === 'string' && value.length <= 500 && schemes.test(value) && URL.canParse(value))
      return value;
    throw new Unfit(`${kinds}, such as 'https://example.com/security'`);
  };
  return listOf(one, `a list of ${kinds}`);
};

const WEB = /^https:\/\/[\x21-\x7e]+$/i;
const PAGES = address('https addresses', WEB);

interface FieldSettings extends SecurityTxtFields {
  readonly signed: SecurityTxt | undefined;
}

const page = (field: string, reason: string): OptionTable<{ field: readonly string[] }>['field'] => ({
  default: [],
  shown: 'none',
  read: PAGES,
  reason,
  source: 'RFC 9116 2.5',
  example: `wellKnown: { securityTxt: { ${field}: ['https://example.com/security'] } }`,
});

const fields: OptionTable<FieldSettings> = {
  contact: {
    default: [],
    shown: 'none',
    read: address('mailto:, https: or tel: addresses', /^(?:https:\/\/|mailto:|tel:)[\x21-\x7e]+$/i),
    reason: 'Only you know who reads it.',
    source: 'RFC 9116 2.5.3',
    example:
      "wellKnown: { securityTxt: { contact: ['mailto:security@example.com'], expires: '2027-06-30' } }",
  },
  expires: {
    default: 0,
    shown: 'none: it has to be said',
    read: (value) => {
      const at = typeof value === 'string' ? readInstant(value) : undefined;
      if (at === undefined) throw new Unfit("a day, such as '2027-06-30'");
      if (at > Date.now() + FURTHEST) throw new Unfit('within a year: who moves on forgets the file');
      return at;
    },
    reason: 'Whoever finds a hole is to know that the address is still read.',
    source: 'RFC 9116 2.5.5',
    example:
      "wellKnown: { securityTxt: { contact: ['mailto:security@example.com'], expires: '2027-06-30' } }",
  },
  encryption: {
    default: [],
    shown: 'none',
    read: address(
      'https: or openpgp4fpr: addresses',
      /^(?:https:\/\/[\x21-\x7e]+|openpgp4fpr:[\da-f]{40,64})$/i,
    ),
    reason: 'A key that nobody can open any more is worse than none.',
    source: 'RFC 9116 2.5.4',
    example: "wellKnown: { securityTxt: { encryption: ['https://example.com/key.asc'] } }",
  },
  acknowledgments: page('acknowledgments', 'There is none until there is.'),
  policy: page('policy', 'A promise is yours to make.'),
  hiring: page('hiring', 'There is none until there is.'),
  preferredLanguages: {
    default: [],
    shown: 'none: any',
    read: listOf(
      text(/^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}$/, "a language, such as 'en'"),
      'a list of languages',
    ),
    reason: 'Without a word, reports are taken in any.',
    source: 'RFC 9116 2.5.8; BCP 47',
    example: "wellKnown: { securityTxt: { preferredLanguages: ['en', 'de'] } }",
  },
  signed: {
    default: undefined,
    shown: 'none',
    read: (value) => {
      if (typeof value !== 'string' || value === '') throw new Unfit('the path of a file');
      const read = readSignedTxt(readFile(value));
      if (typeof read === 'string') throw new Unfit(`a file that is signed in the clear; ${read}`);
      return read;
    },
    reason:
      'A key that signs belongs to nobody who stands on the network: the file is signed elsewhere, and served as it is.',
    source: 'RFC 9116 2.3; RFC 9580 7',
    example: "wellKnown: { securityTxt: { signed: 'deploy/security.txt' } }",
  },
};

function readFile(path: string): Buffer {
  try {
    return process.getBuiltinModule('node:fs').readFileSync(path);
  } catch {
    // The message of the system may name folders that are nobody's matter.
    throw new Unfit('a file that can be read');
  }
}

const readTxt: Read<WellKnownSettings['securityTxt']> = (value, path, problems) => {
  const before = problems.errors.length;
  const { signed, ...written } = readOptions(path, fields, value, problems);
  if (problems.errors.length > before) return undefined;
  const isWritten = Object.values(written).some((one) => (Array.isArray(one) ? one.length > 0 : one !== 0));
  if (signed !== undefined && isWritten)
    throw new Unfit('either fields, or a file that is signed: what stands in both could differ');
  if (signed !== undefined) return signed;
  if (written.contact.length === 0 || written.expires === 0)
    throw new Unfit('with `contact` and `expires`, without which nobody takes it for one');
  return written;
};

/** The defaults and why. */
export const wellKnownOptions: OptionTable<WellKnownSettings> = {
  securityTxt: {
    default: undefined,
    shown: 'none',
    read: readTxt,
    reason: 'Whoever finds a hole and finds nobody to tell tells everybody. Whom, only you can say.',
    source: 'RFC 9116',
    example:
      "wellKnown: { securityTxt: { contact: ['mailto:security@example.com'], expires: '2027-06-30' } }",
    table: fields,
  },
  changePassword: {
    default: undefined,
    shown: 'that of `accountPages`, where there are these',
    read: optional((value) => {
      if (typeof value === 'string' && isLocalPath(value) && !value.startsWith('/.well-known/')) return value;
      throw new Unfit("a path of this site, such as '/settings/password'");
    }),
    reason: 'A password manager that knows of a leak leads people to the page, and not to the search for it.',
    source: 'W3C, A Well-Known URL for Changing Passwords',
    example: "wellKnown: { changePassword: '/settings/password' }",
  },
  disallow: {
    default: [],
    shown: 'none: /robots.txt is left to the application',
    read: listOf(
      text(/^\/[\x21\x22\x24-\x7e]{0,199}$/, "a path, such as '/account/'"),
      "a list of paths, such as ['/account/']",
    ),
    reason: 'It asks search engines and shows everybody else where to look: never for what is secret.',
    source: 'RFC 9309',
    example: "wellKnown: { disallow: ['/account/'] }",
  },
};

/** Tells of a security.txt that ends soon. For the policy reader, at the start. */
export function checkWellKnown({ securityTxt }: WellKnownSettings, problems: Problems): void {
  if (securityTxt === undefined) return;
  const days = Math.floor((securityTxt.expires - Date.now()) / DAY);
  if (securityTxt.expires - Date.now() > ENDS_SOON) return;
  problems.warn(
    'ERR_BULWARK_SECURITY_TXT_ENDS',
    'wellKnown.securityTxt',
    days < 0
      ? 'it has ended, and is not answered.'
      : `it ends in ${days} days, and is not answered from then on.`,
    "wellKnown: { securityTxt: { contact: ['mailto:security@example.com'], expires: '2027-06-30' } }",
  );
}
