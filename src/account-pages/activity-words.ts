/** What happened to an account, as its owner reads it: the store has it in words of ours, whatever anybody's language. */
import type { Wording } from '../accounts/words/wording.ts';

const SIGNED_IN =
  /^(?:(?<simple>password|passkey|stay)|provider (?<name>.+?))(?<factor> and second factor)?$/;
const NAMED_PASSKEY = /^passkey (?<name>.+)$/s;
const ALL_TOKENS = /^all, (?<count>\d{1,6})$/;

/** What it was, such as `Signed in`; as the store has it where this version knows no such event. */
export function eventIn(words: Wording, event: string): string {
  const key = `activity.${event}`;
  return words.has(key) ? words.fill(key, {}) : event;
}

/** What more is known of it: by which means, which passkey, which token. */
export function detailIn(words: Wording, event: string, detail: string): string {
  if (event === 'signed-in' || event === 'signed-in-new-device') return meansIn(words, detail);
  if (event === 'factor-added' || event === 'factor-removed') return factorIn(words, detail);
  const count = event === 'api-token-revoked' ? ALL_TOKENS.exec(detail)?.groups?.['count'] : undefined;
  return count === undefined ? detail : words.say('means.allTokens', { count: Number(count) });
}

function meansIn({ say }: Wording, detail: string): string {
  const { simple, name = '', factor } = SIGNED_IN.exec(detail)?.groups ?? {};
  if (simple === 'passkey') return say('means.passkey');
  if (simple === 'password') return say(factor === undefined ? 'means.password' : 'means.passwordAndFactor');
  if (simple === 'stay') return say(factor === undefined ? 'means.stay' : 'means.stayAndFactor');
  if (name === '') return detail;
  return say(factor === undefined ? 'means.provider' : 'means.providerAndFactor', { name });
}

function factorIn({ say }: Wording, detail: string): string {
  if (detail === 'authenticator app') return say('means.app');
  if (detail === 'passkey') return say('means.passkey');
  const name = NAMED_PASSKEY.exec(detail)?.groups?.['name'];
  return name === undefined ? detail : say('means.passkeyNamed', { name });
}
