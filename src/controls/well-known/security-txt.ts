/** security.txt (RFC 9116): whom to tell of a hole. Written from the policy, or a file of the application's own that is signed. */

/** What it says. */
export interface SecurityTxt {
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** Where it says that it is to be found; none where it does not. */
  readonly canonical: readonly string[];
  readonly signed: boolean;
}

/** The fields, as the policy has them. */
export interface SecurityTxtFields {
  readonly contact: readonly string[];
  /** Milliseconds since 1970. */
  readonly expires: number;
  readonly encryption: readonly string[];
  readonly acknowledgments: readonly string[];
  readonly policy: readonly string[];
  readonly hiring: readonly string[];
  readonly preferredLanguages: readonly string[];
}

/** Where it stands (RFC 9116 3). */
export const SECURITY_TXT = '/.well-known/security.txt';

/** Past any real one, and small enough for an answer that anybody may ask for. */
export const MOST_BYTES: number = 32 * 1024;

/** Writes it. One line of what browsers of people show, as the standard orders none. */
export function writeSecurityTxt(fields: SecurityTxtFields, origins: readonly string[]): SecurityTxt {
  const canonical = origins.map((origin) => origin + SECURITY_TXT);
  const all: readonly (readonly [string, readonly string[]])[] = [
    ['Contact', fields.contact],
    ['Expires', [new Date(fields.expires).toISOString().replace('.000Z', 'Z')]],
    ['Encryption', fields.encryption],
    ['Acknowledgments', fields.acknowledgments],
    [
      'Preferred-Languages',
      fields.preferredLanguages.length === 0 ? [] : [fields.preferredLanguages.join(', ')],
    ],
    ['Canonical', canonical],
    ['Policy', fields.policy],
    ['Hiring', fields.hiring],
  ];
  const text = all.flatMap(([name, values]) => values.map((value) => `${name}: ${value}\n`)).join('');
  return { text, expires: fields.expires, canonical, signed: false };
}

/**
 * Reads one that is signed in the clear (RFC 9580 7). Whether the signature is good is for those who have the key to say:
 * looked at is that there is one, and that what it is over says what the standard asks for.
 *
 * @returns what is wrong with it, where something is
 */
export function readSignedTxt(bytes: Buffer): SecurityTxt | string {
  if (bytes.length > MOST_BYTES) return `it is over ${MOST_BYTES / 1024} KB`;
  const text = bytes.toString('utf8');
  const lines = text.split(/\r?\n/);
  const begin = lines.indexOf('-----BEGIN PGP SIGNED MESSAGE-----');
  const blank = lines.indexOf('', begin);
  const signature = lines.indexOf('-----BEGIN PGP SIGNATURE-----');
  const end = lines.indexOf('-----END PGP SIGNATURE-----');
  if (begin !== 0 || blank < 1 || signature < blank || end < signature)
    return 'it is not signed in the clear (gpg --clear-sign)';
  const rest = lines.slice(end + 1).some((line) => line.trim() !== '');
  if (rest) return 'something stands behind the signature, which it is not over';
  const over = lines
    .slice(blank + 1, signature)
    .map((line) => (line.startsWith('- ') ? line.slice(2) : line));
  const valuesOf = (name: string): readonly string[] =>
    over.flatMap((line) => {
      const [, given = '', value = ''] =
        /^([A-Za-z-]{1,40}):[ \t]*(.*\S)[ \t]*$/.exec(line.slice(0, 2000)) ?? [];
      return given.toLowerCase() === name ? [value] : [];
    });
  if (valuesOf('contact').length === 0) return 'it has no Contact';
  const [expires, ...more] = valuesOf('expires');
  const until = readInstant(expires ?? '');
  if (until === undefined || more.length > 0) return 'it must have one Expires, such as 2027-06-30T00:00:00Z';
  return { text, expires: until, canonical: valuesOf('canonical'), signed: true };
}

/** A day (its end, UTC) or an instant of RFC 3339. */
export function readInstant(text: string): number | undefined {
  if (!INSTANT.test(text)) return undefined;
  const at = Date.parse(text.includes('T') ? text : `${text}T23:59:59Z`);
  return Number.isNaN(at) ? undefined : at;
}

const INSTANT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d))?$/;
