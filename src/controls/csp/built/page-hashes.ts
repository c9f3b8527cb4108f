/** The hashes by which the scripts and styles that stand in a built page run (CSP Level 3, 2.3.1 and 6.7.3.3). */
import { createHash } from 'node:crypto';

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

const NAME_END = /[\s/>]/g;

/**
 * Reads a page that a build has written. Where it reads another text than a browser does, that script is stopped, and none
 * is let in.
 */
export function hashesOfPage(html: string): PageHashes {
  const scripts = new Set<string>();
  const styles = new Set<string>();
  let at = 0;
  for (;;) {
    const open = html.indexOf('<', at);
    if (open === -1) break;
    if (html.startsWith('<!--', open)) {
      const end = html.indexOf('-->', open + 2);
      if (end === -1) break;
      at = end + 3;
      continue;
    }
    if (!/[a-z/!?]/i.test(html[open + 1] ?? '')) {
      at = open + 1;
      continue;
    }
    const tag = readTag(html, open + 1);
    if (tag === undefined) break;
    at = tag.end;
    if (!TEXT_ONLY.has(tag.name)) continue;
    const close = endTag(html, tag.name, at);
    if (close === undefined) break;
    // A parser turns every kind of line end into this one before anybody hashes it.
    const text = html.slice(at, close).replace(/\r\n?/g, '\n');
    at = close;
    if (text.trim() === '') continue;
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

interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Behind its `>`. */
  readonly end: number;
}

/** @returns undefined where the page ends within the tag */
function readTag(html: string, from: number): Tag | undefined {
  const nameEnd = next(html, NAME_END, from);
  if (nameEnd === undefined) return undefined;
  const name = html.slice(from, nameEnd).toLowerCase();
  const attributes = new Map<string, string>();
  let at = nameEnd;
  for (;;) {
    at = skip(html, at, /[\s/]/);
    if (at >= html.length) return undefined;
    if (html[at] === '>') return { name, attributes, end: at + 1 };
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

function endTag(html: string, name: string, from: number): number | undefined {
  return next(html, new RegExp(`</${name}(?=[\\s/>])`, 'gi'), from);
}
