import type { Control, Section } from '../core/control.ts';
import { GATEWAY_EVENTS, GATEWAY_PROBLEMS } from './gateway.events.ts';
import { GATEWAY_KEYS } from './gateway.keys.ts';
import { type GatewayOptions, gatewayOptions, type GatewaySettings } from './options/gateway.options.ts';

/** What others collect of this room. */
export const gatewayControl: Control<
  { readonly gateway: Section<GatewayOptions, GatewaySettings> },
  typeof GATEWAY_EVENTS
> = {
  sections: { gateway: { table: gatewayOptions } },
  events: GATEWAY_EVENTS,
  problems: GATEWAY_PROBLEMS,
  keys: GATEWAY_KEYS,
};
