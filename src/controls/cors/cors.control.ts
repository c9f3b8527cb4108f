import type { Control, Section } from '../../core/control.ts';
import { CORS_EVENTS, CORS_PROBLEMS } from './cors.events.ts';
import { checkCors, type CorsOptions, corsOptions, type CorsSettings } from './cors.options.ts';

/** What others collect of this room. */
export const corsControl: Control<{ readonly cors: Section<CorsOptions, CorsSettings> }, typeof CORS_EVENTS> =
  {
    sections: { cors: { table: corsOptions, check: checkCors } },
    events: CORS_EVENTS,
    problems: CORS_PROBLEMS,
    guards: ['cors'],
    rules: async () => (await import('./cors.check.ts')).corsRules,
  };
