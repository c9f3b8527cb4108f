/**
 * Words by which other products call what a policy has under another name. Whoever moves here types them from habit, and "no option of
 * this name" sends them to search.
 */

/** What is written here, by the words for it elsewhere: those of a section as `session.maxAge`, others of the policy itself. */
const HERE: readonly (readonly [write: string, words: readonly string[]])[] = [
  [
    "proxy: { trusted: ['10.0.0.5'] }",
    ['trustProxy', 'trust proxy', 'trustedProxies', 'ProxyFix', 'proxyCount'],
  ],
  ["firewall: { hosts: ['www.example.com'] }", ['allowedHosts', 'trustedHosts', 'hostWhitelist']],
  [
    "csp: { directives: { 'img-src': [\"'self'\"] } }",
    [
      'contentSecurityPolicy',
      'csp.imgSrc',
      'csp.img-src',
      'csp.scriptSrc',
      'csp.script-src',
      'csp.defaultSrc',
      'csp.default-src',
      'csp.styleSrc',
      'csp.style-src',
    ],
  ],
  [
    "csp: { mode: 'observe' }",
    ['cspReportOnly', 'contentSecurityPolicyReportOnly', 'csp.reportOnlyMode', 'csp.report_only'],
  ],
  [
    "https: { hsts: { maxAge: '365d' } }",
    [
      'hsts',
      'strictTransportSecurity',
      'secureHstsSeconds',
      'headers.hsts',
      'headers.strictTransportSecurity',
    ],
  ],
  ["https: { mode: 'enforce' }", ['forceHttps', 'secureSslRedirect', 'sslRedirect', 'requireHttps']],
  ["headers: { frameOptions: 'SAMEORIGIN' }", ['frameguard', 'xFrameOptions', 'headers.xFrameOptions']],
  ["headers: { referrerPolicy: 'same-origin' }", ['referrerPolicy', 'secureReferrerPolicy']],
  ["headers: { permissionsPolicy: { camera: ['self'] } }", ['permissionsPolicy', 'featurePolicy']],
  [
    "headers: { mode: 'enforce' }",
    ['helmet', 'secureHeaders', 'securityHeaders', 'noSniff', 'hidePoweredBy'],
  ],
  [
    "rateLimit: { perClient: '200/minute' }",
    [
      'windowMs',
      'rateLimiter',
      'limiter',
      'throttle',
      'rateLimit.max',
      'rateLimit.limit',
      'rateLimit.windowMs',
      'rateLimit.timeWindow',
      'ratelimitDefault',
    ],
  ],
  [
    "session: { idle: '30m', absolute: '12h' }",
    [
      'session.maxAge',
      'session.ttl',
      'session.cookie',
      'session.rolling',
      'session.expires',
      'permanentSessionLifetime',
      'sessionCookieAge',
      'sessionLifetime',
    ],
  ],
  ["session: { sameSite: 'strict' }", ['sessionCookieSamesite']],
  [
    "cors: { origins: ['https://partner.example'] }",
    ['cors.origin', 'cors.allowedOrigins', 'cors.allowOrigins', 'corsOrigins', 'accessControlAllowOrigin'],
  ],
  [
    "cors: { origins: ['https://partner.example'], headers: ['Content-Type'] }",
    ['cors.allowedHeaders', 'cors.allowHeaders'],
  ],
  [
    "cors: { origins: ['https://partner.example'], exposedHeaders: ['X-Total-Count'] }",
    ['cors.exposeHeaders'],
  ],
  [
    "cors: { origins: ['https://partner.example'], methods: ['GET', 'PUT'] }",
    ['cors.allowedMethods', 'cors.allowMethods'],
  ],
  [
    "csrf: { trustedOrigins: ['https://app.example.com'] }",
    ['csrfTrustedOrigins', 'csrf.origin', 'csrf.origins', 'csrf.allowedOrigins', 'allowedOrigins'],
  ],
  ["csrf: { tokens: 'always' }", ['csrfProtection', 'csurf', 'csrf.token', 'csrf.requireToken']],
  [
    "body: { limit: '10MB' }",
    ['bodyLimit', 'maxContentLength', 'bodyParser', 'maxBodySize', 'clientMaxBodySize'],
  ],
  ["origin: 'https://www.example.com'", ['baseUrl', 'publicUrl', 'siteUrl', 'serverName']],
];

/** Said of what has no line here. */
const NEVER: readonly (readonly [say: string, words: readonly string[]])[] = [
  [
    'remove it, and set BULWARK_SECRET in the environment',
    [
      'secret',
      'secretKey',
      'sessionSecret',
      'cookieSecret',
      'session.secret',
      'session.secrets',
      'session.keys',
    ],
  ],
  [
    'remove it: it is always so',
    [
      'session.secure',
      'session.httpOnly',
      'sessionCookieSecure',
      'sessionCookieHttponly',
      'session.resave',
      'session.saveUninitialized',
      'session.name',
    ],
  ],
  [
    'remove it: state: memory() of bulwark/memory, or redis(...) of bulwark/redis, says where sessions and limits are kept',
    ['store', 'session.store', 'rateLimit.store', 'redisUrl', 'storageUri', 'sessionType'],
  ],
];

/** Made where a policy has a word of theirs: most have none, and all would wait for it as they start. */
let fixes: ReadonlyMap<string, string> | undefined;

function makeFixes(): ReadonlyMap<string, string> {
  return new Map([
    ...HERE.flatMap(([write, words]) => words.map((word) => [plain(word), `here that is ${write}`] as const)),
    ...NEVER.flatMap(([say, words]) => words.map((word) => [plain(word), say] as const)),
  ]);
}

/** Longer than any of them: a name may be what a stranger sent. */
const LONGEST = 60;

/**
 * The line for what others call by this name; undefined where nobody does. In a section only what others have in a section of this
 * name: `secret` of a webhook and `allowedOrigins` of calls to others are words for something else.
 *
 * @param section - where it stands: `session`, `routes['/api/**'].cors`, or nothing
 */
export function peerWord(section: string, name: string): string | undefined {
  if (name.length > LONGEST) return undefined;
  const own = OF_A_ROUTE.exec(section)?.[1] ?? section;
  fixes ??= makeFixes();
  return fixes.get(plain(own === '' ? name : `${own}.${name}`));
}

/** A section that a route has as the policy has it. */
const OF_A_ROUTE = /^routes\[.*\]\.(\w+)$/s;

/** What they are written as, for tests. */
export const PEER_LINES: readonly (readonly [write: string, words: readonly string[]])[] = HERE;

/** `TRUST_PROXY`, `trust-proxy` and `trustProxy` are one word. */
function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]/g, '');
}
