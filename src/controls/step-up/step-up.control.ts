import type { Control } from '../../core/control.ts';
import { STEP_UP_EVENTS } from './step-up.events.ts';
import { STEP_UP_KEYS } from './step-up.keys.ts';

/** What others collect of this room. */
export const stepUpControl: Control<object, typeof STEP_UP_EVENTS> = {
  events: STEP_UP_EVENTS,
  keys: STEP_UP_KEYS,
};
