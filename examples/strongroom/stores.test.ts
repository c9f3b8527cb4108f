import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { PostgresServer } from '../../test/support/postgres.ts';
import { MAX_NOTES } from './notes-store.ts';
import * as postgres from './postgres/database.ts';
import type { Records } from './records.ts';
import * as sqlite from './sqlite/database.ts';
import { temporaryDirectory } from './testing/running.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

const folders = temporaryDirectory();
let server: PostgresServer;
let made = 0;
before(async () => {
  server = await PostgresServer.start();
});
after(async () => {
  folders.remove();
  await server.stop();
});

/** Makes an empty place, and returns what opens it, as often as a test likes. */
type MakePlace = () => Promise<() => Promise<Records>>;

const PLACES: Readonly<Record<string, MakePlace>> = {
  SQLite: async () => {
    made += 1;
    const folder = join(folders.path, 'made', String(made));
    return async () => sqlite.openRecords(folder);
  },
  PostgreSQL: async () => {
    const url = await server.database();
    // No slow machine decides these tests.
    return () => postgres.openRecords(url, 60_000);
  },
};

interface Stores extends Records {
  readonly anna: { readonly id: string };
  readonly bob: { readonly id: string };
  readonly openAgain: () => Promise<Records>;
}

for (const [place, makePlace] of Object.entries(PLACES)) {
  describe(`records in ${place}`, () => {
    async function freshStores(t: TestContext): Promise<Stores> {
      const open = await makePlace();
      const openAgain = async (): Promise<Records> => {
        const records = await open();
        let closed: Promise<void> | undefined;
        const close = (): Promise<void> => (closed ??= Promise.try(records.close));
        t.after(close);
        return { ...records, close };
      };
      const records = await openAgain();
      const [anna, bob] = [{ id: randomUUID() }, { id: randomUUID() }];
      return { ...records, anna, bob, openAgain };
    }

    test('lists notes newest first', async (t) => {
      const { notes, anna } = await freshStores(t);
      for (const [index, text] of ['one', 'two', 'three'].entries()) {
        await notes.create(anna.id, text, NOW + index);
      }
      // In one millisecond the order of writing decides.
      await notes.create(anna.id, 'four', NOW + 2);
      assert.deepEqual(
        (await notes.list(anna.id)).map((note) => note.text),
        ['four', 'three', 'two', 'one'],
      );
    });

    test("v5.0.0-8.2.2 shows and deletes nobody else's notes, even by their id", async (t) => {
      const { notes, anna, bob } = await freshStores(t);
      const note = await notes.create(anna.id, 'for my eyes', NOW);
      assert.ok(note !== undefined);
      assert.deepEqual(await notes.list(bob.id), []);
      assert.ok(!(await notes.delete(bob.id, note.id)));
      assert.deepEqual(await notes.list(anna.id), [note]);
      assert.ok(await notes.delete(anna.id, note.id));
      assert.ok(!(await notes.delete(anna.id, note.id)));
    });

    test('keeps any text as it is, markup and quotes and SQL included', async (t) => {
      const { notes, anna } = await freshStores(t);
      const text = `'; DROP TABLE notes; -- <script>alert(1)</script> "\u00e9\u{1f510}\n`;
      await notes.create(anna.id, text, NOW);
      assert.equal((await notes.list(anna.id))[0]?.text, text);
    });

    test('ends at a number of notes that no account can pass, and others still have theirs', async (t) => {
      const { notes, anna, bob } = await freshStores(t);
      for (let index = 0; index < MAX_NOTES - 2; index += 1) await notes.create(anna.id, 'x', NOW);
      // A burst does not slip past the end either.
      const last = await Promise.all(
        Array.from({ length: 8 }, async () => notes.create(anna.id, 'in a burst', NOW + 1)),
      );
      assert.equal(last.filter((one) => one !== undefined).length, 2);
      assert.equal((await notes.list(anna.id)).length, MAX_NOTES);
      assert.ok((await notes.create(bob.id, 'mine', NOW)) !== undefined);
      const [newest] = await notes.list(anna.id);
      assert.ok(newest !== undefined && (await notes.delete(anna.id, newest.id)));
      assert.ok((await notes.create(anna.id, 'in its place', NOW)) !== undefined);
      assert.equal(await notes.create(anna.id, 'one more', NOW), undefined);
    });

    test('finds everything again after a restart', async (t) => {
      const { notes, anna, openAgain, close } = await freshStores(t);
      await notes.create(anna.id, 'still here', NOW);
      await close();
      const again = await openAgain();
      assert.equal((await again.notes.list(anna.id))[0]?.text, 'still here');
    });

    test('two programs write side by side', async (t) => {
      const { notes, anna, openAgain } = await freshStores(t);
      const other = await openAgain();
      await other.notes.create(anna.id, 'from elsewhere', NOW);
      assert.equal((await notes.list(anna.id))[0]?.text, 'from elsewhere');
    });
  });
}

test('a SQLite file is made for its user alone', { skip: process.platform === 'win32' }, async () => {
  const folder = join(folders.path, 'private', 'deep');
  await sqlite.openRecords(folder).close();
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(join(folder, 'strongroom.db')).mode & 0o777, 0o600);
});
