/** Reads a urlencoded form so that a form on a page can send exactly the same again, or not at all. */

/** One field, as it was sent: its name and its value. */
export type FormField = readonly [name: string, value: string];

/** More than a person fills in; each becomes an element of a page. */
const MOST_FIELDS = 1000;

/**
 * The fields of a body, in their order. Undefined: it is none that a browser's own form makes. Another one would come back
 * changed: HTML has no NUL, a form has no field without a name, and ends each line of a value by CR LF.
 */
export function readForm(body: Buffer): readonly FormField[] | undefined {
  const text = body.toString('latin1');
  if (text === '') return [];
  if (!/^[\x21-\x7e]+$/.test(text)) return undefined;
  const pairs = text.split('&', MOST_FIELDS + 1);
  if (pairs.length > MOST_FIELDS) return undefined;
  const fields: FormField[] = [];
  for (const pair of pairs) {
    const field = readPair(pair);
    if (field === undefined) return undefined;
    fields.push(field);
  }
  return fields;
}

function readPair(pair: string): FormField | undefined {
  const at = pair.indexOf('=');
  if (at < 1) return undefined;
  const name = decode(pair.slice(0, at));
  const value = decode(pair.slice(at + 1));
  return name === undefined || value === undefined ? undefined : [name, value];
}

// Strict, where URLSearchParams puts U+FFFD in the place of what is no UTF-8 and takes a bare percent sign for itself.
function decode(text: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
  return UNSENDABLE.test(decoded) ? undefined : decoded;
}

const UNSENDABLE = /\0|\r(?!\n)|(?<!\r)\n/;
