/** A process that takes files, and stops for its parent to kill it in the phase that is named: PHASE, FOLDER in the environment. */
import { KeyRing } from '../../src/core/key-ring.ts';
import { defaultsOf } from '../../src/core/options.ts';
import type { FileBytes } from '../../src/files/bytes/file-bytes.ts';
import { folderBytes } from '../../src/files/bytes/folder.ts';
import { FileRoom, rowsOf } from '../../src/files/file-room.ts';
import { filesOptions } from '../../src/files/files.options.ts';
import { takeForm } from '../../src/files/take-form.ts';
import { sqlite } from '../../src/stores/sqlite/state.ts';
import type { FileStore } from '../../src/stores/ports/files.ts';
import { thereForGood } from './kill-in-phase.ts';
import { FORM, KEPT, QUOTA, RULE, SECRET } from './killed-uploads.ts';

const phase = process.env['PHASE'] ?? '';
const folder = process.env['FOLDER'] ?? '';

/** From when on phases count: what is taken before is there for good. */
let armed = false;

/** Says that the phase is there, and goes on no more. */
async function stopAt(here: string): Promise<void> {
  if (!armed || here !== phase) return;
  await thereForGood();
}

const place = folderBytes(folder);
const bytes: FileBytes = {
  ...place,
  create: async (id) => {
    await stopAt('before the bytes');
    const writer = await place.create(id);
    return {
      write: async (piece) => {
        await writer.write(piece);
        await stopAt('in the bytes');
      },
      finish: async () => {
        await writer.finish();
        await stopAt('behind the rename');
      },
      abort: () => writer.abort(),
    };
  },
  remove: async (id) => {
    await stopAt('before bytes are removed');
    await place.remove(id);
    await stopAt('behind bytes that were removed');
  },
};

const state = sqlite(folder);
const rows = rowsOf(state.files);
const stopping: FileStore = {
  begin: (record) => rows.begin(record),
  reserve: (record, quota) => rows.reserve(record, quota),
  partial: (id) => rows.partial(id),
  partials: (owner, limit) => rows.partials(owner, limit),
  advance: (id, seen, note) => rows.advance(id, seen, note),
  renew: (id, until) => rows.renew(id, until),
  complete: async (id, done, quota) => {
    const outcome = await rows.complete(id, done, quota);
    await stopAt('behind the row');
    return outcome;
  },
  find: (id) => rows.find(id),
  access: (id, account, now) => rows.access(id, account, now),
  list: (owner, behind, limit) => rows.list(owner, behind, limit),
  usage: (owner) => rows.usage(owner),
  settle: (id, seen, next, note, end) => rows.settle(id, seen, next, note, end),
  remove: (owner, id, until) => rows.remove(owner, id, until),
  abandoned: (now, limit) => rows.abandoned(now, limit),
  giveUp: (id, heldBefore, until) => rows.giveUp(id, heldBefore, until),
  forget: (id) => rows.forget(id),
  waiting: (behind, limit) => rows.waiting(behind, limit),
  after: (id, limit) => rows.after(id, limit),
  rekey: (id, seen, sealedKey) => rows.rekey(id, seen, sealedKey),
  shares: rows.shares,
};

const room = new FileRoom({
  rows: stopping,
  counters: state.counters,
  keys: new KeyRing([SECRET]),
  settings: { ...defaultsOf(filesOptions), bytes, quota: QUOTA },
  audit: () => undefined,
  clock: Date.now,
});

async function take(form: string): Promise<readonly string[]> {
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    // As a network brings it.
    for (let at = 0; at < form.length; at += 60_000) yield Buffer.from(form.slice(at, at + 60_000));
  };
  const taken = await takeForm(
    pieces(),
    room.vault,
    {
      boundary: 'b',
      limits: { parts: 100, field: 1000 },
      rule: RULE,
      owner: 'ann',
      quota: room.quota,
      expiresAt: undefined,
      quarantine: undefined,
      mayCome: () => Promise.resolve(true),
      signal: new AbortController().signal,
    },
    () => undefined,
  );
  return taken.files.map(({ id }) => id);
}

// Said before the end of this process: acknowledged.
const ids = await take(KEPT);
process.stdout.write(`${JSON.stringify(ids)}\n`);
armed = true;
if (phase.endsWith('removed')) await room.remove('ann', ids[1] ?? '');
else await take(FORM);
process.stdout.write('through\n');
