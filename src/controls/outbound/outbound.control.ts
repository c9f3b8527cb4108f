import type { Control, Section } from '../../core/control.ts';
import { OUTBOUND_EVENTS } from './outbound.events.ts';
import { type OutboundOptions, outboundOptions, type OutboundSettings } from './outbound.options.ts';

/** What others collect of this room. No guard: what it judges goes out. */
export const outboundControl: Control<
  { readonly outbound: Section<OutboundOptions, OutboundSettings> },
  typeof OUTBOUND_EVENTS
> = {
  sections: { outbound: { table: outboundOptions } },
  events: OUTBOUND_EVENTS,
};
