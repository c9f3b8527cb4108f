/** A process that takes a file in parts, and stops for its parent to kill it in the phase that is named: PHASE, FOLDER in the environment. */
import type { FileBytes } from '../../src/files/bytes/file-bytes.ts';
import { folderBytes } from '../../src/files/bytes/folder.ts';
import { rowsOf } from '../../src/files/file-room.ts';
import { sqlite } from '../../src/stores/sqlite/state.ts';
import type { FileStore } from '../../src/stores/ports/files.ts';
import { thereForGood } from './kill-in-phase.ts';
import { FIRST, partialRoom, RULE, TEXT } from './killed-resumable.ts';

const phase = process.env['PHASE'] ?? '';
const folder = process.env['FOLDER'] ?? '';
let armed = false;

/** Says that the phase is there, and goes on no more. */
async function stopAt(here: string): Promise<void> {
  if (!armed || here !== phase) return;
  await thereForGood();
}

const kindOf = (id: string): string => (id.length > 22 ? 'part' : 'whole');
const place = folderBytes(folder);
const bytes: FileBytes = {
  ...place,
  create: async (id) => {
    const writer = await place.create(id);
    return {
      write: async (piece) => {
        await writer.write(piece);
        await stopAt(`in the ${kindOf(id)}`);
      },
      finish: async () => {
        await writer.finish();
        await stopAt(`behind the ${kindOf(id)}`);
      },
      abort: () => writer.abort(),
    };
  },
  remove: async (id) => {
    await place.remove(id);
    if (kindOf(id) === 'part') await stopAt('behind a part that was removed');
  },
};

const state = sqlite(folder);
const rows = rowsOf(state.files);
const complete: FileStore['complete'] = async (id, done, quota) => {
  await stopAt('before the row');
  return rows.complete(id, done, quota);
};
const room = partialRoom(
  state,
  bytes,
  Date.now,
  new Proxy(rows, {
    get: (target, name) => {
      if (name === 'complete') return complete;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  }),
);

const bring = async (from: number, to: number): Promise<number | string> => {
  const record = await room.partials.find(id, 'ann');
  if (record === undefined) return 'gone';
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = from; at < to; at += 60_000) yield TEXT.subarray(at, Math.min(to, at + 60_000));
  };
  const signal = new AbortController().signal;
  return await room.partials.append(record, { from, length: to - from, pieces: pieces(), signal });
};

const offered = { owner: 'ann', filename: 'long.txt', type: 'text/plain', size: TEXT.length };
const id = (await room.partials.begin(offered, RULE))?.id ?? '';
// Said before the end of this process: acknowledged.
process.stdout.write(`${JSON.stringify([id, await bring(0, FIRST)])}\n`);
armed = true;
await bring(FIRST, TEXT.length);
const whole = await room.partials.find(id, 'ann');
if (whole !== undefined) await room.partials.finish(whole, RULE);
process.stdout.write('through\n');
