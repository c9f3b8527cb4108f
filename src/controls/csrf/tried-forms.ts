/** Which forms a rule may send, and what of them another site does not know. */
import type { Answer } from '../../core/answer.ts';
import type { SeenForm } from '../../core/seen-page.ts';

/** Sending these would end the visit, or lock the account out. */
const AVOIDED =
  /(?:log|sign)[-_]?(?:out|off|in)|passw|delete|remove|revoke|close|disable|cancel|2fa|mfa|totp|passkey|email/i;

/** Whether a form posts within the site, and what it does may be done. */
export function mayBeSent({ method, action, fields }: SeenForm, origin: string): boolean {
  if (method !== 'POST' || action.origin !== origin || AVOIDED.test(action.pathname)) return false;
  return !fields.some(({ type }) => type === 'password' || type === 'file');
}

const TOKEN = /csrf|xsrf|token|nonce|authenticity/i;

/** Whether a field looks as if it proved where the form comes from. */
export function isToken({ name, value, type }: SeenForm['fields'][number]): boolean {
  return TOKEN.test(name) || (type === 'hidden' && value.length >= 16);
}

/** Where a page is within its site. */
export function pathOf({ url }: Pick<Answer, 'url'>): string {
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
}
