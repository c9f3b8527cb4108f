import type { Control, Section } from '../../core/control.ts';
import { RATE_LIMIT_EVENTS } from './rate-limit.events.ts';
import { RATE_LIMIT_KEYS } from './rate-limit.keys.ts';
import { type RateLimitOptions, rateLimitOptions, type RateLimitSettings } from './rate-limit.options.ts';

/** What others collect of this room. */
export const rateLimitControl: Control<
  { readonly rateLimit: Section<RateLimitOptions, RateLimitSettings> },
  typeof RATE_LIMIT_EVENTS
> = {
  sections: { rateLimit: { table: rateLimitOptions } },
  events: RATE_LIMIT_EVENTS,
  keys: RATE_LIMIT_KEYS,
  guards: ['rate-limit'],
  rules: async () => {
    const rooms = await Promise.all([import('./rate-limit.check.ts'), import('./sign-in.check.ts')]);
    const [{ rateLimitRules }, { signInLimitRules }] = rooms;
    return [...rateLimitRules, ...signInLimitRules];
  },
};
