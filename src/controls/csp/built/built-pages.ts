/** The folder that a build has written: its pages, by the path they are served at, and where its scripts lie. */
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Problems } from '../../../core/problems.ts';
import { hashesOfPage, type PageHashes } from './page-hashes.ts';

/** Where a build has written its pages and scripts, and the path below which they are served. */
export interface BuiltFolder {
  readonly folder: string;
  readonly at: string;
  /** The file of the folder that answers at every other path below `at`, if one does. */
  readonly otherwise: string | undefined;
}

/** Past any site, and little enough for a start: a folder with more is one that was meant for something else. */
const MOST_FILES = 20_000;
const MOST_PAGE_BYTES = 8 * 1024 * 1024;
/** Each is some fifty bytes of the head of each answer, and proxies take four thousand. */
const MOST_HASHES = 40;
const MOST_PLACES = 60;

const FIX = "csp: { built: 'dist/client' }, the folder that the build writes its pages to; build first";

/** What of it pages are allowed. */
export class BuiltPages {
  readonly #pages: ReadonlyMap<string, PageHashes>;
  /** Paths of scripts, or of the folders they lie in, as they stand in an address. */
  readonly places: readonly string[];
  readonly #at: string;
  readonly #otherwise: PageHashes | undefined;

  private constructor(
    at: string,
    pages: ReadonlyMap<string, PageHashes>,
    places: readonly string[],
    otherwise: PageHashes | undefined,
  ) {
    this.#at = at;
    this.#pages = pages;
    this.places = places;
    this.#otherwise = otherwise;
  }

  /** Reads the folder, once. Links and what begins with a dot are passed over. Undefined: `problems` says why. */
  static read({ folder, at, otherwise }: BuiltFolder, problems: Problems): BuiltPages | undefined {
    const before = problems.errors.length;
    const refuse = (reason: string, fix: string): undefined =>
      problems.refuse('ERR_BULWARK_INVALID_OPTION', 'csp.built', reason, fix) as undefined;
    let files: readonly string[];
    try {
      files = filesOf(folder);
    } catch {
      // A development server has built nothing yet.
      problems.refuseInProduction(
        'ERR_BULWARK_INVALID_OPTION',
        'csp.built',
        'the folder cannot be read.',
        FIX,
      );
      return undefined;
    }
    if (files.length > MOST_FILES) return refuse(`there are over ${MOST_FILES} files in the folder.`, FIX);
    const pages = new Map<string, PageHashes>();
    for (const file of files) {
      if (!file.endsWith('.html')) continue;
      const name = relative(folder, file).split(sep).join('/');
      if (statSync(file).size > MOST_PAGE_BYTES)
        return refuse('a page of the folder has over 8 MB.', 'name a folder of pages alone');
      const hashes = hashesOfPage(readFileSync(file, 'utf8'));
      if (hashes.scripts.length > MOST_HASHES || hashes.styles.length > MOST_HASHES)
        return refuse(
          `a page has over ${MOST_HASHES} scripts or styles of its own, whose hashes no head can hold.`,
          'have the build write them into files',
        );
      for (const path of pathsOf(name)) pages.set(at + path, hashes);
    }
    const places = placesOf(files.map((file) => relative(folder, file).split(sep)));
    if (places.length > MOST_PLACES)
      return refuse(
        `over ${MOST_PLACES} scripts lie beside the pages, and no head can name them all.`,
        'have the build write scripts into a folder of their own',
      );
    const rest = otherwise === undefined ? undefined : pages.get(at + otherwise);
    if (otherwise !== undefined && rest === undefined)
      return refuse(
        'no page of the folder has the name that otherwise has.',
        "built: { folder: 'dist', otherwise: 'index.html' }",
      );
    return problems.errors.length > before
      ? undefined
      : new BuiltPages(
          at,
          pages,
          places.map((place) => at + place),
          rest,
        );
  }

  /** @param path - decoded */
  find(path: string): PageHashes | undefined {
    return this.#pages.get(path);
  }

  /**
   * The page that answers where the folder has none of that path. Other parts of a site are no part of the build.
   *
   * @param path - decoded
   */
  otherwise(path: string): PageHashes | undefined {
    return `${path}/`.startsWith(this.#at) ? this.#otherwise : undefined;
  }
}

/** What servers of files answer with a page: its own name, and without what is left out of addresses. */
function pathsOf(name: string): readonly string[] {
  const short = /^(?:(.*)\/)?index\.html$/.exec(name);
  if (short === null) return [name, name.slice(0, -'.html'.length)];
  const [, folder] = short;
  return folder === undefined ? [name, ''] : [name, folder, `${folder}/`];
}

/** The folders that scripts lie in, and those beside the pages one by one: an upload beside them is none of the build's. */
function placesOf(files: readonly (readonly string[])[]): readonly string[] {
  const found = new Set<string>();
  for (const parts of files) {
    const [file = ''] = parts.slice(-1);
    if (!/\.m?js$/.test(file)) continue;
    const path = parts.map(encodeURIComponent).join('/');
    found.add(parts.length === 1 ? path : path.slice(0, path.lastIndexOf('/') + 1));
  }
  const places: string[] = [];
  // Sorted, what lies within a folder comes right behind it.
  for (const place of [...found].toSorted()) {
    const last = places.at(-1);
    if (last?.endsWith('/') !== true || !place.startsWith(last)) places.push(place);
  }
  return places;
}

function filesOf(folder: string): readonly string[] {
  const files: string[] = [];
  // By hand: the walk of Node.js follows links to folders, out of this one and in circles.
  const folders = [folder];
  for (let one = folders.pop(); one !== undefined && files.length <= MOST_FILES; one = folders.pop()) {
    const entries: readonly Dirent[] = readdirSync(one, { withFileTypes: true });
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const path = join(one, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) files.push(path);
    }
  }
  return files;
}
