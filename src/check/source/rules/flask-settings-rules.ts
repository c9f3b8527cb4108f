/** Settings of Flask: what is written, what is missing, and what is written and does nothing. */
import { nearest } from '../../../core/nearest.ts';
import type { Unit } from '../flask/flask-book.ts';
import { flaskRule } from '../flask/flask-rule.ts';
import { KNOWN_SETTINGS, REMOVED_SETTINGS } from '../flask/known-settings.ts';
import type { Setting } from '../flask/read-settings.ts';
import { lastName } from '../python/python-file.ts';
import { isFalse, isTrue, type Known, valueOf } from '../python/values.ts';
import type { SourceRule } from '../source-rule.ts';
import { secretFault } from './weak-secret.ts';

/** `debug=1` is on, too. */
function isOn(value: Known): boolean {
  return isTrue(value) || (value.kind === 'number' && value.value !== 0);
}

/** A class of settings for machines that nobody else reaches. */
const NOT_SERVED = /dev|test|debug|local|ci$|example/i;

/** The value that a unit runs with, in the end: the last that is not for tests. */
export function settingOf(unit: Unit, key: string): Setting | undefined {
  return unit.settings.findLast((one) => one.key === key && !forTests(one));
}

function forTests({ owner }: Setting): boolean {
  return owner !== undefined && NOT_SERVED.test(owner);
}

/** Rules about settings. */
export const flaskSettingsRules: readonly SourceRule[] = [
  flaskRule({
    id: 'flask.secret-key',
    title: 'The secret key comes from the environment or a secret store, and is nowhere in the source',
    level: 'error',
    guide: 1,
    asvs: ['v5.0.0-13.3.1 (in part)'],
    cwe: ['CWE-798'],
    why: 'Whoever knows the key signs any session, and is whoever they say.',
    end(book, say) {
      for (const one of book.settings) {
        if (!/^(?:SECRET_KEY|WTF_CSRF_SECRET_KEY|JWT_SECRET_KEY|SECURITY_PASSWORD_SALT)$/.test(one.key))
          continue;
        const fault = secretFault(one.value);
        if (fault === undefined) continue;
        say(one, {
          level: forTests(one) ? 'note' : fault.level,
          message: `${one.key} ${fault.message}`,
          fix: `app.config['${one.key}'] = os.environ['${one.key}']  # made by: python -c 'import secrets; print(secrets.token_hex(32))'`,
          confidence: 'high',
        });
      }
    },
  }),
  flaskRule({
    id: 'flask.debug',
    title: 'The debugger is off',
    level: 'error',
    guide: 10,
    asvs: ['v5.0.0-13.4.2 (in part)'],
    cwe: ['CWE-489'],
    words: ['debug\\b', 'DEBUG\\b', 'use_debugger'],
    why: "Werkzeug's debugger is a Python prompt on the server for whoever sees an error page.",
    look(file, say) {
      for (const { call, scope } of file.calls('run')) {
        const debug = call.args.find(({ name }) => name === 'debug' || name === 'use_debugger');
        if (
          debug === undefined ||
          call.callee.kind !== 'attribute' ||
          !isOn(valueOf(debug.value, scope, file))
        )
          continue;
        if (!/app|application|socketio|Flask\(\)/i.test(file.path(call.callee.object, scope) ?? '')) continue;
        const host = call.args.find(({ name }) => name === 'host');
        const everywhere = host?.value.kind === 'string' && /^(?:0\.0\.0\.0|::)$/.test(host.value.value);
        say({
          at: { file: file.source, at: call.at },
          level: everywhere ? 'error' : 'warning',
          message: everywhere
            ? 'the debugger is on, for the whole network'
            : 'the debugger is on wherever this file is run',
          fix: 'app.run()  # and for development: flask run --debug',
        });
      }
    },
    end(book, say) {
      for (const one of book.settings) {
        if (one.key !== 'DEBUG' || !isOn(one.value) || forTests(one)) continue;
        say(one, {
          message: 'DEBUG is on',
          fix: "app.config['DEBUG'] = False  # and for development: flask run --debug",
        });
      }
    },
  }),
  cookieRule(
    'flask.cookie-secure',
    'SESSION_COOKIE_SECURE',
    'True',
    'v5.0.0-3.3.1 (in part)',
    'CWE-614',
    'Session cookies go out over https alone',
  ),
  cookieRule(
    'flask.cookie-samesite',
    'SESSION_COOKIE_SAMESITE',
    "'Lax'",
    'v5.0.0-3.3.2 (in part)',
    'CWE-1275',
    'Session cookies stay at home in requests of other sites',
  ),
  flaskRule({
    id: 'flask.cookie-httponly',
    title: 'No script reads the session cookie',
    level: 'error',
    guide: 5,
    asvs: ['v5.0.0-3.3.4 (in part)'],
    cwe: ['CWE-1004'],
    end(book, say) {
      for (const one of book.settings) {
        if (!/^(?:SESSION|REMEMBER)_COOKIE_HTTPONLY$/.test(one.key) || !isFalse(one.value) || forTests(one))
          continue;
        say(one, {
          message: `${one.key} is off: any script on a page reads the cookie`,
          fix: `app.config['${one.key}'] = True`,
        });
      }
    },
  }),
  flaskRule({
    id: 'flask.session-lifetime',
    title: 'Sessions end, and not at once',
    level: 'error',
    guide: 5,
    asvs: ['v5.0.0-7.3.2 (in part)'],
    cwe: ['CWE-613'],
    why: 'Flask-Session hands a lifetime of 0 to its store, which refuses it: every page is a 500. A lifetime of years is a stolen cookie that works for years.',
    end(book, say) {
      for (const one of book.settings) {
        if (one.key !== 'PERMANENT_SESSION_LIFETIME' || one.value.kind !== 'number' || forTests(one))
          continue;
        const seconds = one.value.value;
        if (seconds > 0 && seconds <= 31 * 86_400) continue;
        say(one, {
          level: seconds <= 0 ? 'error' : 'note',
          message:
            seconds <= 0
              ? 'a lifetime of 0 makes every page with a session an error'
              : 'sessions last longer than a month',
          fix: "app.config['PERMANENT_SESSION_LIFETIME'] = timedelta(hours=12)",
        });
      }
    },
  }),
  flaskRule({
    id: 'flask.setting-name',
    title: 'Every setting has a name that somebody reads',
    level: 'warning',
    guide: 5,
    asvs: [],
    cwe: ['CWE-1104'],
    why: 'Flask passes over names that it does not know: what was meant to be on is off, and nothing says so.',
    end(book, say) {
      for (const { key, ...one } of book.settings) {
        if (KNOWN_SETTINGS.includes(key)) continue;
        const removed = REMOVED_SETTINGS.has(key);
        const meant = key.length >= 8 ? nearest(key, KNOWN_SETTINGS) : undefined;
        const lower = key !== key.toUpperCase() && meant?.toLowerCase() === key.toLowerCase();
        if (!removed && (meant === undefined || (!lower && !misspelt(key, meant)))) continue;
        say(one, {
          level: removed ? 'note' : 'warning',
          message: removed
            ? `${key} was taken away, and does nothing`
            : `nothing reads ${key}: ${meant ?? ''} is meant`,
          fix: removed ? `# delete ${key}` : `app.config['${meant ?? ''}'] = ...`,
          confidence: 'high',
        });
      }
    },
  }),
  flaskRule({
    id: 'flask.setting-case',
    title: 'Settings of classes are written in capitals',
    level: 'warning',
    guide: 5,
    asvs: [],
    cwe: ['CWE-1104'],
    words: KNOWN_SETTINGS.map((name) => name.toLowerCase()).filter((name) => name.includes('_')),
    why: 'from_object takes names in capitals and passes over all others: the cookie stays without Secure, and nothing says so.',
    look(file, say) {
      for (const scope of file.scopes) {
        if (scope.kind !== 'class' || !/config|setting|env|prod|base/i.test(scope.name)) continue;
        const named = scope.assignments.filter(
          ({ target }) => target.kind === 'name' && isLowerSetting(target.id),
        );
        const [first] = named;
        if (
          first === undefined ||
          named.length < 2 ||
          scope.bases.some(({ value }) => /Settings|Model/.test(lastName(value) ?? ''))
        )
          continue;
        const name = lastName(first.target) ?? '';
        say({
          at: { file: file.source, at: first.at },
          message: `${name} and ${named.length - 1} more are settings of Flask in small letters, which it passes over`,
          fix: `${name.toUpperCase()} = ...  # and app.config.from_object(${scope.name})`,
        });
      }
    },
  }),
  flaskRule({
    id: 'flask.body-limit',
    title: 'Request bodies have a limit',
    level: 'warning',
    guide: 12,
    asvs: ['v5.0.0-5.2.1 (in part)'],
    cwe: ['CWE-770'],
    judge(unit, say) {
      if (unit.guarded || settingOf(unit, 'MAX_CONTENT_LENGTH') !== undefined) return;
      if (!unit.routes.some(({ unsafe }) => unsafe)) return;
      say(unit.app, {
        message: 'nothing says how long a request may be (MAX_CONTENT_LENGTH)',
        fix: "app.config['MAX_CONTENT_LENGTH'] = 10 * 1024 * 1024",
        confidence: 'high',
      });
    },
  }),
  flaskRule({
    id: 'flask.static-age',
    title: 'Files that are sent are not kept by everybody on the way',
    level: 'warning',
    guide: 5,
    asvs: ['v5.0.0-14.3.2 (in part)'],
    cwe: ['CWE-524'],
    why: 'send_file says public with that age: a private download is answered to the next visitor by a shared cache.',
    judge(unit, say) {
      const age = settingOf(unit, 'SEND_FILE_MAX_AGE_DEFAULT');
      if (
        unit.guarded ||
        age?.value.kind !== 'number' ||
        age.value.value < 3600 ||
        !unit.does.has('sends-files')
      )
        return;
      say(age, {
        message: 'what send_file answers may be kept by any cache, as long as static files',
        fix: "send_file(path, max_age=0)  # and response.headers['Cache-Control'] = 'no-store' where somebody is signed in",
      });
    },
  }),
];

function cookieRule(
  id: string,
  key: string,
  value: string,
  asvs: 'v5.0.0-3.3.1 (in part)' | 'v5.0.0-3.3.2 (in part)',
  cwe: 'CWE-614' | 'CWE-1275',
  title: string,
): SourceRule {
  return flaskRule({
    id,
    title,
    level: 'warning',
    guide: 5,
    asvs: [asvs],
    cwe: [cwe],
    judge(unit, say) {
      const setting = settingOf(unit, key);
      if (unit.guarded || !unit.does.has('keeps-session') || unit.does.has('own-sessions')) return;
      // Talisman sets Secure, where nobody has told it not to.
      const byTalisman =
        key.endsWith('SECURE') &&
        unit.extensions.some(
          ({ name, options }) => name === 'Talisman' && !isFalse(options.get('session_cookie_secure')),
        );
      if (byTalisman && setting === undefined) return;
      if (setting !== undefined && !isOff(setting.value)) return;
      say(setting ?? unit.app, {
        message: setting === undefined ? `nothing sets ${key}` : `${key} is off`,
        fix: `app.config['${key}'] = ${value}`,
        confidence: 'high',
      });
    },
  });
}

function isOff(value: Known): boolean {
  return value.kind === 'constant' && value.value !== true;
}

function isLowerSetting(name: string): boolean {
  return name === name.toLowerCase() && name.includes('_') && KNOWN_SETTINGS.includes(name.toUpperCase());
}

/** One letter, or two that changed places: a name of somebody's own is further away. */
function misspelt(key: string, meant: string): boolean {
  if (Math.abs(key.length - meant.length) > 1) return false;
  const letters = (text: string): string => text.split('').toSorted().join('');
  if (key.length === meant.length) {
    return (
      letters(key) === letters(meant) ||
      key.split('').filter((letter, at) => letter !== meant[at]).length === 1
    );
  }
  const [short, long] = key.length < meant.length ? [key, meant] : [meant, key];
  return long.split('').some((_, at) => long.slice(0, at) + long.slice(at + 1) === short);
}
