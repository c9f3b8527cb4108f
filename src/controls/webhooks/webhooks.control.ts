import type { Control } from '../../core/control.ts';
import { WEBHOOKS_EVENTS, WEBHOOKS_PROBLEMS } from './webhooks.events.ts';

/** What others collect of this room. It has no section: each route says who sends there. */
export const webhooksControl: Control<object, typeof WEBHOOKS_EVENTS> = {
  events: WEBHOOKS_EVENTS,
  problems: WEBHOOKS_PROBLEMS,
  guards: ['webhook'],
};
