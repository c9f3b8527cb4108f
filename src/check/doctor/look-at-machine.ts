/** What the machine and its files say: the version of Node.js, and who may read what only the application should. */
import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { join, resolve } from 'node:path';
import { lastDayOf } from '../source/dependencies/runtime-lives.ts';
import { error, good, type Symptom, warning } from './symptom.ts';

const DAY_MS = 86_400_000;
const SOON_MS = 90 * DAY_MS;

/** @param now - milliseconds since 1970 */
export function lookAtNode(version: string, now: number): Symptom {
  const life = lastDayOf('node', version);
  if (life === undefined) return good('node', `Node.js ${version}; when its releases end is not known here.`);
  const left = Date.parse(life.day) + DAY_MS - now;
  const fix = 'move to the newest release that is marked LTS: https://nodejs.org/en/about/previous-releases';
  if (left <= 0) return error('node', `Node.js ${version} is mended no more since ${life.day}.`, fix);
  if (left < SOON_MS)
    return warning('node', `Node.js ${version} is mended until ${life.day}, and no longer.`, fix);
  return good('node', `Node.js ${version}, mended until ${life.day}.`);
}

/** Where secrets and state lie, as far as that is known by name. */
export interface Places {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whose files they should be. Undefined: nobody can say, as on Windows. */
  readonly uid: number | undefined;
}

const STATE = /^bulwark\.db(?:-wal|-shm)?$/;
const OTHERS_READ = 0o044;
const OTHERS_WRITE = 0o022;
const OTHERS = 0o077;

/** Looks at modes and owners; nothing is opened. */
export function lookAtFiles({ directory, environment, uid }: Places): readonly Symptom[] {
  if (uid === undefined) return [];
  const secret = environment['BULWARK_SECRET_FILE'];
  const files = [
    join(directory, '.env'),
    ...(secret === undefined || secret === '' ? [] : [resolve(directory, secret)]),
    ...stateIn(join(directory, 'data')),
  ];
  const found = files.flatMap((path) => {
    const facts = lstatSync(path, { throwIfNoEntry: false });
    return facts === undefined ? [] : [{ path, facts }];
  });
  const bad = found.flatMap(({ path, facts }) => faultOf(path, facts, uid) ?? []);
  return bad.length > 0 || found.length === 0
    ? bad
    : [good('files', `${found.length} files with secrets or state are for this user alone.`)];
}

function stateIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).flatMap((name) => (STATE.test(name) ? [join(folder, name)] : []));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return [];
    throw cause;
  }
}

function faultOf(path: string, facts: Stats, uid: number): Symptom | undefined {
  // The modes of a link say nothing; where it leads is looked at by name, where it has one of these.
  if (facts.isSymbolicLink()) return undefined;
  const mode = (facts.mode & 0o777).toString(8).padStart(3, '0');
  const fix = `chmod 600 ${path}`;
  if ((facts.mode & OTHERS_WRITE) !== 0)
    return error('files', `${path} may be written by others (${mode}).`, fix);
  if ((facts.mode & OTHERS_READ) !== 0)
    return error('files', `${path} may be read by others (${mode}).`, fix);
  if ((facts.mode & OTHERS) !== 0) return warning('files', `${path} is open to others (${mode}).`, fix);
  if (facts.uid !== uid && facts.uid !== 0)
    return warning('files', `${path} belongs to another user (${facts.uid}).`, `chown ${uid} ${path}`);
  return undefined;
}
