/** What the process that is killed over a file in parts and the one that looks after it agree on. */
import { KeyRing } from '../../src/core/key-ring.ts';
import { defaultsOf } from '../../src/core/options.ts';
import type { FileBytes } from '../../src/files/bytes/file-bytes.ts';
import { FileRoom, rowsOf } from '../../src/files/file-room.ts';
import { filesOptions } from '../../src/files/files.options.ts';
import type { FileStore } from '../../src/stores/ports/files.ts';
import type { State } from '../../src/stores/ports/state.ts';

export const RULE = { types: ['text/plain'], size: 2_000_000, files: 1, total: 2_000_000 } as const;
/** What comes: no two places of it are alike. */
export const TEXT: Buffer = Buffer.from(
  Array.from({ length: 20_000 }, (_, line) => `line ${line} of a text\n`).join(''),
);
/** As much is acknowledged before: in the middle of a piece of what is encrypted. */
export const FIRST = 100_001;

/** The room of files that both have. */
export function partialRoom(
  state: State,
  bytes: string | FileBytes,
  clock: () => number,
  rows: FileStore = rowsOf(state.files),
): FileRoom {
  return new FileRoom({
    rows,
    counters: state.counters,
    keys: new KeyRing([Buffer.alloc(32, 'k')]),
    settings: { ...defaultsOf(filesOptions), bytes, quota: TEXT.length },
    audit: () => undefined,
    clock,
  });
}
