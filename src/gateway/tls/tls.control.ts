import type { Control } from '../../core/control.ts';
import { TLS_EVENTS } from './tls.events.ts';
import { TLS_KEYS } from './tls.keys.ts';

/** What others collect of this room. Its options are in the gateway's section. */
export const tlsControl: Control<object, typeof TLS_EVENTS> = { events: TLS_EVENTS, keys: TLS_KEYS };
