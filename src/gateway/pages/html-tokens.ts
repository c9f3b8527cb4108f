/** The tokenizer of pages: parse5's, which reads markup as browsers do. Loaded where it is used, and named where it is missing. */
import { loadPackage } from '../../core/optional-package.ts';

/** Reads a page in pieces of text, and tells of tags and text as they come. */
export type HtmlTokens = typeof import('parse5-sax-parser').SAXParser;

/**
 * What pages are read with.
 *
 * @throws BulwarkError ERR_BULWARK_PACKAGE_MISSING
 */
export async function loadHtmlTokens(): Promise<HtmlTokens> {
  const { SAXParser } = await loadPackage('parse5-sax-parser', () => import('parse5-sax-parser'));
  return SAXParser;
}
