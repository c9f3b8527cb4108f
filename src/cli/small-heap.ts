/** Memory of a command that reads very many small files. */
import { setFlagsFromString } from 'node:v8';

/** What may lie in memory beside what is in use before it is looked through, in percent of that. */
const GARBAGE_PERCENT = 60;

/**
 * Has garbage taken away sooner, for the rest of the process. V8 waits until there is several times as much as was left the last time:
 * where each file leaves a little, most of the memory that is used is that.
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GARBAGE_PERCENT}`);
}
