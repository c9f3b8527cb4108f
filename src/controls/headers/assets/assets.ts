/**
 * `bulwark/assets`: scripts and styles of a folder, each with the hash of what it was at the start (Subresource Integrity). A
 * file that somebody changes afterwards, in the folder or at a CDN before it, runs in no browser; and with
 * `headers: { integrityPolicy: 'enforce' }` no script runs that nobody has written down here.
 */
import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { BulwarkError } from '../../../core/errors.ts';
import { nearest } from '../../../core/nearest.ts';
import { escapeHtml } from '../../../ui/escape-html.ts';
import { ASSETS_CALLS } from './assets.calls.ts';

/** Where the files of a folder are, and whether they change. */
export interface AssetsOptions {
  /** The path below which the folder is served. Default `/`. */
  readonly at?: string;
  /** Looks at each file again before it is named: for development, where they change while the application runs. Default false. */
  readonly changing?: boolean;
}

/** What of a folder scripts and styles are. */
const KINDS = /\.(?:m?js|css)$/;
/** Past any site, and little enough for a start: a folder with more is one that was meant for something else. */
const MOST_FILES = 10_000;

interface Known {
  readonly file: string;
  readonly integrity: string;
  /** When it was changed, and how long it is. */
  readonly stamp: string;
}

/** The scripts and styles of one folder. */
export class Assets {
  readonly #known = new Map<string, Known>();
  readonly #changing: boolean;

  private constructor(folder: string, { at = '/', changing = false }: AssetsOptions) {
    this.#changing = changing;
    for (const file of filesOf(folder)) {
      const path = at + relative(folder, file).split(sep).map(encodeURIComponent).join('/');
      this.#known.set(
        path,
        readable('Assets.of: folder: one of its files', () => read(file)),
      );
    }
  }

  /**
   * Reads a folder, once. Links, to files and to folders, and what begins with a dot are passed over.
   *
   * @example
   * ```ts
   * const assets = Assets.of('public', { at: '/static/' });
   * const page = `<!doctype html>${assets.script('/static/app.js', bulwark.of(request).nonce)}`;
   * ```
   * @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT where the folder cannot be read, or has over 10,000 scripts and styles
   */
  static of(folder: string, options: AssetsOptions = {}): Assets {
    ASSETS_CALLS.of(folder, options);
    return new Assets(folder, options);
  }

  /** The value for `integrity`: SHA-384. @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT for a path that is none of these */
  integrity(path: string): string {
    ASSETS_CALLS.integrity(path);
    return this.#find(path, 'integrity');
  }

  /** A script, with its hash, and `crossorigin`, without which browsers under an Integrity-Policy do not look at the hash. */
  script(path: string, nonce: string): string {
    ASSETS_CALLS.script(path, nonce);
    return `<script src="${escapeHtml(path)}"${this.#attributes(path, 'script')} nonce="${escapeHtml(nonce)}"></script>`;
  }

  /** A module. What it imports is held to its hash by {@link importMap} alone. */
  module(path: string, nonce: string): string {
    ASSETS_CALLS.module(path, nonce);
    return `<script type="module" src="${escapeHtml(path)}"${this.#attributes(path, 'module')} nonce="${escapeHtml(nonce)}"></script>`;
  }

  /** A style sheet. */
  style(path: string, nonce: string): string {
    ASSETS_CALLS.style(path, nonce);
    return `<link rel="stylesheet" href="${escapeHtml(path)}"${this.#attributes(path, 'style')} nonce="${escapeHtml(nonce)}">`;
  }

  /** Has a browser fetch a module before it is asked for. */
  preload(path: string): string {
    ASSETS_CALLS.preload(path);
    return `<link rel="modulepreload" href="${escapeHtml(path)}"${this.#attributes(path, 'preload')}>`;
  }

  /**
   * The import map of a page: names for modules, and the hash of every script of the folder, for whatever imports it. Ahead of
   * the first module of the page.
   *
   * @param imports - by the name that modules import: `{ app: '/static/app.js' }`
   */
  importMap(imports: Readonly<Record<string, string>>, nonce: string): string {
    ASSETS_CALLS.importMap(imports, nonce);
    for (const path of Object.values(imports)) this.#find(path, 'importMap');
    const scripts = [...this.#known.keys()].filter((path) => !path.endsWith('.css'));
    const integrity = Object.fromEntries(scripts.map((path) => [path, this.#find(path, 'importMap')]));
    // A name with `</script>` in it would end the map.
    const json = JSON.stringify({ imports, integrity }).replaceAll('<', '\\u003c');
    return `<script type="importmap" nonce="${escapeHtml(nonce)}">${json}</script>`;
  }

  #attributes(path: string, called: string): string {
    return ` integrity="${this.#find(path, called)}" crossorigin="anonymous"`;
  }

  #find(path: string, called: string): string {
    const known = this.#known.get(path);
    if (known === undefined) throw unknown(path, called, [...this.#known.keys()]);
    if (!this.#changing) return known.integrity;
    const fresh = readable(`assets.${called}: path: its file`, () =>
      stampOf(known.file) === known.stamp ? known : read(known.file),
    );
    this.#known.set(path, fresh);
    return fresh.integrity;
  }
}

function filesOf(folder: string): readonly string[] {
  const files: string[] = [];
  // By hand: the walk of Node.js follows links to folders, out of this one and in circles.
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for (const entry of entriesOf(next)) {
      if (entry.name.startsWith('.')) continue;
      const path = join(next, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile() && KINDS.test(entry.name)) files.push(path);
    }
    if (files.length > MOST_FILES)
      throw new BulwarkError(
        'ERR_BULWARK_INVALID_ARGUMENT',
        `Assets.of: folder: it has over ${MOST_FILES} scripts and styles: name the one that pages load from`,
      );
  }
  return files.toSorted();
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    throw new BulwarkError(
      'ERR_BULWARK_INVALID_ARGUMENT',
      'Assets.of: folder: it must be a folder that can be read',
    );
  }
}

/** What a look at a file finds; where it is gone or locked, an error that says which call needed it. */
function readable(what: string, look: () => Known): Known {
  try {
    return look();
  } catch {
    throw new BulwarkError(
      'ERR_BULWARK_INVALID_ARGUMENT',
      `${what} cannot be read: it was deleted, or its permissions do not let this process; build it again`,
    );
  }
}

function read(file: string): Known {
  const stamp = stampOf(file);
  return {
    file,
    integrity: `sha384-${createHash('sha384').update(readFileSync(file)).digest('base64')}`,
    stamp,
  };
}

function stampOf(file: string): string {
  const { mtimeMs, size } = statSync(file);
  return `${mtimeMs}/${size}`;
}

function unknown(path: string, called: string, paths: readonly string[]): BulwarkError {
  const guess = nearest(path, paths);
  const fix = guess === undefined ? 'it was not there at the start' : `did you mean ${guess}?`;
  return new BulwarkError(
    'ERR_BULWARK_INVALID_ARGUMENT',
    `assets.${called}: path: no file of the folder has it; ${fix}`,
  );
}
