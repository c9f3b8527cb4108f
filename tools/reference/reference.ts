/** docs/reference/: every public name, its signature and its comment, a page for each subpath of the package. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiItem, describe } from './api.ts';
import { type DocComment, readDocComment } from './doc-comment.ts';
import { type Declaration, Modules } from './modules.ts';
import { type Page, writeIndex, writePage } from './page.ts';
import { withSections } from './sections.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = 'docs/reference';

/** The reference, and what it has no words for. */
export interface Reference {
  readonly documents: readonly { readonly path: string; readonly text: string }[];
  /** Public names, methods and option fields without a comment, as `file: name`. */
  readonly silent: readonly string[];
}

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly 'bulwark-source': string }>>;
}

/** Reads the sources and writes the pages. */
export function writeReference(): Reference {
  return Modules.open(ROOT, (modules) => {
    const items = new Map<Declaration, ApiItem>();
    const subpaths = entriesOf(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest).map(
      ([subpath, entry]) => ({ subpath, entry, names: modules.exportsOf(entry) }),
    );
    const exported = new Set(
      subpaths.flatMap(({ names }) => [...names.values()].map(({ declaration }) => declaration)),
    );
    const values = new Set(
      subpaths.flatMap(({ names }) =>
        [...names.values()].flatMap(({ declaration, isTypeOnly }) => (isTypeOnly ? [] : [declaration])),
      ),
    );
    // A set hands out what is added while it is read: what the signatures name, and what those name.
    const reached = new Set(exported);
    for (const declaration of reached) {
      const item = withSections(describe(declaration, !values.has(declaration), modules), modules);
      items.set(declaration, item);
      // What options become is for the rooms that read them.
      for (const used of item.uses) if (!used.name.endsWith('Settings')) reached.add(used);
    }
    const pages: Page[] = subpaths.map(({ subpath, entry, names }) => ({
      path: `${FOLDER}/${subpath === '' ? 'bulwark' : subpath.replaceAll('/', '-')}.md`,
      title: `\`${subpath === '' ? 'bulwark' : `bulwark/${subpath}`}\``,
      about: headerOf(modules.file(entry).text),
      names: [...names].map(([name, { declaration }]) => ({ name, declaration })),
    }));
    pages.push({
      path: `${FOLDER}/types.md`,
      title: 'Types that have no subpath',
      about:
        'What the signatures of the other pages name and no subpath exports. Options are written as plain objects; the rest is handed in or handed out.',
      names: [...reached]
        .filter((declaration) => !exported.has(declaration))
        .map((declaration) => ({ name: declaration.name, declaration })),
    });
    return {
      documents: [
        ...pages.map((page) => ({ path: page.path, text: writePage(page, pages, items) })),
        { path: `${FOLDER}/README.md`, text: writeIndex(pages) },
      ],
      silent: [...items.values()].flatMap(silentIn).toSorted(),
    };
  });
}

function entriesOf({ exports }: Manifest): [subpath: string, entry: string][] {
  return Object.entries(exports).flatMap(([subpath, to]): [string, string][] =>
    typeof to === 'string' ? [] : [[subpath.slice(2), to['bulwark-source'].slice(2)]],
  );
}

/** What a file says of itself before anything else. */
function headerOf(text: string): string {
  const header = /^\/\*\*[^]*?\*\//.exec(text)?.[0];
  const { description } = readDocComment(header ?? '');
  return description.replace(/^`bulwark[^`]*`: (.)/, (_, first: string) => first.toUpperCase());
}

function silentIn({ name, path, comment, members }: ApiItem): string[] {
  const isOption = name.endsWith('Options');
  // The methods of somebody else's object are told of in the documentation of that.
  if (comment?.description.startsWith('What is used of ') === true) return [];
  const silent = members.filter(
    (member) => (member.isMethod || isOption) && member.name !== '' && !says(member.comment),
  );
  return [
    ...(says(comment) ? [] : [`${path}: ${name}`]),
    ...silent.map((member) => `${path}: ${name}.${member.name}`),
  ];
}

function says(comment: DocComment | undefined): boolean {
  return (
    comment !== undefined &&
    [comment.description, comment.returns, ...comment.throws].some((part) => part !== '')
  );
}
