/** What a program writes: the one change that is meant, tried first; and all that it leaves to a person. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../../../test/support/command-run.ts';
import { withTree } from '../../../test/support/made-tree.ts';
import { allFindings } from '../report/report.ts';
import { checkSource } from '../source/check-source.ts';
import { applyEdits } from './edit.ts';
import { type FileFix, planFixes } from './plan-fixes.ts';
import { unifiedDiff } from './unified-diff.ts';
import { writeFixes } from './write-fixes.ts';

const FLASK = 'from flask import Flask, request, session\napp = Flask(__name__)\n';
const ROUTE = "@app.post('/note')\ndef note():\n    session['a'] = request.form['a']\n    return ''\n";
const EXPRESS =
  "import express from 'express';\nimport session from 'express-session';\nconst app = express();\napp.use(session({ secret: process.env.S, store, COOKIE }));\napp.get('/', (q, r) => r.send('a'));\n";
const SERVER = 'server {\n  listen 443 ssl;\n  root /srv;\nLINE}\n';
const DJANGO =
  "import os\nDEBUG = False\nSECRET_KEY = os.environ['K']\nALLOWED_HOSTS = ['a.example']\nINSTALLED_APPS = ['django.contrib.sessions']\nMIDDLEWARE = ['django.middleware.csrf.CsrfViewMiddleware']\nROOT_URLCONF = 'x'";
const inHttp = (http: string, server = ''): string =>
  `http {\n  include mime.types;\n${http}  server {\n${server}    listen 443 ssl;\n    root /srv;\n  }\n}\n`;
const HSTS = '    add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;\n';

type Files = Readonly<Record<string, string | Buffer>>;

async function planFor(root: string, only?: string): Promise<readonly FileFix[]> {
  const all = allFindings((await checkSource(root)).results);
  return planFixes(
    root,
    all,
    all.filter(({ rule }) => only === undefined || rule === only),
  );
}

/** What becomes of a file, by the fix of one rule; undefined where it is left as it is. */
function fixed(rule: string, path: string, files: Files): Promise<string | undefined> {
  return withTree(files, async (root) => {
    assert.ok(
      allFindings((await checkSource(root)).results).some((one) => one.rule === rule),
      `${rule} is found`,
    );
    return (await planFor(root, rule)).find((one) => one.path === path)?.after;
  });
}

const app = (line: string): string => `${FLASK}${line}\n${ROUTE}`;
const inApp = (was: string, now: string): readonly [string, string, string] => ['app.py', app(was), app(now)];
const server = (was: string, now: string): readonly [string, string, string] => [
  'nginx.conf',
  SERVER.replace('LINE', `${was}\n`),
  SERVER.replace('LINE', `${now}\n`),
];

for (const [rule, [path, before, after]] of [
  ['flask.debug', inApp("app.config['DEBUG'] = True", "app.config['DEBUG'] = False")],
  ['flask.debug', inApp('app.debug = True  # for now', 'app.debug = False  # for now')],
  ['flask.debug', inApp("app.run(host='0.0.0.0', debug=True)", "app.run(host='0.0.0.0', debug=False)")],
  [
    'flask.cookie-httponly',
    inApp(
      'app.config.update(SESSION_COOKIE_HTTPONLY=False)',
      'app.config.update(SESSION_COOKIE_HTTPONLY=True)',
    ),
  ],
  [
    'flask.cookie-secure',
    inApp("app.config['SESSION_COOKIE_SECURE'] = False", "app.config['SESSION_COOKIE_SECURE'] = True"),
  ],
  [
    'flask.cookie-samesite',
    inApp("app.config['SESSION_COOKIE_SAMESITE'] = None", "app.config['SESSION_COOKIE_SAMESITE'] = 'Lax'"),
  ],
  [
    'flask.session-lifetime',
    inApp("app.config['PERMANENT_SESSION_LIFETIME'] = 0", "app.config['PERMANENT_SESSION_LIFETIME'] = 1800"),
  ],
  [
    'flask.csrf',
    inApp(
      "from flask_wtf import CSRFProtect\napp.config.from_mapping({'WTF_CSRF_ENABLED': False})\nCSRFProtect(app)",
      "from flask_wtf import CSRFProtect\napp.config.from_mapping({'WTF_CSRF_ENABLED': True})\nCSRFProtect(app)",
    ),
  ],
  [
    'flask.csrf-lifetime',
    inApp("app.config['WTF_CSRF_TIME_LIMIT'] = None", "app.config['WTF_CSRF_TIME_LIMIT'] = 3600"),
  ],
  [
    'flask.https',
    inApp(
      'from flask_talisman import Talisman\nTalisman(app,\n  strict_transport_security_max_age=60)',
      'from flask_talisman import Talisman\nTalisman(app,\n  strict_transport_security_max_age=63072000)',
    ),
  ],
  [
    'flask.body-limit',
    ['app.py', `${FLASK}${ROUTE}`, `${FLASK}app.config['MAX_CONTENT_LENGTH'] = 10 * 1024 * 1024\n${ROUTE}`],
  ],
  [
    'javascript.cookie',
    [
      'app.mjs',
      EXPRESS.replace('COOKIE', 'cookie: { secure: false, maxAge: 1 }'),
      EXPRESS.replace('COOKIE', "cookie: { sameSite: 'lax', secure: true, maxAge: 1 }"),
    ],
  ],
  [
    'javascript.visitor-session',
    [
      'app.mjs',
      EXPRESS.replace('COOKIE', 'saveUninitialized: true, resave: false'),
      EXPRESS.replace('COOKIE', 'saveUninitialized: false, resave: false'),
    ],
  ],
  [
    'javascript.session-race',
    ['app.mjs', EXPRESS.replace('COOKIE', 'resave: true'), EXPRESS.replace('COOKIE', 'resave: false')],
  ],
  ['config.nginx-tls', server('  ssl_protocols TLSv1 TLSv1.2;', '  ssl_protocols TLSv1.2 TLSv1.3;')],
  [
    'config.nginx-shown',
    server('  server_tokens off;\n  autoindex on;', '  server_tokens off;\n  autoindex off;'),
  ],
  ['config.nginx-limit', server('  client_max_body_size 0;', '  client_max_body_size 10m;')],
  [
    'config.nginx-headers',
    server('  add_header X-Frame-Options "DENY";', '  add_header X-Frame-Options "DENY" always;'),
  ],
  ['config.nginx-hsts', ['nginx.conf', inHttp(''), inHttp('', HSTS)]],
  [
    'config.nginx-hsts',
    [
      'nginx.conf',
      inHttp('  add_header X-A "1";\n', '    add_header X-B "1";\n'),
      inHttp('  add_header X-A "1";\n', `${HSTS}    add_header X-B "1";\n`),
    ],
  ],
  [
    'config.image-user',
    [
      'Dockerfile',
      'FROM a:1\nENTRYPOINT ["a"]\nRUN b\nHEALTHCHECK --interval=5m \\\nCMD c\nEXPOSE 80\nCMD ["d"]\n',
      'FROM a:1\nENTRYPOINT ["a"]\nRUN b\nHEALTHCHECK --interval=5m \\\nCMD c\nEXPOSE 80\nUSER 10001:10001\nCMD ["d"]\n',
    ],
  ],
  [
    'config.image-user',
    [
      'Dockerfile',
      'FROM a:1\nRUN <<EOF\ncat > b <<X\nCMD c\nX\nEOF\nCMD ["d"]\n',
      'FROM a:1\nRUN <<EOF\ncat > b <<X\nCMD c\nX\nEOF\nUSER 10001:10001\nCMD ["d"]\n',
    ],
  ],
  [
    'django.cookies',
    [
      'site/settings.py',
      DJANGO.replaceAll('\n', '\r\n'),
      `${DJANGO}\nSESSION_COOKIE_SECURE = True\n\nCSRF_COOKIE_SECURE = True\n`.replaceAll('\n', '\r\n'),
    ],
  ],
  [
    'config.image-user',
    [
      'Dockerfile',
      'FROM python:3.13-slim\nCOPY . /app\nCMD ["gunicorn", "app:app"]\n',
      'FROM python:3.13-slim\nCOPY . /app\nUSER 10001:10001\nCMD ["gunicorn", "app:app"]\n',
    ],
  ],
  [
    'config.image-user',
    ['Dockerfile', 'FROM node:24\nCMD ["node", "a.js"]\n', 'FROM node:24\nUSER node\nCMD ["node", "a.js"]\n'],
  ],
  [
    'config.compose-port',
    [
      'compose.yaml',
      'services:\n  db:\n    image: postgres:17.2\n    ports:\n      - "5432:5432"\n',
      'services:\n  db:\n    image: postgres:17.2\n    ports:\n      - "127.0.0.1:5432:5432"\n',
    ],
  ],
] as const) {
  test(`${rule}: ${
    after
      .split('\n')
      .find((line) => !before.split('\n').includes(line))
      ?.trim() ?? ''
  }`, async () => {
    assert.equal(await fixed(rule, path, { [path]: before }), after);
  });
}

test('pins what is installed in the tree, all of a file or none', async () => {
  const installed = {
    '.venv/pyvenv.cfg': '',
    '.venv/lib/python3.13/site-packages/Flask-3.1.2.dist-info/METADATA': '',
    '.venv/lib/python3.13/site-packages/flask_wtf-1.2.2.dist-info/METADATA': '',
  };
  const of = (text: string): Promise<string | undefined> =>
    fixed('deps.pinned', 'requirements.txt', { 'requirements.txt': text, ...installed });
  assert.equal(
    await of('flask>=3.0  # the framework\nFlask-WTF\n'),
    'flask==3.1.2  # the framework\nFlask-WTF==1.2.2\n',
  );
  assert.equal(await of('flask\nrequests\n'), undefined);
  assert.equal(await of('flask>=4\n'), undefined);
  assert.equal(await of('flask\n-r more.txt\n'), undefined);
});

test('leaves what it is not sure of', async () => {
  for (const [rule, line] of [
    ['flask.debug', 'app.run(debug=True)  # or: debug=True'],
    ['flask.debug', 'ON = True\napp.debug = ON'],
    ['flask.session-lifetime', "app.config['PERMANENT_SESSION_LIFETIME'] = 0 * 60"],
    ['flask.secret-key', "app.secret_key = 'abc'"],
  ] as const) {
    assert.equal(await fixed(rule, 'app.py', { 'app.py': app(line) }), undefined, line);
  }
  assert.equal(
    await fixed('config.image-user', 'Dockerfile', {
      Dockerfile: 'FROM a:1 AS b\nCMD ["a"]\nFROM c:1\nRUN a\n',
    }),
    undefined,
  );
});

test('what would bring another finding is not written', async () => {
  // A header in this block would drop those around it.
  const text =
    'http {\n  add_header X-Frame-Options "DENY" always;\n  server {\n    listen 443 ssl;\n    root /srv;\n  }\n}\n';
  assert.equal(await fixed('config.nginx-hsts', 'nginx.conf', { 'nginx.conf': text }), undefined);
});

test('a header of nginx is written where it drops none: not below any other, in whatever file, and not where http is unknown', async () => {
  const server = SERVER.replace('LINE', '');
  const main = (line: string): string => `http {\n  ${line}\n  include conf.d/*.conf;\n}\n`;
  const cors = 'add_header Access-Control-Allow-Origin "https://partner.example" always;';
  for (const [path, files] of [
    ['nginx.conf', { 'nginx.conf': inHttp(`  ${cors}\n`) }],
    ['nginx.conf', { 'nginx.conf': inHttp('  include /etc/headers.inc;\n') }],
    ['conf.d/a.conf', { 'conf.d/a.conf': server, 'nginx.conf': main(cors) }],
    ['conf.d/a.conf', { 'conf.d/a.conf': server }],
  ] as const)
    assert.equal(await fixed('config.nginx-hsts', path, files as Files), undefined, JSON.stringify(files));
  assert.ok(
    await fixed('config.nginx-hsts', 'conf.d/a.conf', {
      'conf.d/a.conf': server,
      'nginx.conf': main('gzip off;'),
    }),
  );
});

test('a user of an image is named where nothing is built any more, or by a person', async () => {
  for (const text of [
    'FROM a:1\nCMD ["a"]\nRUN b\n',
    'FROM a:1\nENTRYPOINT ["a"]\nCOPY . /app\n',
    'FROM a:1\nUSER root\nRUN b\nCMD ["a"]\n',
    'FROM a:1\nRUN b \\\n# c\nCMD d\n',
  ])
    assert.equal(await fixed('config.image-user', 'Dockerfile', { Dockerfile: text }), undefined, text);
  assert.equal(
    await fixed('config.image-user', 'Dockerfile', { Dockerfile: 'FROM a:1\nRUN b\nUSER root\nCMD ["a"]\n' }),
    'FROM a:1\nRUN b\nUSER 10001:10001\nCMD ["a"]\n',
  );
});

test('shows a diff that git applies, with the ends of lines as they are', async () => {
  const many = `${FLASK}app.config['DEBUG'] = True\n${'x = 1\n'.repeat(20)}${ROUTE}app.config['WTF_CSRF_TIME_LIMIT'] = None`;
  for (const text of [many, many.replaceAll('\n', '\r\n')]) {
    await withTree({ 'app.py': text }, async (root) => {
      const before = await runCommand([
        'check',
        '--source',
        root,
        '--fix',
        '--only',
        'flask.debug,flask.csrf-lifetime,flask.body-limit',
      ]);
      assert.match(before.out, /^--- a\/app\.py\n\+\+\+ b\/app\.py\n@@ -1,\d+ \+1,\d+ @@\n/);
      assert.match(before.err, /3 of 3 findings in 1 files would be mended/);
      assert.equal(readFileSync(join(root, 'app.py'), 'utf8'), text);
      writeFileSync(join(root, 'a.diff'), before.out);
      execFileSync('git', ['apply', '--whitespace=nowarn', 'a.diff'], {
        cwd: root,
        env: { ...process.env, GIT_CEILING_DIRECTORIES: root },
      });
      const applied = readFileSync(join(root, 'app.py'), 'utf8');
      writeFileSync(join(root, 'app.py'), text);
      const [fix] = await planFor(root);
      assert.ok(fix !== undefined);
      const after = await runCommand([
        'check',
        '--source',
        root,
        '--fix',
        '--yes',
        '--only',
        'flask.debug,flask.csrf-lifetime,flask.body-limit',
      ]);
      assert.deepEqual([after.code, /^mended app\.py: /m.test(after.err)], [0, true]);
      assert.equal(readFileSync(join(root, 'app.py'), 'utf8'), applied);
      assert.equal(
        applied.split('\r\n').length,
        text.split('\r\n').length === 1 ? 1 : text.split('\r\n').length + 1,
      );
    });
  }
});

test('writes nothing through links, nothing outside, nothing that has changed, and keeps mode and mark', async () => {
  const text = Buffer.from(`\uFEFF${app('app.debug = True')}`);
  const files = { 'a/app.py': text, 'b/app.py': text, 'c/app.py': text, 'd/app.py': text };
  await withTree(files, async (root) => {
    chmodSync(join(root, 'a/app.py'), 0o750);
    const plan = await planFor(root, 'flask.debug');
    assert.deepEqual(plan.map(({ path }) => path).toSorted(), [
      'a/app.py',
      'b/app.py',
      'c/app.py',
      'd/app.py',
    ]);
    // Meanwhile: one is a link, one has a second name, one was written to.
    execFileSync('mv', [join(root, 'b/app.py'), join(root, 'elsewhere.py')]);
    symlinkSync('../elsewhere.py', join(root, 'b/app.py'));
    linkSync(join(root, 'c/app.py'), join(root, 'c/second.py'));
    writeFileSync(join(root, 'd/app.py'), `${app('app.debug = True')}# more\n`);
    const [first] = plan;
    assert.ok(first !== undefined);
    const outside = [
      { ...first, path: '../app.py' },
      { ...first, path: '/etc/hosts' },
      { ...first, path: 'a/../a/app.py' },
    ];
    const why = new Map(writeFixes(root, [...outside, ...plan]).map((one) => [one.path, one.why]));
    assert.deepEqual([...why.values()].filter((one) => one === undefined).length, 1);
    assert.equal(why.get('d/app.py'), 'it has changed since it was looked at');
    const now = readFileSync(join(root, 'a/app.py'));
    assert.equal(now.toString(), `\uFEFF${app('app.debug = False')}`);
    assert.equal(statSync(join(root, 'a/app.py')).mode & 0o777, 0o750);
    for (const path of ['elsewhere.py', 'c/second.py'])
      assert.deepEqual(readFileSync(join(root, path)), text, path);
    assert.deepEqual(readdirSync(join(root, 'a')), ['app.py']);
  });
});

test('a diff of edits is the text with the edits made', () => {
  assert.equal(unifiedDiff('a', 'x\n', []), '');
  const edits = [{ from: 2, to: 3, text: 'Y' }];
  assert.equal(
    unifiedDiff('a', 'x\ny', edits),
    '--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n x\n-y\n\\ No newline at end of file\n+Y\n\\ No newline at end of file\n',
  );
  assert.equal(applyEdits('x\ny', edits), 'x\nY');
  assert.equal(
    applyEdits('abc', [
      { from: 0, to: 2, text: '' },
      { from: 1, to: 3, text: '' },
    ]),
    undefined,
  );
});

test('options that do not go together are wrong use', async () => {
  for (const argv of [
    ['--fix'],
    ['--source', '.', '--yes'],
    ['--source', '.', '--watch', '--fix'],
    ['--watch', 'http://localhost/'],
  ]) {
    assert.equal((await runCommand(['check', ...argv])).code, 2, argv.join(' '));
  }
});
