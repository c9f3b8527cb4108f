/** How the parts of a Flask application hang together: what is missing, begun in the wrong order, or done twice. */
import { CSP } from '../../mends/browser-mends.ts';
import { has } from '../flask/flask-book.ts';
import { flaskRule } from '../flask/flask-rule.ts';
import type { Expression } from '../python/ast.ts';
import { routeOf } from '../python/inputs.ts';
import { lastName } from '../python/python-file.ts';
import { isFalse, isText } from '../python/values.ts';
import type { SourceRule } from '../source-rule.ts';
import { judgePolicy } from './flask-csp.ts';
import { settingOf } from './flask-settings-rules.ts';

/** Settings that an extension reads once, when it is given the application. */
const READ_AT_ONCE: Readonly<Record<string, RegExp>> = {
  Session: /^SESSION_(?:TYPE|REDIS|KEY_PREFIX|FILE_DIR|PERMANENT|SERIALIZATION_FORMAT|ID_LENGTH|SQLALCHEMY)/,
  Limiter: /^RATELIMIT_/,
  CSRFProtect: /^WTF_CSRF_(?:ENABLED|CHECK_DEFAULT|METHODS|FIELD_NAME|HEADERS)$/,
};

const EXTENSION = `def create_app():
    app = Flask(__name__)
    app.config.from_object(Settings)  # first
    csrf.init_app(app)  # then every extension
    return app`;

/** Rules about wiring. */
export const flaskWiringRules: readonly SourceRule[] = [
  flaskRule({
    id: 'flask.csrf',
    title: 'Every form is checked against forgery',
    level: 'error',
    guide: 6,
    asvs: ['v5.0.0-3.5.1 (in part)'],
    cwe: ['CWE-352'],
    judge(unit, say) {
      const off = unit.settings.find(
        ({ key, value, owner }) =>
          /^WTF_CSRF_(?:ENABLED|CHECK_DEFAULT)$/.test(key) &&
          isFalse(value) &&
          !/test|dev/i.test(owner ?? ''),
      );
      if (unit.guarded) return;
      // Whoever calls csrf.protect() says where.
      if (off !== undefined && !unit.does.has('checks-csrf')) {
        say(off, {
          message: `${off.key} is off: other sites can post every form`,
          fix: `app.config['${off.key}'] = True`,
          confidence: 'high',
        });
        return;
      }
      const first = unit.routes.find(({ unsafe, jsonOnly }) => unsafe && !jsonOnly);
      if (
        first === undefined ||
        has(unit, 'CSRFProtect', 'CsrfProtect', 'SeaSurf') ||
        unit.does.has('checks-csrf') ||
        !unit.does.has('keeps-session')
      )
        return;
      // A form of Flask-WTF checks itself; what has none does not.
      const level = unit.does.has('uses-form') ? 'warning' : 'error';
      say(first, {
        level,
        message:
          'no request is checked against forgery (CSRF): another site can post this on behalf of whoever is signed in',
        fix: 'CSRFProtect(app)  # flask_wtf; and {{ csrf_token() }} in each form',
      });
    },
  }),
  flaskRule({
    id: 'flask.csrf-referrer',
    title: 'The referrer policy leaves the CSRF check what it needs',
    level: 'warning',
    guide: 4,
    asvs: ['v5.0.0-3.4.5 (in part)'],
    cwe: ['CWE-436'],
    why: 'Flask-WTF compares the Referer on https. With no-referrer there is none, and browsers send Origin: null: every form is a 400.',
    judge(unit, say) {
      if (!has(unit, 'CSRFProtect') || isFalse(settingOf(unit, 'WTF_CSRF_SSL_STRICT')?.value)) return;
      const talisman = unit.extensions.find(
        ({ name, options }) => name === 'Talisman' && isText(options.get('referrer_policy'), 'no-referrer'),
      );
      if (talisman === undefined) return;
      say(talisman, {
        message:
          'no-referrer takes away what the CSRF check of Flask-WTF compares: over https, no form works',
        fix: "referrer_policy='strict-origin-when-cross-origin'",
        confidence: 'high',
      });
    },
  }),
  flaskRule({
    id: 'flask.csrf-lifetime',
    title: 'A CSRF token ends',
    level: 'note',
    guide: 6,
    asvs: [],
    cwe: ['CWE-613'],
    end(book, say) {
      for (const one of book.settings) {
        if (
          one.key !== 'WTF_CSRF_TIME_LIMIT' ||
          one.value.kind !== 'constant' ||
          one.value.value !== undefined
        )
          continue;
        say(one, {
          message: 'a CSRF token works as long as its session',
          fix: "app.config['WTF_CSRF_TIME_LIMIT'] = 3600",
        });
      }
    },
  }),
  flaskRule({
    id: 'flask.extension-begun',
    title: 'Every extension that is made is given the application',
    level: 'warning',
    guide: 6,
    asvs: [],
    cwe: ['CWE-693'],
    why: 'An extension without an application does nothing at all, and says nothing.',
    mend: { flask: EXTENSION },
    judge(unit, say) {
      for (const one of unit.extensions) {
        if (one.hasApp || !/^(?:CSRFProtect|Limiter|Session|Talisman|SeaSurf|LoginManager)$/.test(one.name))
          continue;
        if (one.variable === undefined || unit.begun.has(one.variable) || one.options.has('0')) continue;
        say(one, {
          message: `${one.name} is made, and never given an application: it does nothing`,
          fix: `${one.variable}.init_app(app)`,
        });
      }
    },
  }),
  flaskRule({
    id: 'flask.extension-order',
    title: 'Settings are there before the extension that reads them',
    level: 'warning',
    guide: 5,
    asvs: [],
    cwe: ['CWE-693'],
    why: 'The extension reads them once, when it is given the application: what comes later is a setting of nothing.',
    mend: { flask: EXTENSION },
    judge(unit, say) {
      for (const one of unit.extensions) {
        const read = READ_AT_ONCE[one.name];
        if (read === undefined || !one.hasApp) continue;
        const late = unit.settings.find(
          ({ key, by }) => read.test(key) && by.file === one.file && by.scope === one.scope && by.at > one.at,
        );
        if (late === undefined) continue;
        say(one, {
          message: `${one.name} reads ${late.key} here, before it is set`,
          fix: `# set ${late.key} first, then: ${one.name}(app)`,
          confidence: 'high',
        });
      }
    },
  }),
  flaskRule({
    id: 'flask.decorator-order',
    title: 'What guards a route stands below its route',
    level: 'error',
    guide: 11,
    asvs: ['v5.0.0-8.2.1 (in part)'],
    cwe: ['CWE-862'],
    why: 'Flask registers the function that the route is put over. What stands above it wraps something that nobody calls: the page is open.',
    look(file, say) {
      for (const scope of file.scopes) {
        const route = scope.kind === 'function' ? routeOf(scope) : undefined;
        if (route === undefined) continue;
        const at = scope.decorators.indexOf(route);
        for (const above of scope.decorators.slice(0, at)) {
          const name = lastName(above.kind === 'call' ? above.callee : above) ?? '';
          if (!GUARDS.test(name) || !isFlaskRoute(route.callee)) continue;
          say({
            at: { file: file.source, at: above.at },
            message: `${name} stands above the route, so that it guards nothing`,
            fix: `# below it:\n@app.route(...)\n@${name}`,
            confidence: 'high',
          });
        }
      }
    },
  }),
  flaskRule({
    id: 'flask.headers',
    title: 'Every answer has the headers that browsers go by',
    level: 'warning',
    guide: 4,
    asvs: ['v5.0.0-3.4.3 (in part)', 'v5.0.0-3.4.4 (in part)'],
    cwe: ['CWE-693'],
    judge(unit, say) {
      if (unit.guarded || unit.does.has('sets-csp') || has(unit, 'Talisman', 'SecureHeaders', 'Secure'))
        return;
      say(unit.app, {
        message:
          'nothing sets security headers: no Content-Security-Policy, no nosniff, no protection from framing',
        fix: "Talisman(app, content_security_policy={'default-src': \"'none'\", ...})  # flask_talisman; or bulwark run -- gunicorn app:app",
      });
    },
  }),
  flaskRule({
    id: 'flask.nonce',
    title: 'The nonce of the page is the nonce of the header',
    level: 'warning',
    guide: 3,
    asvs: ['v5.0.0-3.4.3 (in part)'],
    cwe: ['CWE-693'],
    why: 'Two nonces from two sources never match: every script of the site is blocked, and the policy is taken away again.',
    mend: CSP,
    judge(unit, say) {
      const made = unit.does.get('makes-nonce');
      if (made === undefined || unit.does.has('sets-csp')) return;
      const talisman = has(unit, 'Talisman');
      say(made, {
        message: talisman
          ? 'a nonce is made here, and Talisman puts another one (or none) into its header'
          : 'a nonce is made here that no header has',
        fix: "Talisman(app, content_security_policy=csp, content_security_policy_nonce_in=['script-src'])  # and {{ csp_nonce() }} in templates",
      });
    },
  }),
  flaskRule({
    id: 'flask.csp',
    title: 'The content security policy stops what it is for',
    level: 'warning',
    guide: 3,
    asvs: ['v5.0.0-3.4.3 (in part)'],
    cwe: ['CWE-79'],
    judge(unit, say) {
      if (unit.guarded) return;
      for (const one of unit.extensions) {
        if (one.name === 'Talisman') judgePolicy(one, say);
      }
    },
  }),
  flaskRule({
    id: 'flask.https',
    title: 'Plain http leads to https, and browsers are told to stay there',
    level: 'warning',
    guide: 2,
    asvs: ['v5.0.0-3.4.1 (in part)'],
    cwe: ['CWE-319'],
    judge(unit, say) {
      if (unit.guarded) return;
      for (const one of unit.extensions) {
        if (one.name !== 'Talisman') continue;
        for (const option of ['force_https', 'strict_transport_security']) {
          if (isFalse(one.options.get(option)))
            say(one, { message: `${option} is off`, fix: `${option}=True` });
        }
        const age = one.options.get('strict_transport_security_max_age');
        if (age?.kind === 'number' && age.value < 31_536_000) {
          say(one, {
            level: 'note',
            message: 'HSTS ends before a year',
            fix: 'strict_transport_security_max_age=63072000',
          });
        }
      }
    },
  }),
  flaskRule({
    id: 'flask.proxy-fix',
    title: 'Behind a proxy, the application knows who asks',
    level: 'warning',
    guide: 9,
    asvs: ['v5.0.0-15.3.4 (in part)'],
    cwe: ['CWE-348'],
    why: 'Without it everybody has the address of the proxy: one client uses up the limit of all, and a redirect to https never ends.',
    judge(unit, say) {
      if (unit.guarded || has(unit, 'ProxyFix')) return;
      const asks = unit.does.get('asks-address');
      const talisman = unit.extensions.find(
        ({ name, options }) => name === 'Talisman' && !isFalse(options.get('force_https')),
      );
      const spot = asks ?? talisman;
      if (spot === undefined) return;
      say(spot, {
        message:
          asks === undefined
            ? 'https is forced, and nothing tells the application what the proxy was asked over'
            : 'clients are told apart by address, and behind a proxy all have the same',
        fix: 'app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # as many as there are proxies',
      });
    },
  }),
  flaskRule({
    id: 'flask.session-fixation',
    title: 'A session has a new id after sign-in',
    level: 'warning',
    guide: 5,
    asvs: ['v5.0.0-7.2.4 (in part)'],
    cwe: ['CWE-384'],
    why: 'Who gave a visitor the id before still has it after: and is signed in.',
    judge(unit, say) {
      const session = unit.extensions.find(({ path }) => path === 'flask_session.Session');
      const keeps = unit.does.get('keeps-session');
      const signIn = unit.routes.find((route) => route.signIn);
      if (
        session === undefined ||
        keeps === undefined ||
        signIn === undefined ||
        unit.does.has('renews-session') ||
        unit.guarded
      )
        return;
      say(signIn, {
        message: 'the session of Flask-Session keeps its id over sign-in',
        fix: 'app.session_interface.regenerate(session)  # first, then: session["user"] = ...',
      });
    },
  }),
];

const GUARDS =
  /^(?:login_required|auth_required|roles?_required|roles_accepted|permissions?_required|admin_required|requires_auth|jwt_required|token_required|fresh_login_required|limit|exempt_limit|auth\.login_required|mfa_required)$/;

function isFlaskRoute(callee: Expression): boolean {
  return callee.kind === 'attribute' && /^(?:route|get|post|put|patch|delete)$/.test(callee.name);
}
