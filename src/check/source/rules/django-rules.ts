/** Settings of Django, and views that step around its checks. */
import type { RuleFacts } from '../../../core/rule.ts';
import { DJANGO_WORDS, djangoBook, type DjangoSite } from '../django/django-book.ts';
import type { SayAt } from '../flask/flask-rule.ts';
import { lastName } from '../python/python-file.ts';
import { isTest, pythonRule } from '../python/python-rule.ts';
import { isFalse, isTrue, textsOf } from '../python/values.ts';
import type { SourceRule } from '../source-rule.ts';
import { secretFault } from './weak-secret.ts';

function djangoRule(
  facts: Omit<RuleFacts, 'needs'>,
  judge: (site: DjangoSite, say: SayAt) => void,
): SourceRule {
  return {
    ...facts,
    needs: 'source',
    start(tree) {
      tree.python.watchFor(DJANGO_WORDS);
      const book = djangoBook(tree);
      return {
        reads: (path) => path.endsWith('.py') && !isTest(path),
        look(file) {
          // What takes all over from another may say no more than that DEBUG is off.
          const takesOver = /settings|config/i.test(file.path) && /^from [.\w]+ import \*/m.test(file.text);
          const parsed = takesOver ? tree.python.parsed(file.path) : tree.python.look(file);
          if (parsed !== undefined) book.read(parsed);
        },
        end(say) {
          const sayAt: SayAt = ({ file, at }, fault) => {
            const source = tree.file(file);
            if (source !== undefined) say({ at: { file: source, at }, ...fault });
          };
          for (const site of book.sites) judge(site, sayAt);
        },
      };
    },
  };
}

/** Settings that are off where nobody writes them. */
function offByDefault(site: DjangoSite, say: SayAt, key: string, message: string, value = 'True'): void {
  const setting = site.settings.get(key);
  if (site.guarded || (setting !== undefined && !isFalse(setting.value))) return;
  say(setting ?? site, { message: `${message} (${key})`, fix: `${key} = ${value}`, confidence: 'high' });
}

/** Whether the application has a middleware of its own of that name. */
function hasOwn(site: DjangoSite, name: string): boolean {
  const own = new RegExp(`^(?!django\\.).*\\.\\w*${name}$`);
  return textsOf(site.settings.get('MIDDLEWARE')?.value).some((one) => own.test(one));
}

/** Rules about Django. */
export const djangoRules: readonly SourceRule[] = [
  djangoRule(
    {
      id: 'django.secret-key',
      title: 'The secret key of Django comes from the environment or a secret store',
      level: 'error',
      guide: 1,
      asvs: ['v5.0.0-13.3.1 (in part)'],
      cwe: ['CWE-798'],
      why: 'Whoever knows the key signs sessions and links for new passwords.',
    },
    ({ settings }, say) => {
      const key = settings.get('SECRET_KEY');
      const fault = key === undefined ? undefined : secretFault(key.value);
      if (key === undefined || fault === undefined) return;
      say(key, {
        level: fault.level,
        message: `SECRET_KEY ${fault.message}`,
        fix: "SECRET_KEY = os.environ['DJANGO_SECRET_KEY']",
        confidence: 'high',
      });
    },
  ),
  djangoRule(
    {
      id: 'django.debug',
      title: 'DEBUG is off',
      level: 'error',
      guide: 10,
      asvs: ['v5.0.0-13.4.2 (in part)'],
      cwe: ['CWE-489'],
    },
    ({ settings }, say) => {
      const debug = settings.get('DEBUG');
      if (debug !== undefined && isTrue(debug.value)) {
        say(debug, {
          message: 'DEBUG is on: error pages show source, settings and queries',
          fix: "DEBUG = os.environ.get('DJANGO_DEBUG') == '1'",
          confidence: 'high',
        });
      }
    },
  ),
  djangoRule(
    {
      id: 'django.allowed-hosts',
      title: 'The hosts of the site are named',
      level: 'warning',
      guide: 9,
      asvs: ['v5.0.0-4.2.1 (in part)'],
      cwe: ['CWE-644'],
      why: 'Links in mails, such as the one for a new password, lead to whatever Host a request made up.',
    },
    (site, say) => {
      const hosts = site.settings.get('ALLOWED_HOSTS');
      if (hosts === undefined || site.guarded || !textsOf(hosts.value).includes('*')) return;
      say(hosts, {
        // What tells tenants apart by their hosts knows these.
        ...(hasOwn(site, '(?:Hosts?|Domains?|Tenants?)\\w*Middleware') ? { level: 'note' as const } : {}),
        message: 'the site answers to any name',
        fix: "ALLOWED_HOSTS = ['files.example.com']",
        confidence: 'high',
      });
    },
  ),
  djangoRule(
    {
      id: 'django.middleware',
      title: 'The middleware that protects is there, and in its place',
      level: 'error',
      guide: 6,
      asvs: ['v5.0.0-3.5.1 (in part)', 'v5.0.0-3.4.4 (in part)'],
      cwe: ['CWE-352'],
    },
    ({ settings, guarded }, say) => {
      const middleware = settings.get('MIDDLEWARE');
      const names = textsOf(middleware?.value);
      if (middleware === undefined || names.length === 0 || guarded) return;
      const at = (suffix: string): number => names.findIndex((name) => name.endsWith(suffix));
      const hasSessions = at('SessionMiddleware') !== -1;
      if (hasSessions && at('CsrfViewMiddleware') === -1) {
        say(middleware, {
          message: 'no form is checked against forgery',
          fix: "'django.middleware.csrf.CsrfViewMiddleware',",
          confidence: 'high',
        });
      }
      // One of its own under the same name takes its place.
      if (at('.SecurityMiddleware') === -1) {
        say(middleware, {
          level: 'warning',
          message: 'SecurityMiddleware is missing: no HSTS, no nosniff, no redirect to https',
          fix: "'django.middleware.security.SecurityMiddleware',  # first",
          confidence: 'high',
        });
      }
      if (at('XFrameOptionsMiddleware') === -1) {
        say(middleware, {
          level: 'warning',
          message: 'any site may show the pages in a frame',
          fix: "'django.middleware.clickjacking.XFrameOptionsMiddleware',",
          confidence: 'high',
        });
      }
      if (
        hasSessions &&
        at('AuthenticationMiddleware') !== -1 &&
        at('AuthenticationMiddleware') < at('SessionMiddleware')
      ) {
        say(middleware, {
          message: 'AuthenticationMiddleware stands before the session that it reads',
          fix: "'django.contrib.sessions.middleware.SessionMiddleware',  # before it",
          confidence: 'high',
        });
      }
    },
  ),
  djangoRule(
    {
      id: 'django.cookies',
      title: 'Cookies of Django go out over https alone, and no script reads the session',
      level: 'warning',
      guide: 5,
      asvs: ['v5.0.0-3.3.1 (in part)'],
      cwe: ['CWE-614'],
    },
    (site, say) => {
      // A middleware of its own sets the cookie by its own rules.
      if (!hasOwn(site, 'SessionMiddleware'))
        offByDefault(site, say, 'SESSION_COOKIE_SECURE', 'the session cookie goes out over plain http');
      if (!hasOwn(site, 'CsrfViewMiddleware'))
        offByDefault(site, say, 'CSRF_COOKIE_SECURE', 'the CSRF cookie goes out over plain http');
      const script = site.settings.get('SESSION_COOKIE_HTTPONLY');
      if (script !== undefined && isFalse(script.value)) {
        say(script, {
          level: 'error',
          message: 'any script on a page reads the session cookie',
          fix: 'SESSION_COOKIE_HTTPONLY = True',
        });
      }
    },
  ),
  djangoRule(
    {
      id: 'django.https',
      title: 'Plain http leads to https, and browsers are told to stay there',
      level: 'warning',
      guide: 2,
      asvs: ['v5.0.0-3.4.1 (in part)'],
      cwe: ['CWE-319'],
    },
    (site, say) => {
      offByDefault(site, say, 'SECURE_SSL_REDIRECT', 'plain http is answered');
      const age = site.settings.get('SECURE_HSTS_SECONDS');
      const none = age === undefined || (age.value.kind === 'number' && age.value.value === 0);
      if (none && !site.guarded) {
        say(age ?? site, {
          message: 'browsers are not told to stay with https (SECURE_HSTS_SECONDS)',
          fix: 'SECURE_HSTS_SECONDS = 63072000',
          confidence: 'high',
        });
      }
    },
  ),
  djangoRule(
    {
      id: 'django.passwords',
      title: 'Passwords are looked at before they are taken, and hashed slowly',
      level: 'error',
      guide: 7,
      asvs: ['v5.0.0-6.2.4 (in part)', 'v5.0.0-11.4.2 (in part)'],
      cwe: ['CWE-521'],
    },
    ({ settings }, say) => {
      const validators = settings.get('AUTH_PASSWORD_VALIDATORS');
      if (validators?.value.kind === 'list' && validators.value.items.length === 0) {
        say(validators, {
          level: 'warning',
          message: 'any password is taken',
          fix: "AUTH_PASSWORD_VALIDATORS = [{'NAME': 'django.contrib.auth.password_validation.MinimumLengthValidator', 'OPTIONS': {'min_length': 15}}, {'NAME': 'django.contrib.auth.password_validation.CommonPasswordValidator'}]",
        });
      }
      const hashers = settings.get('PASSWORD_HASHERS');
      if (/MD5|SHA1PasswordHasher|Unsalted/.test(textsOf(hashers?.value)[0] ?? '') && hashers !== undefined) {
        say(hashers, {
          message: 'passwords are hashed by a function that is made to be fast',
          fix: "PASSWORD_HASHERS = ['django.contrib.auth.hashers.Argon2PasswordHasher', ...]",
          confidence: 'high',
        });
      }
    },
  ),
  djangoRule(
    {
      id: 'django.cors',
      title: 'Other sites read answers only where that is meant',
      level: 'error',
      guide: 6,
      asvs: ['v5.0.0-3.4.2 (in part)'],
      cwe: ['CWE-942'],
    },
    ({ settings }, say) => {
      const all = settings.get('CORS_ALLOW_ALL_ORIGINS') ?? settings.get('CORS_ORIGIN_ALLOW_ALL');
      if (all === undefined || !isTrue(all.value) || !isTrue(settings.get('CORS_ALLOW_CREDENTIALS')?.value))
        return;
      say(all, {
        message: 'every site may read answers as whoever is signed in',
        fix: "CORS_ALLOWED_ORIGINS = ['https://app.example.com']",
        confidence: 'high',
      });
    },
  ),
  pythonRule({
    id: 'django.csrf-exempt',
    title: 'Views that skip the check against forgery are few, and meant',
    level: 'note',
    guide: 6,
    asvs: ['v5.0.0-3.5.1 (in part)'],
    cwe: ['CWE-352'],
    words: ['csrf_exempt'],
    look(file, say) {
      for (const scope of file.scopes) {
        for (const decorator of scope.decorators) {
          const name = lastName(decorator.kind === 'call' ? decorator.callee : decorator);
          if (name !== 'csrf_exempt') continue;
          say({
            at: { file: file.source, at: decorator.at },
            message: 'this view is not checked against forgery',
            fix: '# delete it, or take a token or a signature instead of the session',
          });
        }
      }
    },
  }),
];
