import type { Control } from '../../core/control.ts';
import { DEVICE_EVENTS, DEVICE_PROBLEMS } from './device-bound.events.ts';
import { DEVICE_KEYS } from './device-bound.keys.ts';

/** What others collect of this room. What it is told by the policy stands in the section `session`. */
export const deviceBoundControl: Control<object, typeof DEVICE_EVENTS> = {
  events: DEVICE_EVENTS,
  problems: DEVICE_PROBLEMS,
  keys: DEVICE_KEYS,
  guards: ['device-bound'],
  rules: async () => (await import('./device-bound.check.ts')).deviceRules(),
};
