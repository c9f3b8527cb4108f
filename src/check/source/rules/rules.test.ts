/** Each kind of value that is followed, and each that ends a way: bad, absent and good, in a line or a few. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthOf, LINEAR_AT_MOST, repeated } from '../../../../test/support/growth.ts';
import { findingsIn } from '../../../../test/support/made-tree.ts';

const HEAD = 'from flask import Flask, request, session, redirect\napp = Flask(__name__)\n';

/** What is said of a handler of these lines; the rules alone. */
async function saysOf(
  lines: string,
  more: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const body = lines
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
  const found = await findingsIn({
    'app.py': `${HEAD}@app.get('/x/<name>')\ndef x(name):\n${body}\n`,
    ...more,
  });
  return found.filter((one) => one.startsWith('python.')).map((one) => one.split(' ')[0] ?? '');
}

const EVAL = ['python.eval'];

for (const [what, lines] of [
  ['an entry of the query', "eval(request.args['x'])"],
  ['a part of the address', 'eval(name)'],
  ['a name that was given another', 'a = request.args\nb = a.get("x")\neval(b)'],
  ['a text put together', "eval('1 + ' + request.form['x'])"],
  ['a text with values in it', 'eval(f"1 + {request.form[\'x\']}")'],
  ['a text by %', "eval('1 + %s' % (request.form['x'],))"],
  ['a text by format', "eval('1 + {}'.format(request.form['x']))"],
  ['an item of a list', "for one in request.form.getlist('x'):\n    eval(one)"],
  ['one of two', "eval(request.args['x'] if name else '1')"],
  ['a fallback', "eval(request.args.get('x') or '1')"],
  ['a name of a walrus', "if (a := request.args.get('x')):\n    eval(a)"],
  ['JSON', "eval(request.get_json()['x'])"],
  ['a decoded text', "import base64\neval(base64.b64decode(request.cookies['x']))"],
  ['a comprehension', "eval(','.join([one.strip() for one in request.args.getlist('x')]))"],
  ['an unpacked tuple', "a, b = request.args['x'], 1\neval(a)"],
  ['what is kept of two branches', "if name:\n    a = '1'\nelse:\n    a = request.args['x']\neval(a)"],
] as const) {
  test(`follows ${what}`, async () => {
    assert.deepEqual(await saysOf(lines), EVAL);
  });
}

for (const [what, lines] of [
  ['a constant', "a = '1 + 1'\neval(a)"],
  ['a number', "eval(str(int(request.args['x'])))"],
  ['a number of the query', "eval(request.args.get('x', 1, type=int))"],
  ['one of a list', "a = request.args['x']\nif a not in ('1', '2'):\n    return ''\neval(a)"],
  ['one of a list, inside', "a = request.args['x']\nif a in ('1', '2'):\n    eval(a)"],
  ['what a check has seen', "a = request.args['x']\nvalidate_formula(a)\neval(a)"],
  ['what was replaced', "a = request.args['x']\na = '1'\neval(a)"],
  ['an answer of a database', "eval(db.find(request.args['x']))"],
  ['an entry of a dictionary by the query', "ALL = {'a': '1'}\neval(ALL[request.args['x']])"],
  ['a comparison', "eval(request.args['x'] == '1')"],
  ['a function of its own that is called eval', "def eval(x):\n    return x\neval(request.args['x'])"],
] as const) {
  test(`says nothing of ${what}`, async () => {
    assert.deepEqual(await saysOf(lines), []);
  });
}

test('a guard says nothing of what comes after its block', async () => {
  const lines = "a = request.args['x']\nif a in ('1', '2'):\n    pass\neval(a)";
  assert.deepEqual(await saysOf(lines), EVAL);
});

test('follows values over calls, files, methods and answers', async () => {
  const more = {
    'calc.py':
      'def run(text):\n    return inner(text)\n\ndef inner(text, more=None):\n    return eval(text)\n',
    'texts.py': 'def wrap(text):\n    return "(" + text + ")"\n\ndef plain(text):\n    return "1"\n',
    'things.py':
      'class Thing:\n    def go(self, text):\n        self.run(more=text)\n\n    def run(self, more):\n        eval(more)\n',
  };
  assert.deepEqual(await saysOf("from calc import run\nrun(request.args['x'])", more), EVAL);
  assert.deepEqual(await saysOf("import calc\ncalc.run(request.args['x'])", more), EVAL);
  assert.deepEqual(await saysOf("from texts import wrap\neval(wrap(request.args['x']))", more), EVAL);
  assert.deepEqual(await saysOf("from texts import plain\neval(plain(request.args['x']))", more), []);
  // What one caller hands over is no answer to another.
  assert.deepEqual(
    await saysOf("from texts import wrap\nwrap(request.args['x'])\neval(wrap('1'))", more),
    [],
  );
  assert.deepEqual(await saysOf("from things import Thing\nThing().go(request.args['x'])", more), []);
  assert.deepEqual(await saysOf("from calc import run\nrun('1 + 1')", more), []);
});

test('follows a value through files that have no word of their own', async () => {
  const more = {
    'routes2.py': 'from service import go\n\ndef handle(value):\n    go(value)\n',
    'service.py': 'from store import run\n\ndef go(value):\n    run(value)\n',
    'store.py': 'def run(text):\n    eval(text)\n',
  };
  assert.deepEqual(await saysOf("from routes2 import handle\nhandle(request.args['x'])", more), EVAL);
  assert.deepEqual(await saysOf("from routes2 import handle\nhandle('1')", more), []);
});

test('a ring of calls ends', async () => {
  const more = { 'ring.py': 'def a(x):\n    return b(x)\n\ndef b(x):\n    eval(x)\n    return a(x)\n' };
  assert.deepEqual(await saysOf("from ring import a\neval(a(request.args['x']))", more), EVAL);
});

test('an address that begins with a host or a path of ours leads there', async () => {
  for (const fixed of [
    "redirect('/things/' + name)",
    "redirect(f'/things/{name}')",
    "redirect('https://example.com/' + name)",
    "redirect('/things/{}'.format(name))",
    'redirect(request.url)',
  ]) {
    assert.deepEqual(await saysOf(`return ${fixed}`), [], fixed);
  }
  for (const open of ['redirect(name)', "redirect('/' + name)", "redirect('https://' + name)"]) {
    assert.deepEqual(await saysOf(`return ${open}`), ['python.redirect'], open);
  }
});

test('values beside a query are no part of it', async () => {
  assert.deepEqual(await saysOf("db.execute('SELECT 1 WHERE a = ?', (name,))"), []);
  assert.deepEqual(await saysOf("db.execute('SELECT 1 WHERE a = ' + name)"), ['python.sql']);
  assert.deepEqual(await saysOf('db.execute(select(table).where(table.c.a == name))'), []);
});

test('a command without a shell is a list of texts', async () => {
  assert.deepEqual(await saysOf("import subprocess\nsubprocess.run(['ls', name])"), []);
  assert.deepEqual(await saysOf("import subprocess\nsubprocess.run('ls ' + name, shell=True)"), [
    'python.command',
  ]);
  assert.deepEqual(await saysOf("import subprocess\nsubprocess.run(['sh', '-c', 'ls ' + name])"), [
    'python.command',
  ]);
});

test('secrets of the environment are none of the source, and their defaults are', async () => {
  const keyOf = async (value: string): Promise<readonly string[]> =>
    (
      await findingsIn({
        'app.py': `import os, secrets\nfrom flask import Flask\nKEY = 'abc'\napp = Flask(__name__)\napp.secret_key = ${value}\n`,
      })
    ).filter((one) => one.startsWith('flask.secret-key'));
  for (const bad of [
    "'abc'",
    'KEY',
    "os.environ.get('K', 'abc')",
    "os.getenv('K', KEY)",
    "os.environ.get('K') or 'abc'",
    'os.urandom(16)',
  ]) {
    assert.equal((await keyOf(bad)).length, 1, bad);
  }
  for (const good of [
    "os.environ['K']",
    "os.environ.get('K')",
    'load_secret()',
    "open('/run/secrets/key').read()",
  ]) {
    assert.deepEqual(await keyOf(good), [], good);
  }
});

test('settings are found wherever they are written', async () => {
  const app = 'from flask import Flask\napp = Flask(__name__)\n';
  const debugOf = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> =>
    (await findingsIn(files)).filter((one) => one.startsWith('flask.debug'));
  for (const [how, files] of Object.entries({
    entry: { 'app.py': `${app}app.config['DEBUG'] = True\n` },
    update: { 'app.py': `${app}app.config.update(DEBUG=True)\n` },
    dictionary: { 'app.py': `${app}app.config.update({'DEBUG': True})\n` },
    named: { 'app.py': `${app}OPTIONS = dict(DEBUG=True)\napp.config.from_mapping(OPTIONS)\n` },
    attribute: { 'app.py': `${app}app.debug = True\n` },
    module: { 'app.py': `${app}app.config.from_object('settings')\n`, 'settings.py': 'DEBUG = True\n' },
    class: {
      'app.py': `${app}from settings import Config\napp.config.from_object(Config)\n`,
      'settings.py': 'class Base:\n    DEBUG = True\n\nclass Config(Base):\n    A = 1\n',
    },
    text: {
      'app.py': `${app}app.config.from_object('settings.Config')\n`,
      'settings.py': 'class Config:\n    DEBUG = True\n',
    },
    instance: {
      'app.py': `${app}from settings import config\napp.config.from_object(config)\n`,
      'settings.py': 'class Config:\n    DEBUG = True\n\nconfig = Config()\n',
    },
    factory: {
      'pkg/__init__.py':
        'def create(name):\n    from flask import Flask\n    from .settings import ALL\n    app = Flask(name)\n    app.config.from_object(ALL[name])\n',
      'pkg/settings.py': "class Config:\n    DEBUG = True\n\nALL = {'a': Config}\n",
    },
  })) {
    assert.equal((await debugOf(files)).length, 1, how);
  }
  assert.deepEqual(await debugOf({ 'app.py': `${app}app.config['DEBUG'] = False\n` }), []);
  assert.deepEqual(
    await debugOf({
      'app.py': `${app}from settings import Config\napp.config.from_object(Config)\n`,
      'settings.py': 'class Base:\n    DEBUG = True\n\nclass Config(Base):\n    DEBUG = False\n',
    }),
    [],
  );
});

test('an application behind Bulwark is not asked for what Bulwark does', async () => {
  const app = `${HEAD}@app.post('/login')\ndef login():\n    session['user'] = request.form['name']\n    return ''\n`;
  const asked = await findingsIn({ 'app.py': app });
  assert.ok(asked.some((one) => one.startsWith('flask.csrf')));
  assert.ok(asked.some((one) => one.startsWith('flask.headers')));
  assert.deepEqual(await findingsIn({ 'app.py': app, 'bulwark.config.mjs': 'export default {};\n' }), []);
});

test('templates: quotes, scripts, handlers, and where values stand', async () => {
  const of = async (text: string): Promise<readonly string[]> =>
    (await findingsIn({ 't.html': text }))
      .filter((one) => one.startsWith('jinja.'))
      .map((one) => one.split(' ')[0] ?? '');
  assert.deepEqual(await of('<a href={{ url }}>x</a>'), ['jinja.unquoted-attribute']);
  assert.deepEqual(await of('<a href="{{ url }}">{{ url }}</a><!-- <a href={{ url }}> -->'), []);
  assert.deepEqual(await of('<script nonce="{{ n }}">x = {{ y|tojson }}</script>'), []);
  assert.deepEqual(await of('<script nonce="{{ n }}">x = {{ y }}</script>'), ['jinja.script-value']);
  assert.deepEqual(await of("<p onclick='go()'>{# <script>x</script> #}</p>"), ['jinja.inline-handler']);
  assert.deepEqual(await of('<script type="application/json">{}</script><script src="a.js"></script>'), []);
  assert.deepEqual(await of('{% autoescape true %}{{ x }}{% endautoescape %}'), []);
});

test('a template of nothing but openings takes no longer than its length', async () => {
  for (const part of ['{{', '<script>', '<a "', '<!--', '{% ', '<a b=', '<form method=post>']) {
    const factor = await growthOf(
      (size) => repeated(part, size),
      (text) => findingsIn({ 't.html': text }),
      25_000,
    );
    assert.ok(factor < LINEAR_AT_MOST, `${part} ${factor}`);
  }
});

const SENT = "n = request.args['x']\n";

for (const [what, lines] of [
  ['the other branch takes another input', "if n in ALLOWED:\n    pass\nelse:\n    n = request.args['y']"],
  ['the other branch adds an input', "if n in ALLOWED:\n    pass\nelse:\n    n = n + request.args['y']"],
  ['the other branch returns for some', "if n in ALLOWED:\n    pass\nelse:\n    if name:\n        return ''"],
  [
    'the other branch leaves a loop of its own',
    'if n in ALLOWED:\n    pass\nelse:\n    for _ in ALL:\n        break',
  ],
  ['another value is made of it and checked', "p = n.strip()\nif p not in ALLOWED:\n    return ''"],
  ['it is looked up', 'if n in CACHE:\n    return CACHE[n]'],
  ['it is one word for which there is an answer', "if n == 'help':\n    return 'usage'"],
  ['it is noted and no more', 'if n not in ALLOWED:\n    print(n)'],
  ['a word leads to a line of the log', "if n != 'ping':\n    print(n)"],
  ['a count is checked', 'check_rate(n)'],
  ['it is refused for some', "if n not in ALLOWED:\n    if name:\n        return ''"],
  [
    'only another turn of an inner loop is skipped',
    'if n not in ALLOWED:\n    for _ in ALL:\n        continue',
  ],
  ['only an inner function returns', 'if n not in ALLOWED:\n    def f():\n        return 1'],
  [
    'only an error is answered',
    "if n not in ALLOWED:\n    try:\n        print(n)\n    except ValueError:\n        return ''",
  ],
  ['only a text says return', 'if n not in ALLOWED:\n    print("""\nreturn """)'],
  ['one of two has to be so', "if n not in ALLOWED and name:\n    return ''"],
  ['the check is for some', "if name:\n    if n not in ALLOWED:\n        return ''"],
  ['the loop of the check is left', 'for _ in ALL:\n    if n not in ALLOWED:\n        break'],
  ['the check may be caught', 'try:\n    validate(n)\nexcept ValueError:\n    pass'],
  ['another way of the same decision goes on', "if name:\n    pass\nelif n not in ALLOWED:\n    return ''"],
  [
    'it is given another value behind the check',
    "if n not in ALLOWED:\n    return ''\nn = request.args['y']",
  ],
  ['a condition within another value asks', "m = n if n in ALLOWED else '1'"],
] as const) {
  test(`is no check where ${what}`, async () => {
    assert.deepEqual(await saysOf(`${SENT}${lines}\neval(n)`), EVAL);
  });
}

for (const [what, lines] of [
  [
    'every way of the other branch leaves',
    "if n in ALLOWED:\n    pass\nelse:\n    if name:\n        return ''\n    else:\n        abort(400)",
  ],
  ['the other branch takes a value of ours', "if n not in ALLOWED:\n    n = '1'"],
  ['an empty value goes on', "if n and n not in ALLOWED:\n    return ''"],
  ['an empty value is not asked', "if n:\n    if n not in ALLOWED:\n        return ''"],
  ['a fault is found', "if is_invalid(n):\n    return ''"],
  ['a search refuses', "if re.search('[^a-z]', n):\n    abort(400)"],
  ['the answer is kept first', "ok = is_safe(n)\nif not ok:\n    return ''"],
  ['the error of the check leaves', "try:\n    validate(n)\nexcept ValueError:\n    return ''"],
  ['it stands in a block that always ends', "with lock:\n    if n not in ALLOWED:\n        return ''"],
  ['it is asserted', 'assert n in ALLOWED'],
  [
    'each way checks',
    "if name:\n    if n not in A:\n        return ''\nelse:\n    if n not in B:\n        return ''",
  ],
  ['it is asked for until it is right', "while n not in ALLOWED:\n    n = '1'"],
] as const) {
  test(`is a check where ${what}`, async () => {
    assert.deepEqual(await saysOf(`${SENT}${lines}\neval(n)`), []);
  });
}

test('is no check of what it is given to, where a function of ours runs it', async () => {
  const lines = "n = request.args['x']\ndef validate_it(value):\n    eval(value)\nvalidate_it(n)";
  assert.deepEqual(await saysOf(lines), EVAL);
});
