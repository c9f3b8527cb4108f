/** The otpauth URI that a QR code carries to an authenticator app. */
import { toBase32 } from './base32.ts';
import { TOTP_DIGITS, TOTP_PERIOD_SECONDS } from './totp-code.ts';

/** Characters of a part once it is escaped: longer ones make a QR code that old cameras cannot read, or none at all. */
const MAX_PART_LENGTH = 200;

/**
 * The URI. Issuer and label may be anything: what could end one part of the URI and begin another is escaped.
 *
 * @param issuer - whose account it is, such as the service's name
 * @param label - which account, such as an email address
 */
export function otpauthUri(issuer: string, label: string, secret: Uint8Array): string {
  const name = escapePart(issuer);
  const parameters = [
    `secret=${toBase32(secret)}`,
    `issuer=${name}`,
    // Defaults of every app; some old ones go wrong without them.
    'algorithm=SHA1',
    `digits=${TOTP_DIGITS}`,
    `period=${TOTP_PERIOD_SECONDS}`,
  ];
  return `otpauth://totp/${name}:${escapePart(label)}?${parameters.join('&')}`;
}

// Apps split at the first colon, escaped or not: one inside a part would move the border between the two.
function escapePart(text: string): string {
  const plain = text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
    .replaceAll(':', ' ')
    .trim();
  let escaped = '';
  for (const character of plain) {
    const next = encodeURIComponent(character).replace(/[!'()*]/, escapeByte);
    if (escaped.length + next.length > MAX_PART_LENGTH) break;
    escaped += next;
  }
  return escaped;
}

function escapeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
