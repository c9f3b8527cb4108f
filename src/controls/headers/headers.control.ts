import type { Control, Section } from '../../core/control.ts';
import { HEADERS_EVENTS } from './headers.events.ts';
import { type HeadersOptions, headersOptions, type HeadersSettings } from './headers.options.ts';

/** What others collect of this room. */
export const headersControl: Control<
  { readonly headers: Section<HeadersOptions, HeadersSettings> },
  typeof HEADERS_EVENTS
> = {
  sections: { headers: { table: headersOptions } },
  events: HEADERS_EVENTS,
  guards: ['cache', 'headers'],
  rules: async () => {
    const rooms = await Promise.all([import('./headers.check.ts'), import('./everywhere.check.ts')]);
    const [{ headersRules }, { headersEverywhereRules }] = rooms;
    return [...headersRules, ...headersEverywhereRules];
  },
};
