/** Limits of a Flask application: where they are counted, and what they are of. */
import type { Route, Unit } from '../flask/flask-book.ts';
import { flaskRule, type SayAt } from '../flask/flask-rule.ts';
import { isText } from '../python/values.ts';
import type { SourceRule } from '../source-rule.ts';
import { settingOf } from './flask-settings-rules.ts';

/** Rules about limits. */
export const flaskLimitRules: readonly SourceRule[] = [
  flaskRule({
    id: 'flask.limiter-storage',
    title: 'Limits are counted in one place for all workers',
    level: 'warning',
    guide: 8,
    asvs: ['v5.0.0-6.3.1 (in part)'],
    cwe: ['CWE-307'],
    why: 'In memory each worker counts by itself, and from zero after each start: with four workers, four times the limit.',
    judge(unit, say) {
      for (const one of unit.extensions) {
        if (one.name !== 'Limiter' || unit.guarded) continue;
        const storage =
          one.options.get('storage_uri') ??
          settingOf(unit, 'RATELIMIT_STORAGE_URI')?.value ??
          settingOf(unit, 'RATELIMIT_STORAGE_URL')?.value;
        if (storage !== undefined && !(storage.kind === 'text' && storage.value.startsWith('memory:')))
          continue;
        say(one, {
          message: 'the limiter counts in the memory of each worker',
          fix: "Limiter(get_remote_address, app=app, storage_uri=os.environ['REDIS_URL'], strategy='moving-window')",
          confidence: 'high',
        });
      }
    },
  }),
  flaskRule({
    id: 'flask.limiter-scope',
    title: 'A limit counts all that a client asks, in any two seconds',
    level: 'note',
    guide: 8,
    asvs: ['v5.0.0-2.4.1 (in part)'],
    cwe: ['CWE-770'],
    why: 'default_limits count each endpoint by itself, and leave out files and unknown paths; a fixed window lets twice the limit through at its edge.',
    judge(unit, say) {
      for (const one of unit.extensions) {
        if (one.name !== 'Limiter' || unit.guarded) continue;
        if (one.options.has('default_limits') && !one.options.has('application_limits')) {
          say(one, {
            message: 'default_limits count each endpoint by itself',
            fix: "application_limits=['200/minute']",
          });
        }
        const strategy = one.options.get('strategy') ?? settingOf(unit, 'RATELIMIT_STRATEGY')?.value;
        if (strategy === undefined || isText(strategy, 'fixed-window')) {
          say(one, {
            message: 'the window is fixed: at its edge twice the limit goes through',
            fix: "strategy='moving-window'",
          });
        }
      }
    },
  }),
  flaskRule({
    id: 'flask.login-limit',
    title: 'Sign-in is limited',
    level: 'warning',
    guide: 8,
    asvs: ['v5.0.0-6.3.1 (in part)'],
    cwe: ['CWE-307'],
    judge(unit, say) {
      if (unit.guarded) return;
      for (const route of unit.routes.filter(({ signIn }) => signIn)) judgeSignIn(unit, route, say);
    },
  }),
];

function judgeSignIn(unit: Unit, route: Route, say: SayAt): void {
  const general = unit.extensions.find(({ name }) => name === 'Limiter');
  const fix =
    "@app.post('/login')\n@limiter.limit('5/minute')\n@limiter.limit('5/minute', key_func=lambda: request.form.get('username', ''))";
  if (route.decorators.some((name) => /limit|throttle|axes/i.test(name))) {
    if (route.keyed) return;
    say(route, {
      level: 'note',
      message:
        'passwords are counted for each client, and not for each account: who has many addresses tries as many more',
      fix,
    });
    return;
  }
  say(route, {
    message:
      general === undefined
        ? 'nobody counts how often a password is tried here'
        : 'sign-in has no limit of its own: the general one lets thousands of passwords be tried',
    fix,
  });
}
