import type { Control, Section } from '../../core/control.ts';
import { COOKIES_EVENTS } from './cookies.events.ts';
import { type CookiesOptions, cookiesOptions, type CookiesSettings } from './cookies.options.ts';

/** What others collect of this room. */
export const cookiesControl: Control<
  { readonly cookies: Section<CookiesOptions, CookiesSettings> },
  typeof COOKIES_EVENTS
> = {
  sections: { cookies: { table: cookiesOptions } },
  events: COOKIES_EVENTS,
  guards: ['cookies'],
  rules: async () => (await import('./cookies.check.ts')).cookiesRules,
};
