/** Traps of the usual recipe that Flask applications walk into: what is measured and not counted, kept for nobody, or fails in silence. */
import { VISITORS } from '../../mends/browser-mends.ts';
import { has, type Unit } from '../flask/flask-book.ts';
import { flaskRule } from '../flask/flask-rule.ts';
import { isTrue, isText } from '../python/values.ts';
import type { SourceRule } from '../source-rule.ts';
import { settingOf } from './flask-settings-rules.ts';

const TIMES =
  "SESSION_REDIS=redis.from_url(os.environ['REDIS_URL'], socket_timeout=0.5, socket_connect_timeout=0.5)";

/** Rules about them. */
export const flaskTrapRules: readonly SourceRule[] = [
  flaskRule({
    id: 'flask.chunked-body',
    title: 'A body is counted as it comes, and not by what it says of itself',
    level: 'warning',
    guide: 12,
    asvs: ['v5.0.0-5.2.1 (in part)'],
    cwe: ['CWE-770'],
    why: 'A body that is sent in chunks names no length: it goes past the comparison, however large it is.',
    judge(unit, say) {
      const measured = unit.does.get('measures-length');
      if (measured === undefined || unit.guarded || settingOf(unit, 'MAX_CONTENT_LENGTH') !== undefined)
        return;
      say(measured, {
        message: 'the length that a request names is compared, and one that is sent in chunks names none',
        fix: "app.config['MAX_CONTENT_LENGTH'] = 10 * 1024 * 1024",
      });
    },
  }),
  flaskRule({
    id: 'flask.visitor-session',
    title: 'A visitor who only looks gets no session',
    level: 'warning',
    guide: 5,
    asvs: ['v5.0.0-7.6.2 (in part)'],
    cwe: ['CWE-770'],
    mend: VISITORS,
    why: 'Whoever asks without a cookie gets a new one each time: three thousand requests are three thousand entries of the store, and no page can be cached.',
    judge(unit, say) {
      const greeted = unit.does.get('greets-visitors');
      if (greeted === undefined || unit.guarded) return;
      const kept = has(unit, 'Session');
      say(greeted, {
        level: kept ? 'warning' : 'note',
        message: kept
          ? 'the session is written before every request: each visitor leaves an entry in its store'
          : 'the session is written before every request: each visitor gets a cookie',
        fix: "if 'user_id' in session:\n    session.permanent = True  # or once, where somebody signs in",
      });
    },
  }),
  flaskRule({
    id: 'flask.session-race',
    title: 'A request that is under way brings no session back that was ended',
    level: 'note',
    guide: 5,
    asvs: ['v5.0.0-7.4.1 (in part)'],
    cwe: ['CWE-613'],
    why: 'Flask-Session writes what it has read at the end of a request: one that was begun before somebody signed out writes the session back, and the id works again.',
    judge(unit, say) {
      const ends = unit.does.get('ends-session');
      if (ends === undefined || unit.guarded || !has(unit, 'Session')) return;
      say(ends, {
        message: 'a request that is under way while somebody signs out writes the session back',
        fix: "user.sessions_end_at = now()  # at sign-out; and in before_request: if session['began'] < user.sessions_end_at: abort(401)",
      });
    },
  }),
  flaskRule({
    id: 'flask.store-failure',
    title: 'A store that hangs does not hang every page',
    level: 'note',
    guide: 15,
    asvs: ['v5.0.0-13.2.6 (in part)', 'v5.0.0-16.5.2 (in part)'],
    cwe: ['CWE-400'],
    mend: { bulwark: '', flask: TIMES },
    why: 'The session is asked for before each request, files included, and the client of Redis waits without an end: one host that does not answer is the whole site.',
    judge(unit, say) {
      const type = settingOf(unit, 'SESSION_TYPE');
      if (!has(unit, 'Session') || type === undefined || !isText(type.value, 'redis') || unit.guarded) return;
      if (settingOf(unit, 'SESSION_REDIS') !== undefined) return;
      say(type, {
        message: 'sessions lie in a Redis that is asked without a time limit',
        fix: TIMES,
      });
    },
  }),
  flaskRule({
    id: 'flask.limiter-failure',
    title: 'Where the store of the limits is gone, they hold all the same',
    level: 'warning',
    guide: 8,
    asvs: ['v5.0.0-16.5.2 (in part)'],
    cwe: ['CWE-307'],
    why: 'Whoever can stop the store, or waits until it stops, guesses passwords without a limit, and no line of the log says so.',
    judge(unit, say) {
      if (unit.guarded) return;
      for (const one of unit.extensions) {
        if (one.name !== 'Limiter' || hasFallback(unit, one.options)) continue;
        const swallows =
          one.options.get('swallow_errors') ?? settingOf(unit, 'RATELIMIT_SWALLOW_ERRORS')?.value;
        if (swallows !== undefined && isTrue(swallows))
          say(one, {
            message: 'where its store fails, nothing is limited, and nobody is told',
            fix: "Limiter(..., in_memory_fallback_enabled=True, in_memory_fallback=['60/minute'])  # and no swallow_errors",
            confidence: 'high',
          });
      }
    },
  }),
];

function hasFallback(unit: Unit, options: ReadonlyMap<string, unknown>): boolean {
  return (
    options.has('in_memory_fallback') ||
    options.has('in_memory_fallback_enabled') ||
    settingOf(unit, 'RATELIMIT_IN_MEMORY_FALLBACK_ENABLED') !== undefined
  );
}
