/** What begins with `<` in a page and is no tag (HTML standard, 13.2.5). */

export const CDATA = '<![CDATA[';

/**
 * Where to go on at a `<` that begins no tag: behind it, or behind the comment. The place itself: it begins one. Undefined: the
 * page ends within.
 */
export function passedOver(html: string, open: number, inForeign: boolean): number | undefined {
  if (html.startsWith('<!--', open)) return commentEnd(html, open);
  if (inForeign && isCdata(html, open)) return cdataEnd(html, open);
  const after = html[open + 1] ?? '';
  if (!/[a-z/!?]/i.test(after)) return open + 1;
  if (/[a-z]/i.test(after) || (after === '/' && /[a-z]/i.test(html[open + 2] ?? ''))) return open;
  // What is no comment and no tag is passed over up to the next `>`, whatever quotes stand in it.
  const end = html.indexOf('>', open + 2);
  return end === -1 ? undefined : end + 1;
}

const COMMENT_END = /--!?>/g;

/** Behind the comment that begins at a place. `<!-->` and `<!--->` are whole, `<!--!>` is not. */
export function commentEnd(html: string, open: number): number | undefined {
  COMMENT_END.lastIndex = open + 2;
  let end = COMMENT_END.exec(html);
  if (end !== null && end[0] === '--!>' && end.index < open + 4) {
    COMMENT_END.lastIndex = open + 4;
    end = COMMENT_END.exec(html);
  }
  return end === null ? undefined : end.index + end[0].length;
}

/** Whether CDATA begins there, if it is of foreign content; elsewhere that is a comment of another form. */
export function isCdata(html: string, open: number): boolean {
  return html.startsWith(CDATA, open);
}

/** Behind the CDATA that begins at a place. Undefined: it does not end. */
export function cdataEnd(html: string, open: number): number | undefined {
  const end = html.indexOf(']]>', open + CDATA.length);
  return end === -1 ? undefined : end + 3;
}
