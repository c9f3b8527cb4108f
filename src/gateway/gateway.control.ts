import type { Control } from '../core/control.ts';
import { GATEWAY_EVENTS, GATEWAY_PROBLEMS } from './gateway.events.ts';
import { GATEWAY_KEYS } from './gateway.keys.ts';

/** What others collect of this room. */
export const gatewayControl: Control<object, typeof GATEWAY_EVENTS> = {
  events: GATEWAY_EVENTS,
  problems: GATEWAY_PROBLEMS,
  keys: GATEWAY_KEYS,
};
