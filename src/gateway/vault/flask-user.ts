/** Who a session cookie of Flask is about. It is read, not verified: it comes from the application, never from a browser. */
import { parseJson } from '../../core/parse-json.ts';
import { inflateSync } from 'node:zlib';
import { isPlainObject } from '../../core/options.ts';

/** Where Flask-Login keeps who is signed in, and then what people write themselves. */
const FIELDS: readonly string[] = ['_user_id', 'user_id', 'user', 'username'];
const SHAPE = /^\.?[\w-]+\.[\w-]+\.[\w-]+$/;
const MOST_BYTES = 65_536;
const LONGEST_NAME = 256;

/** What was read of a cookie. */
export interface FlaskSession {
  /** Undefined where nobody is named. */
  readonly user: string | undefined;
}

/** Reads `payload.time.signature`. Undefined: it is no session of Flask's. */
export function readFlaskSession(value: string): FlaskSession | undefined {
  if (!SHAPE.test(value)) return undefined;
  const isPacked = value.startsWith('.');
  const [payload = ''] = value.slice(isPacked ? 1 : 0).split('.', 1);
  try {
    const bytes = Buffer.from(payload, 'base64url');
    const text = isPacked ? inflateSync(bytes, { maxOutputLength: MOST_BYTES }) : bytes;
    const session: unknown = parseJson(text.toString());
    return isPlainObject(session) ? { user: userOf(session) } : undefined;
  } catch {
    // A token of three parts that is something else.
    return undefined;
  }
}

function userOf(session: Readonly<Record<string, unknown>>): string | undefined {
  for (const field of FIELDS) {
    const value = Object.hasOwn(session, field) ? session[field] : undefined;
    if (typeof value === 'number' && Number.isFinite(value)) return String(value);
    if (typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME && value.isWellFormed())
      return value;
  }
  return undefined;
}
