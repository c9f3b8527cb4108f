import type { Control, Section } from '../core/control.ts';
import { GATEWAY_EVENTS, GATEWAY_PROBLEMS } from './gateway.events.ts';
import { GATEWAY_KEYS } from './gateway.keys.ts';
import { SIGN_IN_EVENTS } from './sign-in/sign-in.events.ts';
import { SIGN_IN_KEYS } from './sign-in/sign-in.keys.ts';
import {
  checkGateway,
  type GatewayOptions,
  gatewayOptions,
  type GatewaySettings,
} from './options/gateway.options.ts';

const EVENTS: typeof GATEWAY_EVENTS & typeof SIGN_IN_EVENTS = { ...GATEWAY_EVENTS, ...SIGN_IN_EVENTS };

/** What others collect of this room. */
export const gatewayControl: Control<
  { readonly gateway: Section<GatewayOptions, GatewaySettings> },
  typeof EVENTS
> = {
  sections: { gateway: { table: gatewayOptions, check: checkGateway } },
  events: EVENTS,
  problems: GATEWAY_PROBLEMS,
  keys: { ...GATEWAY_KEYS, ...SIGN_IN_KEYS },
};
