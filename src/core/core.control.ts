import type { Control } from './control.ts';
import { PROBLEMS } from './problem-types.ts';
import { CORE_EVENTS } from './verdict.ts';

/** What rooms share that know no other. */
export const coreControl: Control<object, typeof CORE_EVENTS> = {
  events: CORE_EVENTS,
  problems: PROBLEMS,
};
