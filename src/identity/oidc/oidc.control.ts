import type { Control } from '../../core/control.ts';
import { OIDC_EVENTS } from './oidc.events.ts';

/** What others collect of this room. */
export const oidcControl: Control<object, typeof OIDC_EVENTS> = {
  events: OIDC_EVENTS,
};
