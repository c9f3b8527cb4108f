/**
 * Controls that a tree brings and begins, and the requirements of OWASP ASVS 5.0.0 that each enforces a part of. What is imported and
 * never called enforces nothing, and neither does a word in a comment.
 */
import type { AsvsId } from '../../../core/rule.ts';

/** A control, by how it is brought in and by how it is begun. */
export interface KnownControl {
  /** As its users call it. */
  readonly name: string;
  /** Files that it is looked for in. */
  readonly files: RegExp;
  /** What brings it in; where it is left out, what begins it says enough. */
  readonly brought?: RegExp;
  /** What begins it. Its place is shown. */
  readonly begun: RegExp;
  readonly asvs: readonly AsvsId[];
}

type Number_ = `${number}.${number}.${number}`;

const PYTHON = /\.py$/;
const SCRIPT = /\.[cm]?[jt]sx?$/;

const part = (...ids: readonly Number_[]): readonly AsvsId[] =>
  ids.map((id) => `v5.0.0-${id} (in part)` as AsvsId);
const python = (name: string, module: string, begun: RegExp, ...ids: readonly Number_[]): KnownControl => ({
  name,
  files: PYTHON,
  brought: new RegExp(
    `^[ \\t]*(?:from[ \\t]+(?:${module})[\\w.]*[ \\t]+import|import[ \\t]+(?:${module}))\\b`,
    'm',
  ),
  begun,
  asvs: part(...ids),
});
const script = (name: string, module: string, begun: RegExp, ...ids: readonly Number_[]): KnownControl => ({
  name,
  files: SCRIPT,
  brought: new RegExp(`(?:\\bfrom\\s*|\\brequire\\(\\s*|\\bimport\\(\\s*)['"](?:${module})['"]`),
  begun,
  asvs: part(...ids),
});
const setting = (name: string, begun: RegExp, ...ids: readonly Number_[]): KnownControl => ({
  name,
  files: PYTHON,
  begun,
  asvs: part(...ids),
});

/** Those that are known. */
export const KNOWN_CONTROLS: readonly KnownControl[] = [
  {
    name: 'Bulwark',
    files: SCRIPT,
    brought: /(?:\bfrom\s*|\brequire\(\s*)['"]bulwark(?:\/(?:express|fastify|hono|node))?['"]/,
    begun: /\b(?:bulwark|definePolicy)\(/,
    asvs: part(
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
  },
  python('Flask-WTF', 'flask_wtf', /\bCSRFProtect\(|\bcsrf\.init_app\(/, '3.5.1'),
  python('SeaSurf', 'flask_seasurf', /\bSeaSurf\(/, '3.5.1'),
  setting('the CSRF middleware of Django', /['"]django\.middleware\.csrf\.CsrfViewMiddleware['"]/, '3.5.1'),
  setting(
    'the security middleware of Django',
    /['"]django\.middleware\.security\.SecurityMiddleware['"]/,
    '3.4.4',
    '3.4.5',
  ),
  setting(
    'the framing middleware of Django',
    /['"]django\.middleware\.clickjacking\.XFrameOptionsMiddleware['"]/,
    '3.4.6',
  ),
  setting(
    'the sessions of Django',
    /['"]django\.contrib\.sessions\.middleware\.SessionMiddleware['"]/,
    '7.2.3',
    '7.2.4',
  ),
  setting('the password validators of Django', /\bAUTH_PASSWORD_VALIDATORS\s*=\s*\[\s*\{/, '6.2.4'),
  python(
    'Flask-Talisman',
    'flask_talisman',
    /\bTalisman\(|\btalisman\.init_app\(/,
    '3.4.1',
    '3.4.3',
    '3.4.4',
    '3.4.5',
    '3.4.6',
  ),
  python('Flask-Limiter', 'flask_limiter', /\bLimiter\(|\blimiter\.init_app\(/, '2.4.1', '6.3.1'),
  python('slowapi', 'slowapi', /\bLimiter\(/, '2.4.1', '6.3.1'),
  python('django-ratelimit', 'django_ratelimit', /@ratelimit\(/, '6.3.1'),
  setting('django-axes', /['"]axes\.middleware\.AxesMiddleware['"]/, '6.3.1'),
  python('Flask-Session', 'flask_session', /\bSession\(|\bsess(?:ion)?\.init_app\(/, '7.2.1', '7.2.3'),
  python('ProxyFix', 'werkzeug\\.middleware\\.proxy_fix', /\bProxyFix\(/, '15.3.4'),
  python('argon2-cffi', 'argon2', /\bPasswordHasher\(/, '11.4.2'),
  python('Werkzeug', 'werkzeug\\.security', /\bgenerate_password_hash\(/, '11.4.2'),
  python('bcrypt or passlib', 'bcrypt|passlib', /\bhashpw\(|\bCryptContext\(/, '11.4.2'),
  python('Flask-Login', 'flask_login', /@login_required\b/, '8.2.1'),
  python(
    'the sign-in of Django',
    'django\\.contrib\\.auth',
    /@(?:login|permission)_required\b|\bLoginRequiredMixin\b/,
    '8.2.1',
  ),
  python('pydantic', 'pydantic', /\(BaseModel\)\s*:/, '2.2.1'),
  python('marshmallow', 'marshmallow', /\bSchema\)\s*:/, '2.2.1'),
  python('WTForms', 'flask_wtf|wtforms', /\(FlaskForm\)\s*:/, '2.2.1'),
  python('pyotp', 'pyotp', /\bTOTP\(/, '6.3.3'),
  python('a second factor by WebAuthn', 'webauthn', /\bverify_authentication_response\(/, '6.3.3'),
  python('defusedxml', 'defusedxml', /\bfromstring\(|\bparse\(/, '1.5.1'),
  python('structured logs', 'structlog|pythonjsonlogger', /\bget_logger\(|\bJsonFormatter\(/, '16.2.4'),
  setting('SESSION_COOKIE_SECURE', /\bSESSION_COOKIE_SECURE['"]?\]?\s*[=:]\s*True\b/, '3.3.1'),
  setting('SESSION_COOKIE_HTTPONLY', /\bSESSION_COOKIE_HTTPONLY['"]?\]?\s*[=:]\s*True\b/, '3.3.4'),
  setting(
    'SESSION_COOKIE_SAMESITE',
    /\bSESSION_COOKIE_SAMESITE['"]?\]?\s*[=:]\s*['"](?:Lax|Strict)['"]/,
    '3.3.2',
  ),
  setting('MAX_CONTENT_LENGTH', /\bMAX_CONTENT_LENGTH['"]?\]?\s*[=:]\s*\d/, '5.2.1'),
  setting(
    'PERMANENT_SESSION_LIFETIME',
    /\bPERMANENT_SESSION_LIFETIME['"]?\]?\s*[=:]\s*(?:[1-9]|timedelta\()/,
    '7.3.2',
  ),
  setting('SECURE_HSTS_SECONDS', /\bSECURE_HSTS_SECONDS\s*=\s*[1-9]/, '3.4.1'),
  script(
    'helmet',
    'helmet|@fastify/helmet|hono/secure-headers',
    /\bhelmet\(|\bhelmet\b|\bsecureHeaders\(/,
    '3.4.1',
    '3.4.3',
    '3.4.4',
    '3.4.5',
    '3.4.6',
  ),
  script(
    'CSRF tokens',
    'csrf-sync|csrf-csrf|lusca|csurf|@fastify/csrf-protection|hono/csrf',
    /\bcsrf\w*\(|\bdoubleCsrf\(|\bcsrfSync\(|\bcsrfProtection\b/i,
    '3.5.1',
  ),
  script(
    'a limit of requests',
    'express-rate-limit|rate-limiter-flexible|@fastify/rate-limit|hono-rate-limiter',
    /\brateLimit\w*\(|\bRateLimiter\w+\(|\brateLimiter\(/,
    '2.4.1',
    '6.3.1',
  ),
  script(
    'sessions at the server',
    'express-session|@fastify/session',
    /\bsession\(|\bregister\(/,
    '7.2.1',
    '7.2.3',
  ),
  script('a new session at sign-in', 'express-session|@fastify/session', /\bsession\.regenerate\(/, '7.2.4'),
  script(
    'password hashes',
    'argon2|@node-rs/argon2|bcrypt|bcryptjs|@node-rs/bcrypt',
    /\.hash(?:Sync)?\(|\bhash\(/,
    '11.4.2',
  ),
  script(
    'schemas',
    'zod|joi|ajv|valibot|yup|arktype|express-validator',
    /\.(?:parse|safeParse|validate|compile)\(|\bbody\(/,
    '2.2.1',
  ),
  script('a second factor', 'otplib|otpauth|@simplewebauthn/server', /\bverify\w*\(|\bvalidate\(/, '6.3.3'),
  script('structured logs', 'pino|winston', /\bpino\(|\bcreateLogger\(/, '16.2.4'),
  {
    name: 'TLS of nginx',
    files: /\.conf$|nginx/,
    begun: /^\s*ssl_protocols\s+TLSv1\.[23](?:\s+TLSv1\.[23])?\s*;/m,
    asvs: part('12.1.1'),
  },
  {
    name: 'HSTS of nginx',
    files: /\.conf$|nginx/,
    begun: /^\s*add_header\s+Strict-Transport-Security\b/m,
    asvs: part('3.4.1'),
  },
  {
    name: 'a user of the image',
    files: /(?:^|\/)(?:Dockerfile|Containerfile)/,
    begun: /^USER\s+(?!root\b|0\b)\S/m,
    asvs: part('13.2.2'),
  },
  {
    name: 'a lock of npm',
    files: /(?:^|\/)package-lock\.json$/,
    begun: /"integrity": "sha512-/,
    asvs: part('15.2.4'),
  },
  {
    name: 'requirements with hashes',
    files: /requirements[\w.-]*\.txt$/,
    begun: /--hash=sha256:/,
    asvs: part('15.2.4'),
  },
];
