/**
 * What Bulwark needs of a place where state lives: one file here for each family of records. Memory and SQLite answer at
 * once, stores across a network with a promise; every caller takes both. `testing/conformance.ts` is the suite that
 * every implementation passes.
 */
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { AccountStore } from './accounts.ts';
import type { CounterStore } from './counters.ts';
import type { FactorStore } from './factors.ts';
import type { FileStore } from './files.ts';
import type { ReportStore } from './reports.ts';
import type { SessionStore } from './sessions.ts';

/** Everything Bulwark stores, in one place or several. */
export interface State {
  /** Who sees the same state: this process, every process of this machine, or of the network. */
  readonly reach: 'process' | 'machine' | 'network';
  readonly sessions: SessionStore;
  readonly counters: CounterStore;
  /** Second factors, where accounts are kept here too: a store of sessions and counters alone has none. */
  readonly factors?: FactorStore;
  /** Accounts, where they are kept here too. */
  readonly accounts?: AccountStore;
  /** Rows of files, where they are kept here too. Their bytes are elsewhere. */
  readonly files?: FileStore;
  /** What browsers reported, where it is kept here too. */
  readonly reports?: ReportStore;
  /** Calls the listener at each change of health. A store that cannot go away on its own has none. */
  onHealth?(listener: (health: StoreHealth) => void): void;
  /** Ends what the state opened itself. A client that was handed in stays open: whoever made it closes it. */
  close(): MaybePromise<void>;
}

/** What became of a store across a network: told when it goes and when it is back, not at each request. */
export interface StoreHealth {
  /** Such as `redis`. */
  readonly store: string;
  readonly up: boolean;
  /** What it failed with, by code or class: a driver's message may hold a connection string. */
  readonly error?: string;
  /** How long it was gone, in milliseconds, where it is back. */
  readonly goneMs?: number;
}
