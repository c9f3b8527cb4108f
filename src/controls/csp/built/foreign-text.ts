/** The text of a script or style within SVG or MathML: read as any text is there, with references, CDATA and comments. */
import { CDATA, cdataEnd, commentEnd, isCdata } from './no-tag.ts';

const MARK = /[<&]/g;
/** Those of XML, which tools for drawings write. HTML has two thousand more. */
const REFERENCE = /&(?:#x([\da-f]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));/iy;
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** What an element of SVG or MathML holds, and where its reader goes on. */
export interface ForeignText {
  /** Undefined: it is not sure what a browser makes of it. */
  readonly text: string | undefined;
  readonly end: number;
}

/**
 * The text of a foreign script or style, as a browser hashes it.
 *
 * @param from - behind its start tag
 */
export function foreignText(html: string, from: number): ForeignText {
  let text = '';
  let sure = true;
  let at = from;
  for (;;) {
    MARK.lastIndex = at;
    const stop = MARK.exec(html)?.index ?? html.length;
    text += html.slice(at, stop);
    if (stop === html.length) return { text: undefined, end: stop };
    if (html[stop] === '&') {
      REFERENCE.lastIndex = stop;
      const found = REFERENCE.exec(html);
      const character = found === null ? loneSign(html, stop) : characterOf(found);
      sure &&= character !== undefined;
      text += character ?? '';
      at = stop + (found?.[0].length ?? 1);
    } else if (isCdata(html, stop)) {
      const end = cdataEnd(html, stop);
      if (end === undefined) return { text: undefined, end: html.length };
      text += html.slice(stop + CDATA.length, end - 3);
      at = end;
    } else if (html.startsWith('<!--', stop)) {
      const end = commentEnd(html, stop);
      if (end === undefined) return { text: undefined, end: html.length };
      at = end;
    } else if (/[a-z/!?]/i.test(html[stop + 1] ?? '')) {
      // Its own end tag, or an element within, whose text is not its own.
      return { text: sure && html[stop + 1] === '/' ? text : undefined, end: stop };
    } else {
      text += '<';
      at = stop + 1;
    }
  }
}

/** An `&` before nothing that could be a name or a number is one. */
function loneSign(html: string, at: number): string | undefined {
  return /[\da-z#]/i.test(html[at + 1] ?? '') ? undefined : '&';
}

function characterOf([, hex, decimal, name]: RegExpExecArray): string | undefined {
  // In small letters alone, but for LT, GT, AMP and QUOT, which mean the same.
  if (name !== undefined) return name === name.toLowerCase() ? NAMED[name] : undefined;
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  // The others are taken for something else.
  const isItself =
    (code >= 0x20 && code < 0x7f) || (code > 0x9f && code < 0xd800) || (code > 0xdfff && code <= 0x10ffff);
  return isItself || code === 9 || code === 10 ? String.fromCodePoint(code) : undefined;
}
