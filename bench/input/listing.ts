/** The first page of a list of files, by how many there are. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { rowsOf } from '../../src/files/file-room.ts';
import { sqlite } from 'bulwark/sqlite';

/** Microseconds that the first page took, each turn, of an account with so many files. */
export interface ListingFigures {
  readonly files: number;
  readonly wall: readonly number[];
}

const PAGE = 50;
const TURNS = 200;

/** Has two accounts of one database take turns. */
export async function measureListing(): Promise<readonly ListingFigures[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-bench-'));
  const state = sqlite(folder);
  try {
    const rows = rowsOf(state.files);
    // Makes the tables.
    await rows.list('nobody', undefined, PAGE);
    const figures = [1_000, 1_000_000].map((files) => ({ files, wall: [] as number[] }));
    for (const { files } of figures) fill(join(folder, 'bulwark.db'), files);
    for (let turn = 0; turn < TURNS; turn += 1) {
      for (const { files, wall } of figures) {
        const begun = performance.now();
        const page = await rows.list(String(files), undefined, PAGE);
        wall.push((performance.now() - begun) * 1000);
        if (page.length !== PAGE) throw new Error(`a page of ${page.length}`);
      }
    }
    return figures;
  } finally {
    await state.close();
    rmSync(folder, { recursive: true });
  }
}

/** One by one they would take minutes. */
function fill(path: string, files: number): void {
  const db = new DatabaseSync(path);
  db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${files})
    INSERT INTO files (id, owner, name, type, size, sha256, state, note, sealed_key, created_at)
    SELECT 'file-' || ${files} || '-' || i, '${files}', 'a file.pdf', 'application/pdf', i, '', 'ready', '', '',
      1700000000000 + i FROM n`);
  db.close();
}
