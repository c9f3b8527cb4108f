/** Kinds of what was said of Debian's packages and of servers of npm, and was wrong: each beside its like that is a fault. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withTree } from '../../../../test/support/made-tree.ts';
import { allFindings } from '../../report/report.ts';
import { checkSource } from '../check-source.ts';

const HEAD =
  'import hmac\nfrom flask import Flask, request, redirect, session, jsonify\napp = Flask(__name__)\n';

/** `level` of each finding of one rule. */
function said(files: Readonly<Record<string, string>>, rule: string): Promise<readonly string[]> {
  return withTree(files, async (root) => {
    const { results } = await checkSource(root);
    return allFindings(results).flatMap((one) => (one.rule === rule ? [one.level] : []));
  });
}

/** The same of the lines of a handler in Flask. */
function inRoute(lines: string, rule: string, head = HEAD): Promise<readonly string[]> {
  const body = lines.replaceAll(/^/gm, '    ');
  return said({ 'app.py': `${head}@app.route('/x', methods=['GET', 'POST'])\ndef x():\n${body}\n` }, rule);
}

test('an empty key is a place to fill in: Flask signs nothing with it', async () => {
  const app = (key: string): Record<string, string> => ({
    'app.py': `${HEAD}app.config['SECRET_KEY'] = '${key}'\n`,
  });
  assert.deepEqual(await said(app(''), 'flask.secret-key'), ['note']);
  assert.deepEqual(await said(app('winter'), 'flask.secret-key'), ['error']);
});

test('a template of others in a sandbox is what a sandbox is for', async () => {
  const lines = (made: string): string =>
    `env = ${made}()\nreturn env.from_string(request.args['t']).render()`;
  const head = `from jinja2 import Environment\nfrom jinja2.sandbox import SandboxedEnvironment as Sandbox\n${HEAD}`;
  assert.deepEqual(await inRoute(lines('Sandbox'), 'python.template-string', head), []);
  assert.deepEqual(await inRoute(lines('Environment'), 'python.template-string', head), ['error']);
  const again = 'env = Sandbox()\nenv = Environment()\nreturn env.from_string(request.args["t"]).render()';
  assert.deepEqual(await inRoute(again, 'python.template-string', head), ['error']);
});

test('an environment that only parses puts nothing into anything', async () => {
  const head = `from jinja2 import Environment\n${HEAD}`;
  const lines = (use: string): string => `env = Environment(autoescape=False)\nreturn ${use}  # text/html`;
  assert.deepEqual(await inRoute(lines('str(env.parse("x"))'), 'jinja.autoescape', head), []);
  assert.deepEqual(await inRoute(lines('env.from_string("x").render()'), 'jinja.autoescape', head), [
    'error',
  ]);
  assert.deepEqual(await inRoute(lines('[env.parse("x"), render(env)]'), 'jinja.autoescape', head), [
    'error',
  ]);
});

test('what was signed with a key that nobody has is of our own choice', async () => {
  const lines = (made: string): string =>
    `import requests\nurl = request.args['url'].encode()\nh = ${made}\nif h != request.args['h']:\n    return '', 400\nreturn requests.get(url).text`;
  assert.deepEqual(await inRoute(lines('new_hmac(KEY, url)'), 'python.ssrf'), []);
  assert.deepEqual(await inRoute(lines("hmac.new(KEY, url, 'sha256').hexdigest()"), 'python.ssrf'), []);
  assert.deepEqual(await inRoute(lines('hashlib.sha256(url).hexdigest()'), 'python.ssrf'), ['error']);
  assert.deepEqual(await inRoute(lines("new_hmac(KEY, b'other')"), 'python.ssrf'), ['error']);
});

test('an answer that is made to be no redirect leads nowhere', async () => {
  const lines = (status: string): string =>
    `response = redirect(request.args['next'])\nresponse.status_code = ${status}\nreturn response`;
  assert.deepEqual(await inRoute(lines('200'), 'python.redirect'), []);
  assert.deepEqual(await inRoute(lines('307'), 'python.redirect'), ['error']);
});

test('what takes JSON alone is no form of another site', async () => {
  const lines = (read: string): string => `data = ${read}\nsession['name'] = 'x'\nreturn jsonify(data)`;
  assert.deepEqual(await inRoute(lines('request.get_json()'), 'flask.csrf'), []);
  assert.deepEqual(await inRoute(lines('request.get_json(force=True)'), 'flask.csrf'), ['error']);
  assert.deepEqual(await inRoute(lines('request.get_json() or request.form'), 'flask.csrf'), ['error']);
});

test('headers that stand in a list are set all the same', async () => {
  const after = (line: string): Record<string, string> => ({
    'app.py': `${HEAD}@app.after_request\ndef dress(response):\n    for name, value in HEADERS:\n        ${line}\n    return response\n@app.get('/x')\ndef x():\n    return ''\n`,
  });
  assert.deepEqual(await said(after('response.headers[name] = value'), 'flask.headers'), []);
  assert.deepEqual(await said(after('response.headers.set(name, value)'), 'flask.headers'), []);
  assert.deepEqual(await said(after("response.headers['X-Version'] = value"), 'flask.headers'), ['warning']);
});

test('a part that escapes nothing, and holds nothing but our own text', async () => {
  const part = (text: string): Record<string, string> => ({
    'templates/a.html': `{% autoescape false %}<p>{{ ${text} }}</p>{% endautoescape %}`,
  });
  const own = `_('Go to %(page)s.', page='<a href="{}">{}</a>'.format(url_for('index'), _('search')))`;
  assert.deepEqual(await said(part(own), 'jinja.autoescape-off'), []);
  assert.deepEqual(await said(part("_('Hello %(name)s.', name=user.name)"), 'jinja.autoescape-off'), [
    'warning',
  ]);
});

test('who starts as root and goes on as somebody else', async () => {
  const unit = (line: string): Record<string, string> => ({ 'a.service': `[Service]\n${line}\n` });
  const gunicorn = 'ExecStart=/usr/bin/gunicorn -b :80 shop:app';
  assert.deepEqual(await said(unit(gunicorn), 'config.unit-user'), ['warning']);
  assert.deepEqual(await said(unit(`${gunicorn} --user shop`), 'config.unit-user'), []);
  assert.deepEqual(await said(unit(`${gunicorn} -u shop -g shop`), 'config.unit-user'), []);
  assert.deepEqual(
    await said(unit('ExecStart=/usr/bin/python3 -m celery worker --uid $USER'), 'config.unit-user'),
    [],
  );
  assert.deepEqual(
    await said(unit('Type=oneshot\nExecStart=/usr/bin/python3 upgrade.py'), 'config.unit-user'),
    [],
  );
  assert.deepEqual(await said(unit('ExecStart=/usr/sbin/shopd'), 'config.unit-user'), ['note']);
});

test('an image that builds and tests serves nobody', async () => {
  const image = 'FROM debian:13\nUSER root\n';
  assert.deepEqual(await said({ '.ci/Dockerfile.gitlab': image }, 'config.image-user'), []);
  assert.deepEqual(await said({ '.devcontainer/Dockerfile': image }, 'config.image-user'), []);
  assert.deepEqual(await said({ 'ci-server/Dockerfile': image }, 'config.image-user'), ['warning']);
});

test('names with a number in them are no secrets', async () => {
  const text = (value: string): Record<string, string> => ({ 'a.py': `ACCESS_TOKEN = '${value}'\n` });
  assert.deepEqual(await said(text('OS-OAUTH1:access_token'), 'secrets.assigned'), []);
  assert.deepEqual(await said(text('OS-q8Zt4mV:w2kXs9pLd7rNb'), 'secrets.assigned'), ['warning']);
});

test('in a browser, the name of a file is that of an answer', async () => {
  const read = 'const name = /filename="(.*)"/.exec(header);\nconst type = "multipart/form-data";\n';
  assert.deepEqual(await said({ 'a.js': read }, 'javascript.multipart'), ['warning']);
  const page = `${read}const header = request.getResponseHeader('content-disposition');\n`;
  assert.deepEqual(await said({ 'a.js': page }, 'javascript.multipart'), []);
});

test('an origin that is allowed by name and without credentials is the star', async () => {
  const app = (more: string): Record<string, string> => ({
    'a.js': `const express = require('express');\nconst app = express();\napp.use((req, res, next) => { res.set('Access-Control-Allow-Origin', req.get('Origin')); ${more} next(); });\n`,
  });
  assert.deepEqual(await said(app(''), 'javascript.cors'), ['note']);
  const signedIn = "res.set('Access-Control-Allow-Credentials', 'true');";
  assert.deepEqual(await said(app(signedIn), 'javascript.cors'), ['error']);
});

test('a token that is read again behind its verification', async () => {
  const head = "const express = require('express');\nconst jose = require('jose');\nconst app = express();\n";
  const read = "app.get('/b', (req, res) => { res.json(jose.decodeJwt(req.get('x-proof'))); });\n";
  const verify = (name: string): string =>
    `app.use(async (req, res, next) => { const proof = req.get('${name}'); await jose.jwtVerify(proof, KEY); next(); });\n`;
  assert.deepEqual(await said({ 'a.js': head + read }, 'javascript.jwt'), ['error']);
  assert.deepEqual(
    await said({ 'a.js': head + read, 'b.js': head + verify('x-proof') }, 'javascript.jwt'),
    [],
  );
  assert.deepEqual(await said({ 'a.js': head + read, 'b.js': head + verify('x-other') }, 'javascript.jwt'), [
    'error',
  ]);
  const key = (token: string): string =>
    `${head}app.get('/c', async (req, res) => { const a = req.get('x-a'); const b = req.get('x-b'); await jose.jwtVerify(a, () => keyOf(jose.decodeJwt(${token}))); res.end(); });\n`;
  assert.deepEqual(await said({ 'a.js': key('a') }, 'javascript.jwt'), []);
  assert.deepEqual(await said({ 'a.js': key('b') }, 'javascript.jwt'), ['error']);
});

test('a path with sessions in it that signs nobody in', async () => {
  const app = (path: string): Record<string, string> => ({
    'a.js': `const app = require('express')();\napp.post('${path}', (req, res) => { res.end(); });\napp.listen(1);\n`,
  });
  assert.deepEqual(await said(app('/session/:id/navigate'), 'javascript.sign-in-limit'), []);
  for (const path of ['/session', '/sessions/new', '/login'])
    assert.deepEqual(await said(app(path), 'javascript.sign-in-limit'), ['warning'], path);
});

test('a key of a service that pages hold by design, and keys of tests', async () => {
  const letters = Buffer.from('a key of nobody, and of no service').toString('base64url').slice(0, 35);
  assert.deepEqual(await said({ 'a.py': `KEY = '${['AI', 'za', letters].join('')}'\n` }, 'secrets.key'), [
    'note',
  ]);
  const token = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${Buffer.from('{"exp":9999999999}').toString('base64url')}.q8Zt4mVw2kXs9pLd7rNb`;
  assert.deepEqual(await said({ 'tools/test-auth.sh': `T=${token}\n` }, 'secrets.key'), ['note']);
  assert.deepEqual(await said({ 'tools/oidc-test-env/a.yml': `t: ${token}\n` }, 'secrets.key'), ['note']);
  assert.deepEqual(await said({ 'tools/latest/a.yml': `t: ${token}\n` }, 'secrets.key'), ['error']);
});

test('what a list of our own lets through, and what stands there for all of them', async () => {
  const lines = (other: string): string =>
    `kind = request.args['kind']\nif kind not in KINDS and ${other}:\n    return '', 400\nreturn open('/srv/' + kind).read()`;
  assert.deepEqual(await inRoute(lines("'' not in KINDS"), 'python.path'), []);
  assert.deepEqual(await inRoute(lines("'' not in OTHERS"), 'python.path'), ['error']);
  assert.deepEqual(await inRoute(lines('session'), 'python.path'), ['error']);
});

test('a path that is where another real one is', async () => {
  const lines = (of: string): string =>
    `path = os.path.join(BASE, request.args['name'])\nreal = os.path.realpath(${of})\nif real != BASE and not real.startswith(BASE + os.sep):\n    path = None\nreturn open(path).read()`;
  const head = `import os\n${HEAD}`;
  assert.deepEqual(await inRoute(lines('path'), 'python.path', head), []);
  assert.deepEqual(await inRoute(lines('BASE'), 'python.path', head), ['error']);
});

test('examples within what documents code, and one value that stands in many places', async () => {
  const value = 'q8Zt4mVw2kXs9pLd7rNb';
  const page = (fence: string): Record<string, string> => ({
    'a.yaml': `details: |\n  ${fence}\n  api_key: ${value}\n  ${fence}\n`,
  });
  assert.deepEqual(await said(page('```'), 'secrets.assigned'), []);
  assert.deepEqual(await said(page('---'), 'secrets.assigned'), ['warning']);
  const header = (quote: string): Record<string, string> => ({
    'a.py': `def f():\n    x = 1\n    ${quote}Authorization: Token ${value}${quote}\n`,
  });
  assert.deepEqual(await said(header(''), 'secrets.assigned'), []);
  assert.deepEqual(await said(header('"'), 'secrets.assigned'), ['warning']);
  const twice = `a = {'secret': '${value}'}\nb = {'secret': '${value}'}\nc = {'secret': '${value}x1'}\n`;
  assert.deepEqual(await said({ 'a.py': twice }, 'secrets.assigned'), ['warning', 'warning']);
});
