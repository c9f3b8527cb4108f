/** What tells a key that somebody was given from letters that look like one. */
import { createPrivateKey } from 'node:crypto';
import { crc32 } from 'node:zlib';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The checksum that GitHub and npm put behind a token: CRC-32 of its thirty letters, in six digits to base 62. */
export function checksumOf(letters: string): string {
  let [number, digits] = [crc32(letters), ''];
  while (digits.length < 6) {
    digits = (DIGITS[number % 62] ?? '0') + digits;
    number = Math.floor(number / 62);
  }
  return digits;
}

/** Whether a token's last six digits are the checksum of what stands between them and its prefix. */
export function crcFits(token: string): boolean {
  const body = token.slice(token.indexOf('_') + 1);
  return checksumOf(body.slice(0, -6)) === body.slice(-6);
}

/** A token of PyPI is a macaroon whose first words are its version and the place it is for. */
export function isPypiToken(token: string): boolean {
  const bytes = Buffer.from(token.slice('pypi-'.length), 'base64url');
  return bytes[0] === 2 && bytes[1] === 1 && bytes.subarray(2, 40).includes('pypi.org');
}

/** What a signed token says of itself; undefined where it is none. */
export function jwtOf(token: string, now: number = Date.now()): { readonly ended: boolean } | undefined {
  const [head = '', claims = ''] = token.split('.');
  const [known, said] = [objectIn(head), objectIn(claims)];
  const algorithm = known?.['alg'];
  if (said === undefined || typeof algorithm !== 'string' || algorithm.toLowerCase() === 'none')
    return undefined;
  const end = said['exp'];
  return { ended: typeof end === 'number' && end * 1000 < now };
}

function objectIn(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A private key in PEM. */
export interface FoundPem {
  readonly at: number;
  readonly text: string;
  /** Nothing can be done with it without a passphrase. */
  readonly locked: boolean;
  /** It could be read as a key. */
  readonly proved: boolean;
}

const BEGIN = /-----BEGIN (?<kind>(?:[A-Z0-9]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?)-----/g;
const MOST_PEM = 20_000;

/** The private keys of a text, as they stand there or within a string with `\n` in it. */
export function privateKeysIn(text: string): readonly FoundPem[] {
  const found: FoundPem[] = [];
  for (const match of text.matchAll(BEGIN)) {
    const kind = match.groups?.['kind'] ?? '';
    const start = match.index + match[0].length;
    const end = text.indexOf(`-----END ${kind}-----`, start);
    if (end < 0 || end - start > MOST_PEM || found.length === 100) continue;
    const inside = text.slice(start, end).replaceAll(/\\r|\\n|["'+,\s\\]/g, '');
    const locked = kind.startsWith('ENCRYPTED') || inside.includes('ENCRYPTED');
    const body = inside.replace(/^.*(?:DEK-Info:[\w,-]+)/, '').replace(/^Proc-Type:4/, '');
    if (body.length < 40 || !/^[A-Za-z0-9+/=:.-]+$/.test(body) || new Set(body).size < 12) continue;
    const pem = `-----BEGIN ${kind}-----\n${body.replaceAll(/(.{64})/g, '$1\n')}\n-----END ${kind}-----\n`;
    found.push({ at: match.index, text: body, locked, proved: !locked && isKey(pem, kind, body) });
  }
  return found;
}

function isKey(pem: string, kind: string, body: string): boolean {
  if (kind.startsWith('OPENSSH')) {
    return Buffer.from(body.slice(0, 40), 'base64').includes('openssh-key-v1');
  }
  if (kind.startsWith('PGP')) return body.length > 200;
  try {
    return createPrivateKey(pem).type === 'private';
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
