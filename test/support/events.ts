/** Events for unit tests of those that write them. */
import type { EventKind, EventLevel } from '../../src/core/events.ts';

/** A kind of event that takes whatever details a test makes up. */
export function kindOf(
  name: string,
  level: EventLevel = 'warn',
  more: Pick<EventKind, 'stack' | 'bounded'> = {},
): EventKind {
  return { name, level, meaning: 'A test wrote it.', details: {}, ...more };
}
