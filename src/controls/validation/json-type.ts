/** What a Content-Type says of JSON, as widely as parsers take it: what they read and we do not is judged by nobody. */
import { isAscii } from 'node:buffer';

/**
 * Whether some parser takes a body of this type for JSON. They find the name at any length, in front of any suffix, after
 * blanks of any kind (`trim` of JavaScript and `strip` of Python take a no-break space along), or as no more than a part
 * of the type. Other formats that are named after JSON are none.
 */
export function isJsonType(type: string): boolean {
  const [essence = ''] = type.split(';', 1);
  return /json/i.test(essence) && !OTHER_FORMAT.test(essence);
}

const OTHER_FORMAT = /^\s*\w+\/(?:x-)?(?:ndjson|jsonl|jsonlines|json-lines|json-seq|json5|jsonp)\s*$/i;

/**
 * Whether bytes that were read as UTF-8 are the same text to a reader that goes by the charset of their type: some do, and
 * in UTF-7 `+AGE-` is a letter. What extends ASCII is, where there is nothing but ASCII.
 */
export function isReadAlike(type: string, bytes: Uint8Array): boolean {
  const named = type.match(/charset/gi)?.length ?? 0;
  if (named === 0) return true;
  const charsets = [...type.matchAll(CHARSET)].map(([, , name = '']) => name.toLowerCase());
  // One of them is written so that readers may find another than is found here.
  if (charsets.length !== named) return false;
  return charsets.every((name) => UTF_8.has(name) || (EXTENDS_ASCII.test(name) && isAscii(bytes)));
}

const CHARSET = /;\s*charset\s*=\s*("?)([\w-]+)\1\s*(?=;|$)/gi;
const UTF_8: ReadonlySet<string> = new Set(['utf-8', 'utf8']);
const EXTENDS_ASCII = /^(?:us-ascii|ascii|latin-?1|iso-?8859-?\d{1,2}|windows-125\d|cp125\d)$/;
