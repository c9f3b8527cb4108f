import type { Control, Section } from '../../core/control.ts';
import {
  checkSession,
  type SessionOptions,
  sessionOptions,
  type SessionSettings,
} from './session.options.ts';
import { SESSION_PROBLEMS, SESSIONS_EVENTS } from './sessions.events.ts';

/** What others collect of this room. */
export const sessionsControl: Control<
  { readonly session: Section<SessionOptions, SessionSettings> },
  typeof SESSIONS_EVENTS
> = {
  sections: { session: { table: sessionOptions, check: checkSession } },
  events: SESSIONS_EVENTS,
  problems: SESSION_PROBLEMS,
  guards: ['session'],
  rules: async () => {
    const rooms = await Promise.all([
      import('./session.check.ts'),
      import('./account.check.ts'),
      import('./stay.check.ts'),
    ]);
    const [{ sessionRules }, { sessionAccountRules }, { sessionStayRules }] = rooms;
    return [...sessionRules, ...sessionAccountRules, ...sessionStayRules];
  },
};
