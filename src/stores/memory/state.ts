import { checked } from '../checked.ts';
import type { State } from '../ports/state.ts';
import { MemoryAccounts } from './accounts.ts';
import { MemoryCounters } from './counters.ts';
import { MemoryFactors } from './factors.ts';
import { MemoryFiles } from './files.ts';
import { noteInMemory } from './in-memory.ts';
import { MemoryReports } from './reports.ts';
import { MemorySessions } from './sessions.ts';

/** State in the memory of this process: for tests and for trying things out. A restart signs everyone out. */
export function memory(): State {
  const state = checked({
    reach: 'process',
    sessions: new MemorySessions(),
    counters: new MemoryCounters(),
    factors: new MemoryFactors(),
    accounts: new MemoryAccounts(),
    files: new MemoryFiles(),
    reports: new MemoryReports(),
    close: () => undefined,
  });
  if (state.accounts !== undefined) noteInMemory(state.accounts);
  return state;
}
