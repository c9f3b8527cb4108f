/** What Strongroom keeps of its own, wherever that is. Accounts are Bulwark's. */
import type { Awaitable } from './awaitable.ts';
import type { NotesStore } from './notes-store.ts';

/** The stores of one database. */
export interface Records {
  readonly notes: NotesStore;
  /** Ends what was opened. */
  readonly close: () => Awaitable<void>;
}
