/**
 * Controls that a tree brings and begins, and the requirements of OWASP ASVS 5.0.0 that each enforces a part of. What is imported and
 * never called enforces nothing, and neither does a word in a comment or in a text.
 */
import type { AsvsId } from '../../../core/rule.ts';
import { type InConfig, nginxDirective, userOfImage, written } from './in-config.ts';
import {
  called,
  decorates,
  either,
  inMiddleware,
  type InPython,
  isBase,
  isSome,
  isText,
  isTrue,
  set,
} from './in-python.ts';
import { asked, type InScript, used } from './in-script.ts';

/** A control, by how it is begun. */
export type KnownControl = {
  /** As its users call it. */
  readonly name: string;
  /** Without it, a file begins none: parsing is what a look costs. */
  readonly words: RegExp;
  readonly asvs: readonly AsvsId[];
} & (
  | { readonly kind: 'python'; readonly begun: InPython }
  | { readonly kind: 'script'; readonly begun: InScript }
  | { readonly kind: 'config'; readonly files: RegExp; readonly begun: InConfig }
);

type Number_ = `${number}.${number}.${number}`;

const part = (...ids: readonly Number_[]): readonly AsvsId[] =>
  ids.map((id) => `v5.0.0-${id} (in part)` as AsvsId);
const python = (name: string, words: RegExp, begun: InPython, ...ids: readonly Number_[]): KnownControl => ({
  kind: 'python',
  name,
  words,
  begun,
  asvs: part(...ids),
});
const setting = (name: string, fits: Parameters<typeof set>[1], ...ids: readonly Number_[]): KnownControl =>
  python(name, new RegExp(name), set(name, fits), ...ids);
const middleware = (name: string, dotted: string, ...ids: readonly Number_[]): KnownControl =>
  python(name, new RegExp(dotted.replaceAll('.', String.raw`\.`)), inMiddleware(dotted), ...ids);
const script = (name: string, words: RegExp, begun: InScript, ...ids: readonly Number_[]): KnownControl => ({
  kind: 'script',
  name,
  words,
  begun,
  asvs: part(...ids),
});

const isLifetime: Parameters<typeof set>[1] = (value) =>
  isSome(value) || (value.kind === 'call' && /\btimedelta$/.test(nameOf(value.callee)));

function nameOf(callee: Parameters<Parameters<typeof set>[1]>[0]): string {
  if (callee.kind === 'name') return callee.id;
  return callee.kind === 'attribute' ? callee.name : '';
}

const NGINX = /\.conf$|nginx/;
const ANY = /^/;
/** A module itself, or what it hands out by a name. */
const itself = (...names: readonly string[]): RegExp =>
  new RegExp(`^(?:\\.(?:${['default', ...names].join('|')}))*$`);

/** Those that are known. */
export const KNOWN_CONTROLS: readonly KnownControl[] = [
  script(
    'Bulwark',
    /['"]bulwark(?:\/\w+)?['"]/,
    used('bulwark(?:/(?:express|fastify|hono|node))?', /^\.(?:bulwark|definePolicy)$/),
    '2.4.1',
    '3.3.1',
    '3.3.2',
    '3.3.4',
    '3.4.1',
    '3.4.3',
    '3.4.4',
    '3.4.5',
    '3.4.6',
    '3.5.1',
    '4.4.2',
    '5.2.1',
    '7.2.3',
    '7.2.4',
    '7.3.1',
    '7.3.2',
    '7.6.2',
    '14.3.2',
    '15.3.4',
    '16.2.4',
  ),
  python('Flask-WTF', /flask_wtf/, called('flask_wtf', 'CSRFProtect', 'init_app'), '3.5.1'),
  python('SeaSurf', /flask_seasurf/, called('flask_seasurf', 'SeaSurf'), '3.5.1'),
  middleware('the CSRF middleware of Django', 'django.middleware.csrf.CsrfViewMiddleware', '3.5.1'),
  middleware(
    'the security middleware of Django',
    'django.middleware.security.SecurityMiddleware',
    '3.4.4',
    '3.4.5',
  ),
  middleware(
    'the framing middleware of Django',
    'django.middleware.clickjacking.XFrameOptionsMiddleware',
    '3.4.6',
  ),
  middleware(
    'the sessions of Django',
    'django.contrib.sessions.middleware.SessionMiddleware',
    '7.2.3',
    '7.2.4',
  ),
  python(
    'the password validators of Django',
    /AUTH_PASSWORD_VALIDATORS/,
    set(
      'AUTH_PASSWORD_VALIDATORS',
      (value) => value.kind === 'sequence' && value.items.some(({ kind }) => kind === 'dict'),
    ),
    '6.2.4',
  ),
  python(
    'Flask-Talisman',
    /flask_talisman/,
    called('flask_talisman', 'Talisman', 'init_app'),
    '3.4.1',
    '3.4.3',
    '3.4.4',
    '3.4.5',
    '3.4.6',
  ),
  python('Flask-Limiter', /flask_limiter/, called('flask_limiter', 'Limiter', 'init_app'), '2.4.1', '6.3.1'),
  python('slowapi', /slowapi/, called('slowapi', 'Limiter'), '2.4.1', '6.3.1'),
  python('django-ratelimit', /django_ratelimit/, decorates('django_ratelimit', 'ratelimit'), '6.3.1'),
  middleware('django-axes', 'axes.middleware.AxesMiddleware', '6.3.1'),
  python('Flask-Session', /flask_session/, called('flask_session', 'Session', 'init_app'), '7.2.1', '7.2.3'),
  python('ProxyFix', /proxy_fix/, called('werkzeug\\.middleware\\.proxy_fix', 'ProxyFix'), '15.3.4'),
  python('argon2-cffi', /argon2/, called('argon2', 'PasswordHasher'), '11.4.2'),
  python('Werkzeug', /werkzeug\.security/, called('werkzeug\\.security', 'generate_password_hash'), '11.4.2'),
  python('bcrypt or passlib', /bcrypt|passlib/, called('bcrypt|passlib', 'hashpw', 'CryptContext'), '11.4.2'),
  python('Flask-Login', /flask_login/, decorates('flask_login', 'login_required'), '8.2.1'),
  python(
    'the sign-in of Django',
    /django\.contrib\.auth/,
    either(
      decorates('django\\.contrib\\.auth', 'login_required', 'permission_required'),
      isBase('django\\.contrib\\.auth', 'LoginRequiredMixin'),
    ),
    '8.2.1',
  ),
  python('pydantic', /pydantic/, isBase('pydantic', 'BaseModel'), '2.2.1'),
  python('marshmallow', /marshmallow/, isBase('marshmallow', 'Schema'), '2.2.1'),
  python('WTForms', /flask_wtf|wtforms/, isBase('flask_wtf|wtforms', 'FlaskForm'), '2.2.1'),
  python('pyotp', /pyotp/, called('pyotp', 'TOTP'), '6.3.3'),
  python(
    'a second factor by WebAuthn',
    /webauthn/,
    called('webauthn', 'verify_authentication_response'),
    '6.3.3',
  ),
  python('defusedxml', /defusedxml/, called('defusedxml', 'fromstring', 'parse'), '1.5.1'),
  python(
    'structured logs',
    /structlog|pythonjsonlogger/,
    called('structlog|pythonjsonlogger', 'get_logger', 'JsonFormatter'),
    '16.2.4',
  ),
  setting('SESSION_COOKIE_SECURE', isTrue, '3.3.1'),
  setting('SESSION_COOKIE_HTTPONLY', isTrue, '3.3.4'),
  setting('SESSION_COOKIE_SAMESITE', isText('Lax', 'Strict'), '3.3.2'),
  setting('MAX_CONTENT_LENGTH', isSome, '5.2.1'),
  setting('PERMANENT_SESSION_LIFETIME', isLifetime, '7.3.2'),
  setting('SECURE_HSTS_SECONDS', isSome, '3.4.1'),
  script(
    'helmet',
    /helmet|hono\/secure-headers/,
    used('helmet|@fastify/helmet|hono/secure-headers', itself('helmet', 'fastifyHelmet', 'secureHeaders')),
    '3.4.1',
    '3.4.3',
    '3.4.4',
    '3.4.5',
    '3.4.6',
  ),
  script(
    'CSRF tokens',
    /csrf|lusca|csurf/,
    used('csrf-sync|csrf-csrf|csurf|@fastify/csrf-protection|hono/csrf|lusca(?=\\.csrf)', ANY),
    '3.5.1',
  ),
  script(
    'a limit of requests',
    /rate-limit/,
    used(
      'express-rate-limit|rate-limiter-flexible|@fastify/rate-limit|hono-rate-limiter',
      /^(?:\.(?:default|\w*[rR]ate[lL]imit\w*|RateLimiter\w+))*$/,
    ),
    '2.4.1',
    '6.3.1',
  ),
  script(
    'sessions at the server',
    /express-session|@fastify\/session/,
    used('express-session|@fastify/session', itself('fastifySession')),
    '7.2.1',
    '7.2.3',
  ),
  script(
    'a new session at sign-in',
    /express-session|@fastify\/session/,
    asked('express-session|@fastify/session', /^regenerate$/),
    '7.2.4',
  ),
  script(
    'password hashes',
    /argon2|bcrypt/,
    used('argon2|@node-rs/argon2|bcrypt|bcryptjs|@node-rs/bcrypt', /\.hash(?:Sync)?$/),
    '11.4.2',
  ),
  script(
    'schemas',
    /zod|joi|ajv|valibot|yup|arktype|express-validator/,
    asked(
      'zod|joi|ajv|valibot|yup|arktype|express-validator',
      /^(?:parse|safeParse|parseAsync|safeParseAsync|validate|validateAsync|compile|body)$/,
    ),
    '2.2.1',
  ),
  script(
    'a second factor',
    /otplib|otpauth|@simplewebauthn\/server/,
    asked('otplib|otpauth|@simplewebauthn/server', /^(?:verify\w*|validate)$/),
    '6.3.3',
  ),
  script('structured logs', /pino|winston/, used('pino|winston', itself('pino', 'createLogger')), '16.2.4'),
  {
    kind: 'config',
    name: 'TLS of nginx',
    files: NGINX,
    words: /ssl_protocols/,
    begun: nginxDirective(
      'ssl_protocols',
      (args) => args.length > 0 && args.every((one) => /^TLSv1\.[23]$/.test(one)),
    ),
    asvs: part('12.1.1'),
  },
  {
    kind: 'config',
    name: 'HSTS of nginx',
    files: NGINX,
    words: /Strict-Transport-Security/i,
    begun: nginxDirective('add_header', ([name = '']) => /^strict-transport-security$/i.test(name)),
    asvs: part('3.4.1'),
  },
  {
    kind: 'config',
    name: 'a user of the image',
    files: /(?:^|\/)(?:Dockerfile|Containerfile)/,
    words: /^[ \t]*USER\b/im,
    begun: userOfImage,
    asvs: part('13.2.2'),
  },
  {
    kind: 'config',
    name: 'a lock of npm',
    files: /(?:^|\/)package-lock\.json$/,
    words: /"integrity"/,
    begun: written(/"integrity": "sha512-/),
    asvs: part('15.2.4'),
  },
  {
    kind: 'config',
    name: 'requirements with hashes',
    files: /requirements[\w.-]*\.txt$/,
    words: /--hash/,
    begun: written(/^[^#\n]*--hash=sha256:/m),
    asvs: part('15.2.4'),
  },
];
