/** A tree of two gigabytes out of one that is there: copies of it, each a link to the same bytes, so that it takes no room. */
import { globSync, linkSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What was made. */
export interface LargeTree {
  readonly files: number;
  readonly bytes: number;
  readonly copies: number;
}

const MOST_BYTES = 2e9;
/** The check itself reads no more. */
const MOST_FILES = 100_000;

/** Makes it in a folder of the same file system. */
export function makeLargeTree(from: string, to: string, bytes: number = MOST_BYTES): LargeTree {
  const all = globSync('**/*', { cwd: from, withFileTypes: true }).filter((one) => one.isFile());
  const files = all.map((one) => {
    const path = join(one.parentPath, one.name);
    return { path, short: path.slice(from.length + 1), size: statSync(path).size };
  });
  const made = { files: 0, bytes: 0, copies: 0 };
  while (files.length > 0 && made.bytes < bytes && made.files + files.length <= MOST_FILES) {
    made.copies += 1;
    for (const { path, short, size } of files) {
      const target = join(to, `copy${made.copies}`, short);
      mkdirSync(dirname(target), { recursive: true });
      linkSync(path, target);
      made.files += 1;
      made.bytes += size;
    }
  }
  return made;
}
