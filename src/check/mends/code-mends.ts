/** What code does with what a request holds: how each is mended, by weakness. */
import type { Mend } from '../../core/rule.ts';
import type { Mends } from './mend.ts';

const ESCAPED = {
  bulwark: '',
  express: '<p><%= note.text %></p>  // and never <%- ... %>, innerHTML, v-html',
  flask: '<p>{{ note.text }}</p>  {# and never |safe, Markup(...) or autoescape false #}',
} as const;
const OUTBOUND = {
  bulwark: `import { bulwark } from 'bulwark/express';
import { Outbound } from 'bulwark/outbound';

export const layer = bulwark({ outbound: { hosts: ['api.partner.example'] } });
const outbound = Outbound.of(layer);
export const fetchPicture = (address: string): Promise<unknown> => outbound.fetch(address);`,
  express:
    "if (!ALLOWED_HOSTS.has(new URL(address).hostname)) throw new Error('not allowed');\nawait fetch(address, { redirect: 'error' });",
  flask:
    'if urlsplit(address).hostname not in ALLOWED_HOSTS:\n    abort(400)\nrequests.get(address, allow_redirects=False, timeout=10)',
} as const;
const PATHS = {
  express:
    'const file = path.join(FOLDER, path.basename(name));\nresponse.sendFile(path.basename(name), { root: FOLDER });',
  flask: 'return send_from_directory(FOLDER, secure_filename(name))',
} as const;

const UPLOAD: Mend = {
  bulwark: `routes: {
  'POST /files': { upload: { types: ['image/png', 'application/pdf'], size: '10MB', files: 5 } },
},`,
  express:
    'multer({ storage: multer.diskStorage({ destination: FOLDER, filename: (q, f, done) => done(null, crypto.randomUUID()) }) });',
  flask:
    'file.save(os.path.join(FOLDER, uuid.uuid4().hex))  # a name of ours; what it is stands in the database',
};

/** By weakness. */
export const CODE_MENDS: Mends = {
  'CWE-79': ESCAPED,
  'CWE-89': {
    express: "await pool.query('SELECT * FROM notes WHERE id = $1', [request.params.id]);",
    flask: "db.session.execute(text('SELECT * FROM notes WHERE id = :id'), {'id': id})",
  },
  'javascript CWE-20': {
    bulwark: `import { route } from 'bulwark/input';
import type { Request, Response } from 'express';
import { z } from 'zod';

export const signIn = route({ body: z.object({ email: z.email() }) }, ({ body }, _request: Request, response: Response) => {
  response.json({ email: body.email });
});`,
    express:
      'const { email } = z.object({ email: z.string() }).parse(request.body);\nawait users.findOne({ email });',
  },
  'CWE-78': {
    express: "execFile('convert', ['--', name], callback);  // no shell",
    flask: "subprocess.run(['convert', '--', name], check=True, timeout=10)  # no shell=True",
  },
  'CWE-95': {
    express: 'const handler = HANDLERS.get(name);  // a Map of what there is',
    flask: 'handler = HANDLERS.get(name)  # a dictionary of what there is; ast.literal_eval for values',
  },
  'CWE-1336': {
    express: "response.render('note', { text });",
    flask: "render_template('note.html', text=text)",
  },
  'CWE-22': {
    bulwark: '',
    ...PATHS,
    nginx: 'location /static/ { alias /srv/app/static/; }  # both end with a slash',
  },
  'python CWE-434': UPLOAD,
  'CWE-434': UPLOAD,
  'python CWE-436': UPLOAD,
  'javascript CWE-436': UPLOAD,
  'CWE-918': OUTBOUND,
  'config CWE-918': { nginx: 'proxy_pass http://127.0.0.1:8000;  # no variable that a client fills' },
  'CWE-502': {
    express: 'JSON.parse(text);',
    flask: 'json.loads(text)  # or yaml.safe_load(text); never pickle of what came in',
  },
  'CWE-611': {
    flask: 'from defusedxml.ElementTree import fromstring',
    express: 'new XMLParser({ processEntities: false });',
  },
  'CWE-915': {
    bulwark: `import { route } from 'bulwark/input';
import type { Request, Response } from 'express';
import { z } from 'zod';

export const rename = route({ body: z.object({ name: z.string().max(100) }) }, ({ body }, _request: Request, response: Response) => {
  response.json({ name: body.name });
});`,
    express: 'const { name, bio } = request.body;\nawait user.update({ name, bio });',
    flask: 'user.name = form.name.data  # field by field',
  },
  'CWE-916': {
    bulwark: `import { Passwords } from 'bulwark/passwords';

const passwords = Passwords.of({});
export const keep = (password: string): Promise<unknown> => passwords.hash(password);`,
    express:
      'await argon2.hash(password, { type: argon2.argon2id, memoryCost: 19456, timeCost: 2, parallelism: 1 });',
    flask: 'argon2.PasswordHasher().hash(password)',
  },
  'CWE-294': {
    bulwark: '',
    express:
      'const delta = otp.validate({ token, window: 1 });\nconst step = otp.counter() + (delta ?? 0);\nif (delta === null || step <= user.lastTotpStep) return response.sendStatus(401);\nawait users.update({ id: user.id }, { lastTotpStep: step });',
    flask:
      'step = totp.timecode(datetime.now())\nif not totp.verify(code) or step <= user.last_totp_step:\n    abort(401)\nuser.last_totp_step = step\ndb.session.commit()',
  },
  'CWE-347': {
    express: "jwt.verify(token, key, { algorithms: ['HS256'], audience: 'notes', maxAge: '15m' });",
    flask:
      "jwt.decode(token, key, algorithms=['HS256'], audience='notes', options={'require': ['exp', 'aud']})",
  },
  'CWE-330': {
    bulwark: '',
    express: "crypto.randomBytes(32).toString('base64url');",
    flask: 'secrets.token_urlsafe(32)',
  },
  'CWE-338': { bulwark: '', express: "crypto.randomBytes(32).toString('base64url');" },
  'CWE-328': {
    express: "crypto.createHmac('sha256', key).update(message).digest();",
    flask: "hmac.new(key, message, 'sha256').hexdigest()",
  },
  'CWE-295': {
    bulwark: '',
    express:
      "https.request(url, { ca: fs.readFileSync('/etc/ssl/our-ca.pem') });  // no rejectUnauthorized: false",
    flask: "requests.get(url, verify='/etc/ssl/our-ca.pem', timeout=10)  # no verify=False",
    nginx: 'proxy_ssl_verify on;\nproxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;',
  },
};
