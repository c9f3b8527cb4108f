/** What the JSON of an answer to an attempt says. */
import { parseJson } from '../../core/parse-json.ts';
import { isPlainObject } from '../../core/options.ts';
import type { Sign } from './outcome.ts';

const TOKEN = /^(?:(?:access|id|auth|refresh|session|api|bearer)?_?-?token|jwt|session_?id|sid)$/i;
const SHORTEST_TOKEN = 16;
const FAILED: ReadonlySet<unknown> = new Set([
  'error',
  'fail',
  'failed',
  'failure',
  'unauthorized',
  'invalid',
]);
/** What people call whether it went well. */
const FLAGS: readonly string[] = ['success', 'ok', 'authenticated', 'valid', 'loggedIn', 'logged_in'];
/** A sentence for a person: nobody can tell which. */
const SENTENCES: readonly string[] = ['message', 'msg', 'detail'];

/** Reads a token, or a word of failure, on the first two levels. */
export function jsonSign(text: string): Sign | undefined {
  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch {
    return undefined;
  }
  if (!isPlainObject(parsed)) return undefined;
  const levels = [parsed, ...Object.values(parsed).filter(isPlainObject)];
  if (levels.some(speaksOfFailure)) return ['an error in JSON', -3];
  if (levels.some(hasToken)) return ['a token in JSON', 3];
  if (SENTENCES.some((key) => Object.hasOwn(parsed, key))) return undefined;
  return ['no error in JSON', 1];
}

function speaksOfFailure(level: Readonly<Record<string, unknown>>): boolean {
  if (FLAGS.some((flag) => level[flag] === false)) return true;
  if (FAILED.has(level['status']) || FAILED.has(level['result'])) return true;
  return isSaid(level['error']) || isSaid(level['errors']);
}

function isSaid(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null && value !== false && value !== '' && value !== 0;
}

function hasToken(level: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(level).some(
    ([key, value]) => typeof value === 'string' && value.length >= SHORTEST_TOKEN && TOKEN.test(key),
  );
}
