/** The hashes by which the scripts and styles that stand in a built page run (CSP Level 3, 2.3.1 and 6.7.3.3). */
import { createHash } from 'node:crypto';
import { Foreign, type ForeignTag } from './foreign.ts';
import { foreignText } from './foreign-text.ts';
import { passedOver } from './no-tag.ts';

/** Sources for `script-src` and `style-src`, each once. */
export interface PageHashes {
  readonly scripts: readonly string[];
  readonly styles: readonly string[];
}

/** Scripts by these types are asked about; all other types are data, which no policy stops. */
const RUNS =
  /^(?:|module|importmap|speculationrules|(?:application|text)\/(?:x-)?(?:java|ecma)script|text\/(?:jscript|livescript|javascript1\.[0-5]))$/i;

/** Elements whose content is text up to their end tag, whatever looks like markup in it (HTML standard, 13.2.6). */
const TEXT_ONLY = new Set(['script', 'style', 'textarea', 'title', 'xmp', 'iframe', 'noembed', 'noframes']);

const HASHED = new Set(['script', 'style']);

const NAME_END = /[\s/>]/g;

/**
 * Reads a page that a build has written. Where it reads another text than a browser does, that script is stopped. Texts that a
 * browser runs later or never, in a template or in `noscript`, have their hashes too: the build has written them, and a shadow
 * root runs them.
 */
export function hashesOfPage(page: string): PageHashes {
  // A parser turns every kind of line end into this one before anybody hashes it.
  const html = page.replace(/\r\n?/g, '\n');
  const scripts = new Set<string>();
  const styles = new Set<string>();
  const foreign = new Foreign();
  let at = 0;
  for (;;) {
    const open = html.indexOf('<', at);
    if (open === -1) break;
    const passed = passedOver(html, open, foreign.inside);
    if (passed !== open) {
      if (passed === undefined) break;
      at = passed;
      continue;
    }
    const tag = readTag(html, open + 1);
    if (tag === undefined) break;
    at = tag.end;
    const { inside } = foreign;
    foreign.note(tag);
    // The rest is text, and no end tag ends it.
    if (tag.name === 'plaintext' && !inside) break;
    const ofForeign = inside && foreign.inside;
    if (ofForeign ? tag.closed || !HASHED.has(tag.name) : inside || !TEXT_ONLY.has(tag.name)) continue;
    const found = ofForeign ? foreignText(html, at) : plainText(html, tag.name, at);
    if (found === undefined) break;
    const { text } = found;
    at = found.end;
    if (text === undefined || text.trim() === '') continue;
    if (tag.name === 'style') styles.add(hashSource(text));
    if (tag.name !== 'script' || tag.attributes.has('src')) continue;
    if (RUNS.test((tag.attributes.get('type') ?? '').trim())) scripts.add(hashSource(text));
  }
  return { scripts: [...scripts], styles: [...styles] };
}

/** How a policy names a text. */
export function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;
}

interface Tag extends ForeignTag {
  /** Behind its `>`. */
  readonly end: number;
}

/** @returns undefined where the page ends within the tag */
function readTag(html: string, from: number): Tag | undefined {
  // The slash of an end tag is a part of its name here.
  const nameEnd = next(html, NAME_END, from + 1);
  if (nameEnd === undefined) return undefined;
  const name = html.slice(from, nameEnd).toLowerCase();
  const attributes = new Map<string, string>();
  let at = nameEnd;
  for (;;) {
    const before = at;
    at = skip(html, at, /[\s/]/);
    if (at >= html.length) return undefined;
    // A slash that ends a value without quotes belongs to the value.
    const closed = at > before && html[at - 1] === '/';
    if (html[at] === '>') return { name, attributes, closed, end: at + 1 };
    const start = at;
    // An equals sign at its start belongs to the name.
    at = skip(html, at + 1, /[^\s/>=]/);
    const key = html.slice(start, at).toLowerCase();
    const equals = skip(html, at, /\s/);
    if (html[equals] !== '=') {
      if (!attributes.has(key)) attributes.set(key, '');
      at = equals;
      continue;
    }
    at = skip(html, equals + 1, /\s/);
    const quote = html[at];
    let value: string;
    if (quote === '"' || quote === "'") {
      const end = html.indexOf(quote, at + 1);
      if (end === -1) return undefined;
      value = html.slice(at + 1, end);
      at = end + 1;
    } else {
      const end = skip(html, at, /[^\s>]/);
      value = html.slice(at, end);
      at = end;
    }
    if (!attributes.has(key)) attributes.set(key, value);
  }
}

function skip(html: string, from: number, over: RegExp): number {
  let at = from;
  while (at < html.length && over.test(html[at] ?? '')) at += 1;
  return at;
}

function next(html: string, pattern: RegExp, from: number): number | undefined {
  pattern.lastIndex = from;
  return pattern.exec(html)?.index;
}

function plainText(html: string, name: string, from: number): { text: string; end: number } | undefined {
  const end = next(html, new RegExp(`</${name}(?=[\\s/>])`, 'gi'), from);
  return end === undefined ? undefined : { text: html.slice(from, end), end };
}
