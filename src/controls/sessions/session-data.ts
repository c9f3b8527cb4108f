/** The application's own values in a session: a JSON object, merged key by key. */
import { BulwarkError } from '../../core/errors.ts';

/** What a session can hold. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** No values, as stored. */
export const NO_DATA = '{}';

/**
 * The values of stored data. A Map, so that no key (`__proto__`, `constructor`) reaches a prototype.
 *
 * @throws BulwarkError ERR_BULWARK_STORE where the store gave back something that was never stored
 */
export function readValues(data: string): Map<string, JsonValue> {
  if (data === NO_DATA) return new Map();
  try {
    return new Map(Object.entries(JSON.parse(data) as Record<string, JsonValue>));
  } catch (error) {
    throw new BulwarkError('ERR_BULWARK_STORE', 'The data of a session is not what was stored.', {
      cause: error,
    });
  }
}

/** Values as they are stored. `fromEntries` makes each an own property, whatever its name. */
export function writeValues(values: ReadonlyMap<string, JsonValue>): string {
  return JSON.stringify(Object.fromEntries(values));
}

/**
 * A value as it will come back from the store, so that the rest of this request sees what the next one will.
 *
 * @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT where JSON has no such value
 */
export function asStored(key: string, value: JsonValue): JsonValue {
  let text: string | undefined;
  let cause: unknown;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    cause = error;
  }
  if (text === undefined) {
    throw new BulwarkError(
      'ERR_BULWARK_INVALID_ARGUMENT',
      `The session value '${key}' has no form in JSON. To remove it, call delete('${key}').`,
      { cause },
    );
  }
  return JSON.parse(text) as JsonValue;
}
