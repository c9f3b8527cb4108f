/** What was said of well-kept packages and was wrong, as a kind: each beside its like that is a fault. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withTree } from '../../../../test/support/made-tree.ts';
import { allFindings } from '../../report/report.ts';
import { checkSource } from '../check-source.ts';

const HEAD = 'from flask import Flask, request\napp = Flask(__name__)\n';

/** `rule level` of each finding of rules of one family. */
function said(files: Readonly<Record<string, string>>, family: string): Promise<readonly string[]> {
  return withTree(files, async (root) => {
    const { results } = await checkSource(root);
    return allFindings(results).flatMap(({ rule, level }) =>
      rule.startsWith(family) ? [`${rule} ${level}`] : [],
    );
  });
}

/** Whether `eval` is said to be reached, where it stands behind these lines of a handler. */
async function reaches(lines: string, more: Readonly<Record<string, string>> = {}): Promise<boolean> {
  const body = lines.replaceAll(/^/gm, '    ');
  const found = await said(
    { 'app.py': `${HEAD}@app.get('/x')\ndef x():\n${body}\n`, ...more },
    'python.eval',
  );
  return found.length > 0;
}

test('a row that is found by what was sent is not what was sent', async () => {
  assert.equal(await reaches("eval(Rule.objects.get(site=1, key=request.args['x']).text)"), false);
  assert.equal(await reaches("eval(RULES.get('x', request.args['x']))"), true);
  assert.equal(await reaches("eval(RULES.get('x', default=request.args['x']))"), true);
  assert.equal(await reaches("eval(str(request.args['x']).get_absolute_url())"), false);
  assert.equal(await reaches("eval(str(request.args['x']).get_text())"), true);
});

test('what was escaped by hand is escaped', async () => {
  assert.equal(await reaches(`eval("'" + request.args['x'].replace("'", "''") + "'")`), false);
  assert.equal(await reaches("eval(request.args['x'].replace('<', '&lt;'))"), false);
  assert.equal(await reaches("eval(request.args['x'].replace(' ', '_'))"), true);
  assert.equal(await reaches(`eval(request.args['x'].replace("'", ""))`), true);
});

test('a check stands within what counts its answers', async () => {
  const lines = (test_: string): string => `a = request.args['x']\nif not ${test_}:\n    a = '1'\neval(a)`;
  assert.equal(await reaches(lines('len(routes.allowed_methods(trim(a, "/")))')), false);
  assert.equal(await reaches(lines('any(is_known(a))')), false);
  assert.equal(await reaches(lines('len(trim(a))')), true);
});

test('what the other branch replaces or refuses has been looked at behind both', async () => {
  const lines = (other: string): string =>
    `a = request.args['x']\nif url_has_allowed_host(a):\n    log(a)\nelse:\n    ${other}\neval(a)`;
  assert.equal(await reaches(lines("a = '1'")), false);
  assert.equal(await reaches(lines('return ""')), false);
  assert.equal(await reaches(lines("b = '1'")), true);
  const inElse = "a = request.args['x']\nif is_safe(a):\n    pass\nelse:\n    eval(a)\n    a = '1'";
  assert.equal(await reaches(inElse), true);
});

test('who looks at the shape of a value has looked at the value', async () => {
  const lines = (shape: string): string =>
    `a = request.args['x']\nreal = ${shape}\nif not real.startswith(BASE):\n    a = '1'\neval(a)`;
  assert.equal(await reaches(lines('os.path.realpath(a)')), false);
  assert.equal(await reaches(lines('find(a)')), true);
});

test('what a form puts among its own data was not sent', async () => {
  const form = (put: string): Promise<boolean> =>
    reaches("eval('1')", {
      'forms.py': `class F(Form):\n    def clean(self):\n        ${put} = stored()\n\n    def go(self):\n        eval(self.cleaned_data['query'])\n`,
    });
  assert.equal(await form("self.cleaned_data['query']"), false);
  assert.equal(await form("self.cleaned_data['other']"), true);
});

test('a hash of long ago is told of as a note, a key that is drawn and kept not at all', async () => {
  const hash = (name: string): Promise<readonly string[]> =>
    said(
      { 'app.py': `import hashlib\ndef ${name}(password):\n    return hashlib.sha512(password)\n` },
      'python.password-hash',
    );
  assert.deepEqual(await hash('legacy_hash'), ['python.password-hash note']);
  assert.deepEqual(await hash('hash_it'), ['python.password-hash error']);
  const key = (kept: string): Promise<readonly string[]> =>
    said(
      { 'app.py': `import secrets\n${HEAD}key = secrets.token_hex()\n${kept}(key)\napp.secret_key = key\n` },
      'flask.secret-key',
    );
  assert.deepEqual(await key('settings.set'), []);
  assert.deepEqual(await key('print'), ['flask.secret-key warning']);
});

test('a code of so many digits is for somebody to type in again', async () => {
  const of = (line: string): Promise<readonly string[]> =>
    said({ 'app.py': `import random\n${line}\n` }, 'python.weak-random');
  assert.deepEqual(await of('code = str(random.randint(100000, 999999))'), ['python.weak-random error']);
  assert.deepEqual(await of('code = random.randint(1, 6)'), []);
  assert.deepEqual(await of('status = random.randint(1000, 9999)'), []);
});

test('a nonce of a signed request need not be secret, one of a policy must be', async () => {
  const of = (use: string): Promise<readonly string[]> =>
    said({ 'app.py': `import random\nnonce = str(random.randint(1, 9999))\n${use}\n` }, 'python.weak-random');
  assert.deepEqual(await of("sign(key, nonce, {'X-Time': now()})"), []);
  assert.deepEqual(await of('policy = f"script-src \'nonce-{nonce}\'"'), ['python.weak-random error']);
});

test('sessions that code of their own writes are not held to settings that it does not read', async () => {
  const lines = (interface_: string): string =>
    `${HEAD}from flask import session\nclass Own(Base):\n    pass\napp.session_interface = ${interface_}\n@app.get('/x')\ndef x():\n    session['a'] = 1\n    return ''\n`;
  assert.deepEqual(await said({ 'app.py': lines('Own()') }, 'flask.cookie-s'), []);
  assert.equal((await said({ 'app.py': lines('Elsewhere()') }, 'flask.cookie-s')).length, 2);
});

test('a template of an engine of its own has the tags that somebody chose', async () => {
  const of = (more: string): Promise<readonly string[]> =>
    said(
      {
        'app.py': `${HEAD}from django.template import Template\n@app.get('/x')\ndef x():\n    return Template(request.args['x']${more})\n`,
      },
      'python.template-string',
    );
  assert.deepEqual(await of(', engine=Restricted()'), []);
  assert.deepEqual(await of(''), ['python.template-string error']);
});

test('a parameter is what this call gave, through as many functions as there are', async () => {
  const more = {
    'urls.py':
      'def outer(url, params=None):\n    return inner(url, params)\n\ndef inner(url, params):\n    return url + str(params)\n',
  };
  const other = "from urls import outer\nlog(outer('1', request.args['x']))\n";
  assert.equal(await reaches(`${other}eval(outer('1'))`, more), false);
  assert.equal(await reaches(`${other}eval(outer('1', request.form['y']))`, more), true);
});

test('certificates that a switch turns off are a choice, and told of as a note', async () => {
  const of = (lines: string): Promise<readonly string[]> =>
    said({ 'app.py': `import requests\n${lines}\n` }, 'python.tls-verify');
  const asked = 'def get(url, insecure):\n    if insecure:\n        return requests.get(url, verify=False)\n';
  assert.deepEqual(await of(asked), ['python.tls-verify note']);
  const other = asked.replaceAll('insecure', 'quick');
  assert.deepEqual(await of(other), ['python.tls-verify warning']);
  const after =
    'def get(url, verify):\n    if verify:\n        log(url)\n    requests.get(url, verify=False)\n';
  assert.deepEqual(await of(after), ['python.tls-verify warning']);
});

test('a middleware of its own takes the place of one that Django brings', async () => {
  const of = (own: string): Promise<readonly string[]> => {
    const settings = [
      "ALLOWED_HOSTS = ['*']",
      'SECURE_SSL_REDIRECT = True',
      'SECURE_HSTS_SECONDS = 31536000',
      "INSTALLED_APPS = ['django.contrib.auth', 'django.contrib.sessions']",
      "ROOT_URLCONF = 'site.urls'",
      'MIDDLEWARE = [',
      `    '${own}.SecurityMiddleware',`,
      `    '${own}.SessionMiddleware',`,
      `    '${own}.CsrfViewMiddleware',`,
      "    'django.middleware.clickjacking.XFrameOptionsMiddleware',",
      `    '${own}.MultiDomainMiddleware',`,
      ']',
    ];
    return said({ 'site/settings.py': settings.join('\n') }, 'django.');
  };
  const ofOwn = (await of('shop.middleware')).filter((one) => !one.startsWith('django.secret'));
  const ofDjango = await of('django.middleware.x');
  assert.ok(!ofOwn.some((one) => /^django\.(?:cookies|middleware) /.test(one)), ofOwn.join(', '));
  assert.ok(ofOwn.includes('django.allowed-hosts note'), ofOwn.join(', '));
  assert.equal(ofDjango.filter((one) => one === 'django.cookies warning').length, 2, ofDjango.join(', '));
  assert.ok(ofDjango.includes('django.allowed-hosts warning'));
});

test('a class that reads what it is from a string makes no template', async () => {
  const rendered = async (call: string): Promise<boolean> => {
    const lines = `@app.get('/x')\ndef x():\n    return ${call}(request.args['x'])\n`;
    const head = `from numbers_of_phones import PhoneNumber\nfrom jinja2 import Environment\nENV = Environment()\n`;
    return (await said({ 'app.py': head + HEAD + lines }, 'python.template-string')).length > 0;
  };
  assert.equal(await rendered('PhoneNumber.from_string'), false);
  assert.equal(await rendered('ENV.from_string'), true);
  assert.equal(await rendered('Environment().from_string'), true);
  assert.equal(await rendered('app.jinja_env.from_string'), true);
});
