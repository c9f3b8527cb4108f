import { checked } from '../checked.ts';
import type { State } from '../ports/state.ts';
import { MemoryAccounts } from './accounts.ts';
import { MemoryCounters } from './counters.ts';
import { MemoryFactors } from './factors.ts';
import { MemorySessions } from './sessions.ts';

/** What was made here: no class tells, since each engine stands behind its checks. */
const inMemory = new WeakSet<object>();

/** State in the memory of this process: for tests and for trying things out. A restart signs everyone out. */
export function memory(): State {
  const state = checked({
    reach: 'process',
    sessions: new MemorySessions(),
    counters: new MemoryCounters(),
    factors: new MemoryFactors(),
    accounts: new MemoryAccounts(),
    close: () => undefined,
  });
  if (state.accounts !== undefined) inMemory.add(state.accounts);
  return state;
}

/** Whether accounts are gone with this process: asked before a table of users is moved into them. */
export function areInMemory(accounts: object): boolean {
  return inMemory.has(accounts);
}
