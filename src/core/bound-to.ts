/** What a token is bound to, as it is stored: nothing, a key by its thumbprint, or whichever key comes first. */

/** In the place of a thumbprint: the token is bound to the key that it first comes with. */
export const FIRST_USE = 'first-use';

/** Base64url of a SHA-256, in its one spelling. */
const THUMBPRINT = /^[\w-]{42}[AEIMQUYcgkosw048]$/;

/** Whether a text says what a token is bound to. */
export function isBinding(text: string): boolean {
  return text === FIRST_USE || THUMBPRINT.test(text);
}

/** Whether a token is bound to a key already. */
export function isBound(jkt: string | undefined): jkt is string {
  return jkt !== undefined && jkt !== FIRST_USE;
}
