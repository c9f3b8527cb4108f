/** What servers take and tell, who may do what, and what they are built of: how each is mended. */
import type { Mends } from './mend.ts';

const SIGN_IN_LIMIT = {
  bulwark: `routes: {
  'POST /login': { limit: '5/minute', by: ['client', 'account'], accountField: 'email' },
},`,
  express: `app.post('/login', rateLimit({ windowMs: 60_000, limit: 5, store: new RedisStore({ sendCommand }) }),
  rateLimit({ windowMs: 60_000, limit: 5, store: new RedisStore({ sendCommand, prefix: 'account:' }),
    keyGenerator: (request) => String(request.body.email).toLowerCase() }), signIn);`,
  flask: `limiter = Limiter(get_remote_address, app=app, storage_uri=os.environ['REDIS_URL'], strategy='moving-window')

@app.post('/login')
@limiter.limit('5/minute')
@limiter.limit('5/minute', key_func=lambda: request.form.get('email', '').lower())
def login(): ...`,
  nginx:
    'limit_req_zone $binary_remote_addr zone=login:10m rate=5r/m;\nlocation = /login { limit_req zone=login burst=5 nodelay; limit_req_status 429; proxy_pass http://app; }',
} as const;
const LIMIT = {
  bulwark: "rateLimit: { perClient: '200/minute' },",
  express:
    "app.use(rateLimit({ windowMs: 60_000, limit: 200, standardHeaders: 'draft-8', store }));  // above static files",
  flask:
    "Limiter(get_remote_address, app=app, application_limits=['200/minute'], strategy='moving-window', storage_uri=os.environ['REDIS_URL'])",
  nginx:
    'limit_req_zone $binary_remote_addr zone=all:10m rate=200r/m;\nlimit_req zone=all burst=50 nodelay;\nlimit_req_status 429;',
} as const;
const BODY = {
  bulwark: "body: { limit: '10MB' },",
  express:
    "app.use(express.json({ limit: '100kb' }), express.urlencoded({ limit: '100kb' }));\nmulter({ limits: { fileSize: 10_000_000, files: 5 } });",
  flask: "app.config['MAX_CONTENT_LENGTH'] = 10 * 1024 * 1024",
  nginx: 'client_max_body_size 10m;',
} as const;
const PROXY = {
  bulwark: "origin: 'https://files.example.com',\nproxy: { trusted: ['10.0.0.5'] },",
  express:
    "app.set('trust proxy', ['10.0.0.5']);  // then request.ip, never a header by hand; links by a name of your own, never by request.hostname",
  flask:
    'app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=0)  # as many as there are proxies',
  nginx:
    'proxy_set_header Host $host;\nproxy_set_header X-Forwarded-Host $host;\nproxy_set_header X-Forwarded-For $remote_addr;\nproxy_set_header X-Forwarded-Proto $scheme;',
} as const;
const ERRORS = {
  bulwark: "errors: { clientErrors: 'all' },",
  express: `app.use((error, request, response, next) => {
  log.error(error);
  response.status(500).type('text').send('Something went wrong here.');
});`,
  flask: `@app.errorhandler(Exception)
def failed(error):
    if isinstance(error, HTTPException):
        return error
    app.logger.exception('failed')
    return 'Something went wrong here.', 500`,
  nginx: 'proxy_intercept_errors on;\nerror_page 500 502 503 504 /50x.html;',
} as const;
const DEBUG = {
  bulwark: '',
  express: '// NODE_ENV=production node server.js',
  flask: '# gunicorn app:app, and no app.run(debug=True), no FLASK_DEBUG',
} as const;
const SECRET = {
  bulwark: "import { definePolicy, env } from 'bulwark';\n\nexport default definePolicy({ secrets: env() });",
  express:
    "const secret = process.env.SESSION_SECRET;\nif (secret === undefined) throw new Error('SESSION_SECRET is not set');",
  flask: "app.config['SECRET_KEY'] = os.environ['SECRET_KEY']",
  shell:
    'openssl rand -base64 32  # a new one: what was committed is known\ngit rm --cached .env && echo .env >> .gitignore',
} as const;
const SERVED = {
  bulwark: '',
  express: "app.use(express.static('public', { dotfiles: 'deny', index: false }));",
  flask: "Flask(__name__, static_folder='static')  # a folder of its own",
  nginx:
    'location ~ /\\.(?!well-known/) { return 404; }\nlocation ~* \\.(?:bak|sql|old|swp|map)$ { return 404; }\nautoindex off;',
} as const;
const SAME_ANSWER = {
  bulwark: '',
  express: `const stored = user?.passwordHash ?? DUMMY_HASH;
const right = await argon2.verify(stored, password);
if (user === undefined || !right) return response.status(401).send('Name or password is wrong.');`,
  flask: `stored = user.password_hash if user else DUMMY_HASH
if not check_password_hash(stored, password) or user is None:
    return 'Name or password is wrong.', 401`,
} as const;
const OWNER = {
  bulwark: `access: { otherwise: 'nobody' },
routes: {
  '/notes/**': { require: 'signed-in' },
},`,
  express:
    'const note = await notes.findOne({ id: request.params.id, owner: request.user.id });\nif (note === null) return response.sendStatus(404);',
  flask: 'note = Note.query.filter_by(id=id, owner_id=current_user.id).first_or_404()',
} as const;
const USER = {
  docker: 'RUN useradd --system --uid 10001 app\nUSER app',
  shell:
    '# compose: user: "10001", read_only: true, cap_drop: [ALL], security_opt: [no-new-privileges:true]\n# systemd: DynamicUser=yes, NoNewPrivileges=yes, ProtectSystem=strict',
} as const;
const PINNED = {
  docker: 'FROM node:24.21.0-bookworm-slim@sha256:...',
  shell:
    'npm ci  # with package-lock.json in the repository\npip-compile --generate-hashes requirements.in && pip install --require-hashes -r requirements.txt',
} as const;

/** By room, or by room and weakness, or by weakness. */
export const SERVER_MENDS: Mends = {
  rate: LIMIT,
  'rate CWE-307': SIGN_IN_LIMIT,
  'CWE-307': SIGN_IN_LIMIT,
  'CWE-770': BODY,
  'flask CWE-770': { ...BODY, ...{ flask: `${BODY.flask}\n${LIMIT.flask}` } },
  'firewall CWE-770': BODY,
  firewall: {
    bulwark: "origin: 'https://files.example.com',",
    express:
      'app.use((request, response, next) => {\n  if (/%(?:2f|5c|00|2e)|\\/\\.\\.?(?:\\/|$)/i.test(request.path)) return response.sendStatus(400);\n  next();\n});',
    nginx:
      'merge_slashes on;\nif ($request_uri ~* "%(?:00|2f|5c|25)") { return 400; }\nif ($request_method !~ ^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$) { return 405; }',
  },
  'firewall CWE-348': {
    ...PROXY,
    nginx: `server { listen 443 ssl default_server; ssl_reject_handshake on; }
server { listen 443 ssl; server_name files.example.com; }`,
  },
  'firewall CWE-444': {
    bulwark: '',
    nginx: 'proxy_set_header Upgrade "";\nproxy_set_header HTTP2-Settings "";',
  },
  'CWE-348': PROXY,
  'CWE-644': {
    bulwark: "origin: 'https://files.example.com',",
    flask: "app.config['TRUSTED_HOSTS'] = ['files.example.com']  # Django: ALLOWED_HOSTS",
    nginx: 'server_name files.example.com;',
  },
  errors: ERRORS,
  'errors CWE-489': DEBUG,
  'CWE-209': ERRORS,
  'CWE-489': DEBUG,
  'CWE-497': {
    bulwark: '',
    express: "app.disable('x-powered-by');",
    nginx: 'server_tokens off;\nproxy_hide_header Server;',
  },
  'CWE-548': SERVED,
  'CWE-552': SERVED,
  'CWE-527': { ...SERVED, docker: '# .dockerignore\n.git\n.env\nnode_modules' },
  'secrets CWE-798': SECRET,
  'secrets CWE-540': {
    ...SERVED,
    shell: '# source maps go to the service that collects errors, not to the server',
  },
  secrets: SERVED,
  'config CWE-798': {
    docker: 'RUN --mount=type=secret,id=token TOKEN="$(cat /run/secrets/token)" ./fetch',
    shell: '# compose: secrets: [db_password]; systemd: LoadCredential=',
  },
  'CWE-798': SECRET,
  'CWE-1104': PINNED,
  'CWE-494': PINNED,
  'CWE-829': { ...PINNED, shell: `${PINNED.shell}\nnpm config set ignore-scripts true` },
  'CWE-1395': { shell: 'npm audit fix\npip-audit --fix -r requirements.txt' },
  'flask CWE-1104': {
    flask: "app.config['SESSION_COOKIE_SECURE'] = True  # the names that Flask reads, in capitals",
  },
  'CWE-250': USER,
  'config CWE-668': {
    shell: '# compose: no "ports:" of a database; services of one network reach it by its name',
  },
  accounts: SAME_ANSWER,
  'CWE-208': SAME_ANSWER,
  'accounts CWE-308': {
    bulwark: `routes: {
  '/account/**': { require: { mfa: true } },
},`,
    express:
      'request.session.pending = user.id;  // after the password: signed in is request.session.user alone\n// after the code: request.session.regenerate(...), then request.session.user = pending',
    flask:
      "session['pending'] = user.id  # after the password\n# after the code: app.session_interface.regenerate(session); session['user'] = session.pop('pending')",
  },
  uploads: {
    bulwark: `routes: {
  'POST /files': { upload: { types: ['image/png', 'application/pdf'], size: '10MB' } },
},`,
    express:
      "response.set({ 'Content-Disposition': 'attachment', 'X-Content-Type-Options': 'nosniff', 'Content-Security-Policy': 'sandbox' });\nresponse.sendFile(name, { root: FOLDER });",
    flask:
      "response = send_from_directory(FOLDER, name, as_attachment=True, mimetype='application/octet-stream')\nresponse.headers['Content-Security-Policy'] = 'sandbox'\nreturn response",
    nginx:
      'location /uploads/ {\n  default_type application/octet-stream;\n  types { }\n  add_header Content-Disposition attachment always;\n  add_header X-Content-Type-Options nosniff always;\n  add_header Content-Security-Policy sandbox always;\n}',
  },
  access: OWNER,
  'CWE-862': { ...OWNER, flask: "@app.get('/admin')\n@login_required\ndef admin(): ..." },
  'CWE-521': {
    bulwark: 'passwords: { minimumLength: 15 },',
    flask:
      "# Django: AUTH_PASSWORD_VALIDATORS = [{'NAME': 'django.contrib.auth.password_validation.MinimumLengthValidator', 'OPTIONS': {'min_length': 15}}, ...]",
  },
  'CWE-400': { express: 'session({ store: new RedisStore({ client }), ... })', bulwark: '' },
  'CWE-778': {
    bulwark: '',
    flask: 'logger.info(json.dumps(event, default=str))',
  },
  'CWE-532': {
    bulwark: "audit: { redact: ['iban'] },",
    flask: "logger.info('signed in: %s', user.id)",
    express: "log.info({ user: user.id }, 'signed in');",
  },
};
