/** The files of a project that `init` looks at, and those that nobody could. */
import { join } from 'node:path';
import { BINARY, type ReadText, readText } from '../source/read-text.ts';
import { type NotLooked, walkTree } from '../source/walk-tree.ts';
import type { OtherText } from './left-words.ts';
import { type ModuleFacts, readModule } from './read-module.ts';
import { shownPath } from './shown-path.ts';

/** What was found. */
export interface Project {
  /** Files that name something of a server. */
  readonly modules: readonly ModuleFacts[];
  /** Where packages are to go: every other file that imports one. */
  readonly further: readonly ModuleFacts[];
  /** Where packages are to go: files that nothing is changed in, and that may use them all the same. */
  readonly others: readonly OtherText[];
  readonly python: ReadonlyMap<string, string>;
  /** A line for each file that may be of the application, and is not known. */
  readonly unread: readonly string[];
}

const LIMITS = { files: 20_000, fileBytes: 400_000, depth: 24 };
/** Of what is searched for words alone. */
const OTHER_BYTES = 4_000_000;
const SOURCE = /\.[cm]?[jt]s$/;
/** Nobody's application: tests, what was built, what browsers are sent, and what others wrote. */
const ASIDE =
  /(?:^|\/)(?:tests?|__tests__|spec|e2e|examples?|fixtures|dist|build|out|coverage|public|static|assets|vendor|docs?|bench(?:marks?)?)\/|\.(?:test|spec|d)\.[cm]?[jt]s$|\.min\.js$/;
/** What is compiled to JavaScript, by something else than Node.js. */
const COMPILED = /\.(?:[jt]sx|coffee|ls|vue|svelte|astro)$/;
const MENTIONS =
  /\b(?:express|fastify|hono|createServer|session|sessionID|sessionStore|csrfToken|helmet|csurf|rateLimit)\b/;

/** Reads it. With packages to take out every file counts that may use one: what nobody read is no reason to be sure. */
export async function readProject(root: string, takesOut: boolean): Promise<Project> {
  const project = {
    modules: new Array<ModuleFacts>(),
    further: new Array<ModuleFacts>(),
    others: new Array<OtherText>(),
    python: new Map<string, string>(),
    unread: new Array<string>(),
  };
  const onCut = ({ path, why }: NotLooked): void =>
    void project.unread.push(`${shownPath(path)} was not looked at: ${why}`);
  const onLeftOut = (what: NotLooked): void => {
    if (takesOut && what.why.startsWith('a link')) onCut(what);
  };
  for await (const path of walkTree(root, LIMITS, { onLeftOut, onCut })) {
    const isAside = ASIDE.test(path);
    const isScript = SOURCE.test(path) || /(?:^|\/)bin\/\w+$/.test(path);
    const at = join(root, path);
    if (!isAside && isScript) readOwn(path, readText(at, LIMITS.fileBytes));
    else if (!isAside && path.endsWith('.py')) readPython(path, readText(at, LIMITS.fileBytes));
    else if (takesOut && (isScript || COMPILED.test(path) || isNameless(path)))
      readOther(path, readText(at, OTHER_BYTES));
  }
  return project;

  function readOther(path: string, read: ReadText): void {
    // A program of the system is no script.
    if (isNameless(path) && !('text' in read && /^#!.*\bnode\b/.test(read.text))) return;
    if ('why' in read) onCut({ path, why: read.why });
    else project.others.push({ path, text: read.text });
  }

  function readPython(path: string, read: ReadText): void {
    if ('text' in read && /\bFlask\s*\(/.test(read.text)) project.python.set(path, read.text);
  }

  function readOwn(path: string, read: ReadText): void {
    if ('why' in read) {
      // A program for a machine may lie in bin/ too.
      if (SOURCE.test(path) || read.why !== BINARY) onCut({ path, why: read.why });
      return;
    }
    const mentions = MENTIONS.test(read.text);
    if (!mentions && !takesOut) return;
    const module = readModule(path, read.text);
    if (module !== undefined) (mentions ? project.modules : project.further).push(module);
    else if (mentions)
      project.unread.push(`${shownPath(path)} could not be read as JavaScript or TypeScript`);
  }
}

function isNameless(path: string): boolean {
  return /(?:^|\/)[\w-]+$/.test(path);
}
