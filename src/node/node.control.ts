import type { Control } from '../core/control.ts';
import { NODE_EVENTS } from './node.events.ts';

/** What others collect of this room. */
export const nodeControl: Control<object, typeof NODE_EVENTS> = {
  events: NODE_EVENTS,
};
