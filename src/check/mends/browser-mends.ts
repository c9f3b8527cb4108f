/** What browsers are told: how each is mended, by the room of the rule or by its room and weakness (mend.ts). */
import type { Mend } from '../../core/rule.ts';
import type { Mends } from './mend.ts';

const HELMET_CSP = `app.use((request, response, next) => {
  response.locals.nonce = crypto.randomBytes(16).toString('base64');
  next();
});
app.use(helmet({ contentSecurityPolicy: { useDefaults: false, directives: {
  defaultSrc: ["'none'"],
  scriptSrc: [(request, response) => \`'nonce-\${response.locals.nonce}'\`],
  styleSrc: ["'self'"], imgSrc: ["'self'"], connectSrc: ["'self'"], formAction: ["'self'"],
  baseUri: ["'none'"], objectSrc: ["'none'"], frameAncestors: ["'none'"],
} } }));`;
const TALISMAN_CSP = `csp = {
    'default-src': "'none'", 'script-src': '', 'style-src': "'self'", 'img-src': "'self'",
    'connect-src': "'self'", 'form-action': "'self'", 'base-uri': "'none'",
    'object-src': "'none'", 'frame-ancestors': "'none'",
}
Talisman(app, content_security_policy=csp, content_security_policy_nonce_in=['script-src'])
# in templates: <script nonce="{{ csp_nonce() }}" src="...">`;
const EXPRESS_SESSION = `app.set('trust proxy', ['10.0.0.5']);
app.use(session({ name: '__Host-id', secret: process.env.SESSION_SECRET, resave: false, saveUninitialized: false,
  store, cookie: { secure: true, httpOnly: true, sameSite: 'lax', path: '/', maxAge: 30 * 60_000 } }));`;
const FLASK_SESSION = `app.config.update(
    SESSION_COOKIE_NAME='__Host-session', SESSION_COOKIE_SECURE=True, SESSION_COOKIE_HTTPONLY=True,
    SESSION_COOKIE_SAMESITE='Lax', SESSION_COOKIE_PATH='/',
    PERMANENT_SESSION_LIFETIME=timedelta(minutes=30),
)`;
const NO_STORE = {
  bulwark: '',
  express: "response.set('Cache-Control', 'no-store');  // wherever a session was read",
  flask: `@app.after_request
def keep_out_of_caches(response):
    if session.accessed:
        response.headers['Cache-Control'] = 'no-store'
    return response`,
  nginx: 'proxy_no_cache $http_cookie $upstream_http_set_cookie;\nproxy_cache_bypass $http_cookie;',
} as const;
const HTTPS = {
  bulwark: "origin: 'https://files.example.com',",
  express: 'app.use(helmet({ strictTransportSecurity: { maxAge: 63072000, includeSubDomains: true } }));',
  flask:
    'Talisman(app, force_https=True, strict_transport_security_max_age=63072000,\n         strict_transport_security_include_subdomains=True)',
  nginx: `server {
  listen 80 default_server;
  return 308 https://files.example.com$request_uri;
}
# in the server of port 443:
add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;`,
} as const;
const TLS = {
  bulwark: `gateway: {
  tls: { cert: '/etc/ssl/files.pem', key: '/etc/ssl/files.key' },
},`,
  nginx: `ssl_protocols TLSv1.2 TLSv1.3;
ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
ssl_prefer_server_ciphers off;`,
} as const;
const CORS = {
  bulwark: `routes: {
  '/api/**': { cors: { origins: ['https://partner.example'] } },
},`,
  express: "app.use('/api', cors({ origin: ['https://partner.example'], credentials: true }));",
  flask:
    "CORS(app, resources={r'/api/*': {'origins': ['https://partner.example']}}, supports_credentials=True)",
  nginx: `map $http_origin $allowed { default ""; "https://partner.example" $http_origin; }
add_header Access-Control-Allow-Origin $allowed always;
add_header Vary Origin always;`,
} as const;
const HEADERS = {
  bulwark: '',
  express: "app.use(helmet());  // first, above every route\napp.disable('x-powered-by');",
  flask: "Talisman(app, frame_options='DENY', referrer_policy='strict-origin-when-cross-origin')",
  nginx: `add_header X-Content-Type-Options nosniff always;
add_header X-Frame-Options DENY always;
add_header Referrer-Policy strict-origin-when-cross-origin always;
add_header Cross-Origin-Opener-Policy same-origin always;
add_header Permissions-Policy "camera=(), microphone=(), geolocation=()" always;`,
} as const;
/** A policy with a nonce. */
export const CSP: Mend = {
  bulwark: '',
  express: HELMET_CSP,
  flask: TALISMAN_CSP,
  nginx: `# a nonce is new in each page: it is the application that writes it. Pages without scripts:
add_header Content-Security-Policy "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'" always;`,
};
const CSRF = {
  bulwark: '',
  express: `app.use((request, response, next) => {
  const site = request.get('Sec-Fetch-Site');
  const own = site === undefined ? request.get('Origin') === ORIGIN : site === 'same-origin' || site === 'none';
  if (/^(?:GET|HEAD|OPTIONS)$/.test(request.method) || own) return next();
  response.sendStatus(403);
});  // and tokens, csrf-sync or csrf-csrf, for old browsers`,
  flask:
    'CSRFProtect(app)  # flask_wtf\n# in each form: <input type="hidden" name="csrf_token" value="{{ csrf_token() }}">',
} as const;
const SAFE_REDIRECT = {
  bulwark: `import { safeRedirect } from 'bulwark';
import type { Request, Response } from 'express';

export function leadOn(request: Request, response: Response): void {
  response.redirect(safeRedirect(request.query['next'], '/home'));
}`,
  express: `const to = new URL(String(request.query.next ?? ''), ORIGIN);
response.redirect(to.origin === ORIGIN ? to.pathname + to.search : '/');`,
  flask: `to = urlsplit(request.args.get('next', ''))
return redirect(to.path if not to.scheme and not to.netloc and re.match(r'/[^/\\\\]', to.path) else '/')`,
  nginx: 'server_name files.example.com;\nreturn 308 https://files.example.com$request_uri;',
} as const;
const WEBSOCKET = {
  bulwark: '',
  express: `server.on('upgrade', (request, socket, head) => {
  if (request.headers.origin !== ORIGIN) return socket.destroy();
  sockets.handleUpgrade(request, socket, head, onOpen);
});`,
  flask: "SocketIO(app, cors_allowed_origins=['https://files.example.com'])",
  nginx: `map $http_origin $foreign { default 1; "https://files.example.com" 0; }
location /socket {
  if ($foreign) { return 403; }
  proxy_pass http://app;
}`,
} as const;
const COOKIES = {
  bulwark: '',
  express: EXPRESS_SESSION,
  flask: FLASK_SESSION,
  nginx: 'proxy_cookie_flags ~ secure httponly samesite=lax;',
} as const;
const NEW_ID = {
  bulwark: '',
  express: `request.session.regenerate((error) => {
  if (error) return next(error);
  request.session.user = user.id;
  response.redirect('/');
});`,
  flask: `app.session_interface.regenerate(session)  # Flask-Session: first
session['user'] = user.id`,
} as const;
const ENDS = {
  bulwark: `session: { idle: '30m', absolute: '12h' },`,
  express: "request.session.destroy(() => response.clearCookie('__Host-id').redirect('/'));",
  flask:
    "session.clear()  # with sessions at the server (Flask-Session): a cookie alone cannot be ended\napp.config['PERMANENT_SESSION_LIFETIME'] = timedelta(minutes=30)",
} as const;

/** Sessions for those who sign in alone. */
export const VISITORS: Mend = {
  bulwark: '',
  express: 'session({ resave: false, saveUninitialized: false, ... })',
  flask:
    "# write to session only where somebody signs in\napp.config['SESSION_REFRESH_EACH_REQUEST'] = False",
};

/** By room, or by room and weakness; those of weaknesses alone are for source rules. */
export const BROWSER_MENDS: Mends = {
  https: HTTPS,
  'https CWE-327': TLS,
  'https CWE-326': TLS,
  'https CWE-295': {
    ...TLS,
    shell:
      'openssl s_client -connect files.example.com:443 -servername files.example.com </dev/null\ncertbot renew',
  },
  'config CWE-326': TLS,
  'CWE-319': HTTPS,
  'CWE-601': SAFE_REDIRECT,
  'https CWE-601': {
    bulwark: "origin: 'https://files.example.com',",
    express: 'response.redirect(308, ORIGIN + request.originalUrl);',
    flask: "redirect('https://files.example.com' + request.full_path, 308)",
    nginx: 'return 308 https://files.example.com$request_uri;',
  },
  'firewall CWE-601': SAFE_REDIRECT,
  csp: CSP,
  'csp CWE-353': {
    bulwark: '',
    express:
      '<script src="https://cdn.example.com/a.js" integrity="sha384-..." crossorigin="anonymous"></script>',
    flask:
      '<script src="https://cdn.example.com/a.js" integrity="sha384-..." crossorigin="anonymous"></script>',
    shell: 'curl -s https://cdn.example.com/a.js | openssl dgst -sha384 -binary | base64',
  },
  'csp CWE-524': NO_STORE,
  'flask CWE-79': CSP,
  'jinja CWE-693': CSP,
  headers: HEADERS,
  'headers CWE-524': NO_STORE,
  'headers CWE-525': NO_STORE,
  'headers CWE-497': {
    bulwark: '',
    express: "app.disable('x-powered-by');",
    flask:
      '# gunicorn and Werkzeug write Server after the application: take it away in nginx, or by the gateway',
    nginx: 'server_tokens off;\nproxy_hide_header Server;\nproxy_hide_header X-Powered-By;',
  },
  'headers ': {
    express:
      "app.get('/.well-known/security.txt', (request, response) => response.type('text').send(SECURITY_TXT));",
    flask:
      "@app.get('/.well-known/security.txt')\ndef security_txt():\n    return send_from_directory(app.static_folder, 'security.txt', mimetype='text/plain')",
    nginx: `location = /.well-known/security.txt {
  default_type text/plain;
  return 200 "Contact: mailto:security@example.com\\nExpires: 2027-12-31T00:00:00Z\\n";
}`,
  },
  'CWE-693': HEADERS,
  'CWE-1021': HEADERS,
  'CWE-436': HEADERS,
  cookies: COOKIES,
  session: COOKIES,
  'session CWE-330': {
    bulwark: '',
    express: '// express-session draws 24 random bytes: leave genid out',
    flask: "app.config['SESSION_ID_LENGTH'] = 32  # Flask-Session",
  },
  'device-bound': {
    bulwark: `session: { deviceBound: 'enforce' },`,
    express: `// the key that was registered with this session, and none that the proof brings
const { payload } = await jwtVerify(request.get('secure-session-response'), session.key, { typ: 'dbsc+jwt' });
if (!(await challenges.takeOnce(session.id, payload.jti))) return response.sendStatus(403);`,
    flask: `# the key that was registered with this session, and none that the proof brings
claims = jwt.decode(request.headers['Secure-Session-Response'], session['key'], algorithms=['ES256'])
if not challenges.take_once(session.sid, claims['jti']):
    abort(403)`,
  },
  'session CWE-384': NEW_ID,
  'session CWE-613': ENDS,
  'session CWE-770': VISITORS,
  'CWE-384': NEW_ID,
  'CWE-613': ENDS,
  'CWE-614': COOKIES,
  'CWE-1004': COOKIES,
  'CWE-1275': COOKIES,
  'CWE-524': NO_STORE,
  cors: CORS,
  'CWE-942': CORS,
  csrf: CSRF,
  'CWE-352': CSRF,
  'csrf CWE-1385': WEBSOCKET,
  'CWE-1385': WEBSOCKET,
};
