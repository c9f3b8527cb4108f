/** Fields of forms and queries: names and texts, each name once unless it is said to be a list. */
import { isForbiddenName } from './forbidden-name.ts';
import { type InputFault, type InputPlace, pointerTo } from '../../core/input-fault.ts';

/** The fields, or what is wrong with them. */
export type Fields =
  | { readonly ok: true; readonly value: Readonly<Record<string, string | readonly string[]>> }
  | { readonly ok: false; readonly faults: readonly InputFault[] };

const MOST = 1000;

/**
 * Reads `a=b&c=d` (WHATWG URL, application/x-www-form-urlencoded). A name that is there twice is refused, since readers take
 * the first, the last or both (ASVS v5.0.0-15.3.7).
 *
 * @param lists - names that may be there several times: always a list, of one or none as well
 */
export function readFields(place: InputPlace, text: string, lists: readonly string[]): Fields {
  const value = new Map<string, string | string[]>(lists.map((name) => [name, []]));
  const faults: InputFault[] = [];
  const refuse = (name: string, detail: string): void =>
    void faults.push({ in: place, pointer: pointerTo([name]), detail });
  if (!isDecodable(text)) return { ok: false, faults: [{ in: place, pointer: '', detail: NOT_UTF8 }] };
  let count = 0;
  for (const [name, field] of new URLSearchParams(text)) {
    count += 1;
    if (count > MOST) return { ok: false, faults: [{ in: place, pointer: '', detail: TOO_MANY }] };
    const list = value.get(name);
    if (isForbiddenName(name)) refuse(name, 'This name is not taken.');
    else if (Array.isArray(list)) list.push(field);
    else if (list !== undefined) refuse(name, 'This is there more than once.');
    else value.set(name, field);
  }
  return faults.length === 0 ? { ok: true, value: Object.fromEntries(value) } : { ok: false, faults };
}

const NOT_UTF8 = 'It has an escape that is none, or is not UTF-8.';
const TOO_MANY = 'It has too many fields.';

/** URLSearchParams takes what is no escape as it stands, and puts a replacement where bytes are no text. */
function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
