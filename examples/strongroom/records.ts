/** What Strongroom keeps of its own, wherever that is. */
import type { AccountsStore } from './accounts-store.ts';
import type { Awaitable } from './awaitable.ts';
import type { NotesStore } from './notes-store.ts';

/** The stores of one database. */
export interface Records {
  readonly accounts: AccountsStore;
  readonly notes: NotesStore;
  /** Ends what was opened. */
  readonly close: () => Awaitable<void>;
}
