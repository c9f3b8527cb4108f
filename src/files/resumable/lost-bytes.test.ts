import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { KeyRing } from '../../core/key-ring.ts';
import { defaultsOf } from '../../core/options.ts';
import { memory } from '../../stores/memory/state.ts';
import type { FileRecord } from '../../stores/ports/files.ts';
import { readAll } from '../../testing/conformance/file-bytes.ts';
import type { FileBytes } from '../bytes/file-bytes.ts';
import { folderBytes } from '../bytes/folder.ts';
import { FileRoom, rowsOf } from '../file-room.ts';
import { filesOptions } from '../files.options.ts';
import { takeForm } from '../take-form.ts';
import { LEASE_MS } from './hold.ts';
import { readParts, writeParts } from './parts.ts';

const RULE = { types: ['text/plain'], size: 1024, files: 1, total: 1024 } as const;
const SIGNAL = new AbortController().signal;

/** Where bytes lie, and a gate that stands between what was written and its place. */
interface Place {
  readonly bytes: FileBytes;
  readonly ids: () => readonly string[];
}

/** As in a bucket: who puts an object there is not disturbed by who removes one. */
function bucket(): Place {
  const objects = new Map<string, Buffer>();
  return {
    ids: () => [...objects.keys()],
    bytes: {
      create: async (id) => {
        const pieces: Uint8Array[] = [];
        return {
          write: async (piece) => void pieces.push(Buffer.from(piece)),
          finish: async () => void objects.set(id, Buffer.concat(pieces)),
          abort: async () => undefined,
        };
      },
      size: async (id) => objects.get(id)?.length,
      read: async function* (id, from, to) {
        yield (objects.get(id) ?? assert.fail('no such object')).subarray(from, to);
      },
      remove: async (id) => void objects.delete(id),
    },
  };
}

function folder(t: TestContext): Place {
  const directory = mkdtempSync(join(tmpdir(), 'bulwark-lost-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const isFile = (name: string): boolean => statSync(join(directory, name)).isFile();
  return {
    bytes: folderBytes(directory),
    ids: () => readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter(isFile),
  };
}

interface Ground extends Place {
  readonly room: FileRoom;
  now: number;
  /** The next file that is put in its place waits for this. */
  readonly gate: { readonly reached: Promise<void>; readonly open: () => void };
  readonly whole: () => Promise<FileRecord>;
  readonly rows: () => Promise<readonly FileRecord[]>;
}

function open(t: TestContext, place: Place): Ground {
  const state = memory();
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const waits = new Set<string>();
  const bytes: FileBytes = {
    ...place.bytes,
    create: async (id) => {
      const writer = await place.bytes.create(id);
      const finish = async (): Promise<void> => {
        if (waits.delete('next')) {
          reached.resolve();
          await opened.promise;
        }
        await writer.finish();
      };
      return { write: (piece) => writer.write(piece), finish, abort: () => writer.abort() };
    },
  };
  const room = new FileRoom({
    rows: rowsOf(state.files),
    counters: state.counters,
    keys: new KeyRing([Buffer.alloc(32, 'a')]),
    settings: { ...defaultsOf(filesOptions), bytes },
    audit: () => undefined,
    clock: () => ground.now,
  });
  t.after(() => room.close());
  const ground: Ground = {
    ...place,
    room,
    now: Date.parse('2026-01-01T00:00:00Z'),
    gate: { reached: reached.promise, open: opened.resolve },
    rows: async () => await room.vault.rows.after(undefined, 9),
    whole: async () => {
      const offered = { owner: 'ann', filename: 'a.txt', type: undefined, size: 5 };
      const begun = (await room.partials.begin(offered, RULE)) ?? assert.fail('there is no room');
      const pieces = (async function* () {
        yield Buffer.from('hello');
      })();
      assert.equal(await room.partials.append(begun, { from: 0, length: 5, pieces, signal: SIGNAL }), 5);
      waits.add('next');
      return (await room.partials.find(begun.id, 'ann')) ?? assert.fail('it is gone');
    },
  };
  return ground;
}

const PLACES = { bucket, folder } as const;

for (const [name, make] of Object.entries(PLACES)) {
  test(`a file that ends while it is put together is not there, nor are its bytes: ${name}`, async (t) => {
    for (const how of ['its own end', 'its account']) {
      const ground = open(t, make(t));
      const { room, gate, ids, rows } = ground;
      const record = await ground.whole();
      if (how === 'its own end') ground.now = (record.expiresAt ?? 0) - 1000;
      const finished = room.partials.finish(record, RULE);
      await gate.reached;
      if (how === 'its account') await room.removeAll('ann');
      ground.now += LEASE_MS + 1000;
      await room.sweep();
      assert.deepEqual(await rows(), [], how);
      gate.open();
      assert.equal(await finished, undefined, how);
      assert.deepEqual(ids(), [], how);
    }
  });
}

test('one who comes late leaves the bytes of a file that another has finished, and says that it is held', async (t) => {
  const ground = open(t, bucket());
  const { room, gate, ids } = ground;
  const record = await ground.whole();
  const late = room.partials.finish(record, RULE);
  await gate.reached;
  ground.now += LEASE_MS + 1000;
  const again = (await room.partials.find(record.id, 'ann')) ?? assert.fail('it is gone');
  const file = await room.partials.finish(again, RULE);
  assert.ok(typeof file === 'object');
  gate.open();
  assert.equal(await late, 'held');
  assert.deepEqual(ids(), [record.id]);
  assert.equal((await readAll(room.vault.read(file, 0, 5))).toString(), 'hello');
});

test('one who comes late while another is at it removes nothing either', async (t) => {
  const ground = open(t, bucket());
  const { room, gate, ids } = ground;
  const record = await ground.whole();
  const late = room.partials.finish(record, RULE);
  await gate.reached;
  ground.now += LEASE_MS + 1000;
  const { note } = (await room.partials.find(record.id, 'ann')) ?? assert.fail('it is gone');
  const taken = writeParts({ ...readParts(note), until: ground.now + LEASE_MS });
  assert.equal(await room.vault.rows.advance(record.id, note, taken), true);
  gate.open();
  assert.equal(await late, 'held');
  assert.ok(ids().includes(record.id));
});

test('a file of a form that a sweep gave up while it came leaves no bytes', async (t) => {
  const ground = open(t, bucket());
  const { room, ids, rows } = ground;
  const pieces = (async function* () {
    yield Buffer.from('--b\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nhello');
    // Its process stood still for so long.
    ground.now += 120_000;
    await room.sweep();
    assert.deepEqual(await rows(), []);
    yield Buffer.from('\r\n--b--');
  })();
  const { files } = await takeForm(
    pieces,
    room.vault,
    {
      boundary: 'b',
      limits: { parts: 9, field: 1000 },
      rule: RULE,
      owner: 'ann',
      quota: room.quota,
      expiresAt: undefined,
      quarantine: undefined,
      mayCome: async () => true,
      signal: SIGNAL,
    },
    () => undefined,
  );
  assert.deepEqual(files, []);
  assert.deepEqual(ids(), []);
});
