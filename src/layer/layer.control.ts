import type { Control } from '../core/control.ts';
import { LAYER_EVENTS } from './layer.events.ts';

/** What others collect of this room. */
export const layerControl: Control<object, typeof LAYER_EVENTS> = {
  events: LAYER_EVENTS,
  guards: ['route'],
};
