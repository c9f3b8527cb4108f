/** What the site is made of: every document of the repository, and every file that one of them links to. */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, posix } from 'node:path';

export const ROOT: string = join(import.meta.dirname, '..');

/** One document: Markdown, with its place in the repository and on the site. */
export interface Document {
  /** In the repository, such as `docs/guides/csp.md`. */
  readonly path: string;
  /** On the site, such as `/guides/csp.html`. */
  readonly url: string;
  readonly title: string;
  readonly text: string;
}

/** A file that documents link to: shown as it is, or copied where a browser shows it by itself. */
export interface LinkedFile {
  readonly path: string;
  readonly url: string;
  /** A picture; else text, whose page is a listing. */
  readonly picture: boolean;
}

const PATTERNS = [
  '*.md',
  'docs/**/*.md',
  'src/**/*.md',
  'examples/**/*.md',
  'bench/**/*.md',
  'deploy/**/*.md',
  'site/*.md',
];
const PICTURES = new Set(['.png', '.svg']);
/** A link or a picture, by its target: no other site, no place in the same document. */
const LINKS = /\]\((?![a-z]+:|#)([^)#\s]+)/g;

/** Every document, by its path. */
export function readDocuments(): readonly Document[] {
  const names = globSync(PATTERNS, { cwd: ROOT, exclude: (name) => name === 'node_modules' });
  return names.toSorted().map((name) => {
    const path = name.replaceAll('\\', '/');
    const text = readFileSync(join(ROOT, path), 'utf8');
    const title = /^# (.+)$/m.exec(text)?.[1];
    if (title === undefined) throw new Error(`${path} has no heading of the first rank, and so no title`);
    return { path, url: urlOf(path), title: title.replaceAll('`', ''), text };
  });
}

/** What documents link to beside documents. A folder is the list of what is in it. */
export function findLinkedFiles(documents: readonly Document[]): readonly LinkedFile[] {
  const known = new Set(documents.map(({ path }) => path));
  const found = new Set(
    documents.flatMap(({ path, text }) =>
      [...text.matchAll(LINKS)].map(([, target = '']) => posix.join(dirname(path), decodeURI(target))),
    ),
  );
  return [...found]
    .map((path) => path.replace(/\/$/, ''))
    .filter((path) => !known.has(path) && existsSync(join(ROOT, path)))
    .toSorted()
    .map((path) => ({ path, url: urlOf(path), picture: PICTURES.has(extname(path)) }));
}

/**
 * Where a file of the repository is on the site: documents beneath `docs/` at the top, all others at their own path, and a
 * README as the page of its folder.
 */
export function urlOf(path: string): string {
  if (path === 'README.md') return '/';
  const place = path.startsWith('docs/') ? path.slice('docs'.length) : `/${path}`;
  if (basename(path) === 'README.md') return `${dirname(place)}/`;
  if (PICTURES.has(extname(path))) return place;
  // A text has its own name behind it too: `key-ring.ts` and `key-ring.md` are two pages.
  return path.endsWith('.md') ? `${place.slice(0, -'.md'.length)}.html` : `${place}.html`;
}

/** The page of the site that a link of a document leads to; undefined where it leads out of the repository. */
export function resolveLink(from: string, href: string): string | undefined {
  if (href.startsWith('#') || /^[a-z]+:/.test(href)) return undefined;
  const [target = '', fragment] = href.split('#');
  const path = posix.join(dirname(from), decodeURI(target)).replace(/\/$/, '');
  if (!existsSync(join(ROOT, path))) throw new Error(`${from} links to ${href}, which is not there`);
  const place = isFolder(path) && existsSync(join(ROOT, path, 'README.md')) ? join(path, 'README.md') : path;
  return encodeURI(urlOf(place)) + (fragment === undefined ? '' : `#${fragment}`);
}

export function isFolder(path: string): boolean {
  return statSync(join(ROOT, path)).isDirectory();
}
