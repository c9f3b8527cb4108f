/** What a provider says of a person, as far as it is well formed. */

/** Who signed in at the provider. */
export interface Identity {
  /** The provider's own name for the account: unique with the issuer, and never given to another. */
  readonly subject: string;
  /** What the provider believes. Addresses change hands: no account is found, linked or opened by it. */
  readonly email: string | undefined;
  readonly emailVerified: boolean;
  /** For a greeting. Chosen by its owner, so that it may say anything. */
  readonly name: string | undefined;
  /** When they last proved at the provider who they are (`auth_time`): milliseconds since 1970, where it says so. */
  readonly provedAt: number | undefined;
}

/** OpenID Connect Core 1.0, section 2: at most 255 ASCII characters. */
const SUBJECT = /^[\x20-\x7e]{1,255}$/;
const EMAIL = /^[^\s@\p{Cc}\p{Cf}]{1,64}@[^\s@\p{Cc}\p{Cf}]{1,189}$/u;
const MAX_NAME = 100;

/**
 * An identity from the claims of an ID token whose signature and claims hold, and of the UserInfo endpoint where it was
 * asked. Undefined: the subject is none.
 */
export function identityFrom(
  claims: Readonly<Record<string, unknown>>,
  userInfo: Readonly<Record<string, unknown>> = {},
): Identity | undefined {
  const subject = claims['sub'];
  if (typeof subject !== 'string' || !SUBJECT.test(subject)) return undefined;
  // An address and its being verified come from one place: mixed, they vouch for an address that nobody verified.
  const source = emailOf(claims) === undefined ? userInfo : claims;
  const email = emailOf(source);
  return {
    subject,
    email,
    emailVerified: email !== undefined && isTrue(source['email_verified']),
    name: nameOf(claims) ?? nameOf(userInfo),
    provedAt: provedAtOf(claims),
  };
}

/** The address in a set of claims. */
export function emailOf(claims: Readonly<Record<string, unknown>>): string | undefined {
  const email = claims['email'];
  return typeof email === 'string' && EMAIL.test(email) ? email : undefined;
}

/** Apple sends the text; nothing else that looks true is. */
function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

/** OpenID Connect Core 1.0, section 2: seconds since 1970. */
function provedAtOf(claims: Readonly<Record<string, unknown>>): number | undefined {
  const seconds = claims['auth_time'];
  // RFC 7519, section 2: a number that may have a fraction.
  const ms = typeof seconds === 'number' ? Math.floor(seconds * 1000) : -1;
  return Number.isSafeInteger(ms) && ms >= 0 ? ms : undefined;
}

function nameOf(claims: Readonly<Record<string, unknown>>): string | undefined {
  const { name } = claims;
  if (typeof name !== 'string') return undefined;
  // Marks that turn the direction of a line, or end it, would change the text around the name.
  const clean = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim();
  return clean === '' ? undefined : Array.from(clean).slice(0, MAX_NAME).join('');
}
