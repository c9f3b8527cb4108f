/** Rows of the tables that every control or rule must stand in, where a room has them beside itself. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const SOURCE = join(import.meta.dirname, '../../src');

/** What a room's `*.rows.test.ts` exports. */
interface Rows {
  /** Of test/check/expected.ts, by the id of a rule. */
  readonly CHECK_ROWS?: object;
  /** Of src/layer/modes.test.ts, one for each guard at least. */
  readonly MODE_ROWS?: readonly object[];
}

/** What every room has beside itself. */
export async function rowsOfRooms(): Promise<readonly Rows[]> {
  const files = globSync('**/*.rows.test.ts', { cwd: SOURCE });
  return Promise.all(files.map((file) => import(pathToFileURL(join(SOURCE, file)).href) as Promise<Rows>));
}
