/** What a source enforces, and what nothing in it does, by requirement. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../../../test/support/command-run.ts';
import { withTree } from '../../../test/support/made-tree.ts';
import type { RuleFacts } from '../../core/rule.ts';
import { checkSource } from '../source/check-source.ts';
import { SOURCE_RULES } from '../source/source-rules.ts';
import { asvsTable, type RequirementRow } from './asvs-table.ts';
import { reportOf } from './report.ts';

const CSRF = 'django.middleware.csrf.CsrfViewMiddleware';
const GUIDE = join(import.meta.dirname, '../../../test/check/source/guide');

async function rowsOf(root: string): Promise<ReadonlyMap<string, RequirementRow>> {
  const report = await checkSource(root);
  return new Map(asvsTable(SOURCE_RULES, report).map((row) => [row.requirement, row]));
}

test('an application is told what it enforces, where, and what nothing enforces', async () => {
  const rows = await rowsOf(GUIDE);
  const stateOf = (id: string): string | undefined => rows.get(id)?.state;
  assert.deepEqual(rows.get('3.5.1')?.by, [{ control: 'Flask-WTF', file: 'app/forms.py', line: 3 }]);
  assert.equal(stateOf('3.5.1'), 'enforced');
  assert.equal(stateOf('11.4.2'), 'enforced');
  // Talisman is there, and its policy lets inline script run.
  assert.deepEqual([stateOf('3.4.3'), rows.get('3.4.3')?.by[0]?.control], ['falls-short', 'Flask-Talisman']);
  // No second factor, no check of fields.
  assert.deepEqual([stateOf('6.3.3'), stateOf('2.2.1')], ['not-enforced', 'not-enforced']);
});

test('what is imported and not begun, in a comment, or in a test enforces nothing', async () => {
  const begun = 'from flask_wtf import CSRFProtect\nCSRFProtect(app)\n';
  for (const [files, state] of [
    [{ 'app.py': begun }, 'enforced'],
    [{ 'app.py': begun.replace('CSRFProtect(app)', '# CSRFProtect(app)') }, 'not-enforced'],
    [{ 'app.py': begun.replace('from', '# from') }, 'not-enforced'],
    [{ 'tests/test_app.py': begun, 'app.py': 'x = 1\n' }, 'not-enforced'],
    [
      { 'app.mjs': "import helmet from 'helmet';\nimport { csrfSync } from 'csrf-sync';\ncsrfSync();\n" },
      'enforced',
    ],
    [{ 'app.mjs': "// import { csrfSync } from 'csrf-sync';\ncsrfSync();\n" }, 'not-enforced'],
    [{ 'app.py': `'''Some day:\n\n${begun}'''\n` }, 'not-enforced'],
    [{ 'app.py': `HOW = """\n${begun}"""\n` }, 'not-enforced'],
    [{ 'app.py': 'from flask_wtf.csrf import CSRFProtect as C\nC().init_app(app)\n' }, 'enforced'],
    // Of the same name, and somebody else's.
    [{ 'app.py': 'import flask_wtf\nfrom .own import CSRFProtect\nCSRFProtect(app)\n' }, 'not-enforced'],
    [{ 'settings.py': `MIDDLEWARE = ['a', '${CSRF}']\n` }, 'enforced'],
    [{ 'settings.py': `MIDDLEWARE = []\nMIDDLEWARE += ['${CSRF}']\n` }, 'enforced'],
    [{ 'settings.py': `NOT_YET = ['${CSRF}']\nMIDDLEWARE = []\n` }, 'not-enforced'],
    [{ 'settings.py': `MIDDLEWARE = [\n  # '${CSRF}',\n]\n` }, 'not-enforced'],
    [
      { 'app.mjs': "const how = `\nimport { csrfSync } from 'csrf-sync';\ncsrfSync();\n`;\n" },
      'not-enforced',
    ],
    [{ 'app.mjs': "import { csrfSync } from 'csrf-sync';\n/*\n csrfSync();\n*/\n" }, 'not-enforced'],
    [{ 'app.cjs': "const f = fastify();\nf.register(require('@fastify/csrf-protection'));\n" }, 'enforced'],
    [{ 'app.cjs': "const { csrfSync } = require('csrf-sync');\nconst a = csrfSync({});\n" }, 'enforced'],
    [
      { 'bulwark.config.ts': "import { definePolicy } from 'bulwark';\nexport default definePolicy({});\n" },
      'enforced',
    ],
  ] as const) {
    await withTree(files as Readonly<Record<string, string>>, async (root) => {
      assert.equal((await rowsOf(root)).get('3.5.1')?.state, state, JSON.stringify(files));
    });
  }
});

test('what is begun in the ways that people write is enforced, and what only a text says is not', async () => {
  for (const [id, path, text, state] of [
    ['3.4.4', 'app.mjs', "import helmet from 'helmet';\napp.use(helmet());\n", 'enforced'],
    ['3.4.4', 'app.cjs', "app.use(require('helmet')());\n", 'enforced'],
    [
      '3.4.4',
      'app.mjs',
      "import helmet from '@fastify/helmet';\nawait f.register(helmet, {});\n",
      'enforced',
    ],
    ['3.4.4', 'app.mjs', "import helmet from 'helmet';\n", 'not-enforced'],
    [
      '3.4.4',
      'app.cjs',
      "const h = `\nimport helmet from 'helmet';\napp.use(helmet());\n`;\n",
      'not-enforced',
    ],
    ['2.2.1', 'a.mjs', "import { z } from 'zod';\nconst S = z.object({});\nS.parse(req.body);\n", 'enforced'],
    ['2.2.1', 'a.mjs', "import { z } from 'zod';\nexport const f = (s, x) => s.safeParse(x);\n", 'enforced'],
    ['2.2.1', 'a.mjs', "import { z } from 'zod';\nJSON.parse(x);\n", 'not-enforced'],
    ['2.2.1', 'a.py', 'from pydantic import BaseModel\nclass A(BaseModel):\n  a: int\n', 'enforced'],
    ['2.2.1', 'a.py', '"""\nfrom pydantic import BaseModel\nclass A(BaseModel):\n"""\n', 'not-enforced'],
    [
      '8.2.1',
      'a.py',
      'from flask_login import login_required\n@login_required\ndef a():\n  pass\n',
      'enforced',
    ],
    ['6.3.1', 'a.py', 'import slowapi\nlimiter = slowapi.Limiter(key_func=f)\n', 'enforced'],
    [
      '6.3.1',
      'a.mjs',
      "import { rateLimit } from 'express-rate-limit';\napp.use(rateLimit({}));\n",
      'enforced',
    ],
    ['7.2.1', 'a.mjs', "import session from 'express-session';\napp.use(session({}));\n", 'enforced'],
    [
      '7.2.4',
      'a.mjs',
      "import session from 'express-session';\napp.post('/', (req, res) => req.session.regenerate(f));\n",
      'enforced',
    ],
    ['11.4.2', 'a.mjs', "import bcrypt from 'bcrypt';\nawait bcrypt.hash(p, 12);\n", 'enforced'],
    [
      '6.3.3',
      'a.mjs',
      "import { authenticator } from 'otplib';\nauthenticator.verify({ token, secret });\n",
      'enforced',
    ],
    ['16.2.4', 'a.mjs', "import winston from 'winston';\nwinston.createLogger({});\n", 'enforced'],
    ['5.2.1', 'a.py', "app.config['MAX_CONTENT_LENGTH'] = 10 * 1024 * 1024\n", 'enforced'],
    ['5.2.1', 'a.py', 'app.config.update(MAX_CONTENT_LENGTH=1024)\n', 'enforced'],
    ['5.2.1', 'a.py', "app.config.from_mapping({'MAX_CONTENT_LENGTH': 1024})\n", 'enforced'],
    ['5.2.1', 'a.py', 'class Config:\n  MAX_CONTENT_LENGTH = 1024\n', 'enforced'],
    ['5.2.1', 'a.py', '"""\nMAX_CONTENT_LENGTH = 1024\n"""\n', 'not-enforced'],
    ['3.4.1', 'nginx.conf', 'server {\n  add_header Strict-Transport-Security "max-age=1";\n}\n', 'enforced'],
    ['13.2.2', 'Dockerfile', 'FROM a:1\nRUN <<EOF\nUSER a\nEOF\n', 'not-enforced'],
    ['13.2.2', 'Dockerfile', 'FROM a:1\nUSER 10001\n', 'enforced'],
  ] as const) {
    await withTree({ [path]: text }, async (root) => {
      const { enforced = [] } = await checkSource(root);
      const isThere = enforced.some(({ asvs }) => asvs.some((one) => one.startsWith(`v5.0.0-${id} `)));
      assert.equal(isThere ? 'enforced' : 'not-enforced', state, `${id} ${text}`);
    });
  }
});

test('from outside a requirement held where all rules about it held, and says nothing of a source', () => {
  const rule = (id: string): RuleFacts => ({
    id,
    title: 'a',
    level: 'error',
    guide: 1,
    asvs: ['v5.0.0-3.4.3 (in part)'],
    cwe: [],
    needs: 'page',
  });
  const stateOf = (...outcomes: readonly ('held' | 'not-seen')[]): string | undefined => {
    const rules = outcomes.map((_, at) => rule(`a.b${at}`));
    const results = outcomes.map((outcome, at) =>
      outcome === 'held'
        ? { rule: `a.b${at}`, outcome, evidence: '' }
        : { rule: `a.b${at}`, outcome, why: '' },
    );
    return asvsTable(rules, reportOf(results, { url: 'http://localhost/', requests: 1, limited: 0 }))[0]
      ?.state;
  };
  assert.deepEqual(
    [stateOf('held', 'held'), stateOf('held', 'not-seen'), stateOf('not-seen')],
    ['held', 'not-seen', 'not-seen'],
  );
});

test('JSON and HTML have the table', async () => {
  const json = JSON.parse((await runCommand(['check', '--source', GUIDE, '--json'])).out) as {
    asvs: readonly RequirementRow[];
  };
  assert.equal(json.asvs.find(({ requirement }) => requirement === '6.3.3')?.state, 'not-enforced');
  const page = (await runCommand(['check', '--source', GUIDE, '--format', 'html'])).out;
  assert.match(page, /Flask-WTF\s+<code>app\/forms\.py:3<\/code>/);
  assert.match(
    page,
    /<td data-label="Requirement">6\.3\.3 \(in part\)<\/td>\s+<td data-label="Result" class="">nothing enforces it<\/td>/,
  );
});

test('every control of Python is found by the one look that comes before', async () => {
  // Each as its maker shows it, in a file of its own.
  const begun: Readonly<Record<string, string>> = {
    '3.5.1': 'from flask_seasurf import SeaSurf\nSeaSurf(app)\n',
    '3.4.6': "MIDDLEWARE = ['django.middleware.clickjacking.XFrameOptionsMiddleware']\n",
    '6.3.1': "MIDDLEWARE = ['axes.middleware.AxesMiddleware']\n",
    '15.3.4': 'from werkzeug.middleware.proxy_fix import ProxyFix\nProxyFix(app)\n',
    '11.4.2': 'from werkzeug.security import generate_password_hash\ngenerate_password_hash(a)\n',
    '8.2.1': 'from django.contrib.auth.decorators import login_required\n@login_required\ndef a(): pass\n',
    '2.2.1': 'from pydantic import BaseModel\nclass A(BaseModel):\n    pass\n',
    '6.3.3': 'import pyotp\npyotp.TOTP(a)\n',
    '1.5.1': 'from defusedxml.ElementTree import fromstring\nfromstring(a)\n',
    '16.2.4': 'import structlog\nstructlog.get_logger()\n',
    '3.3.1': 'SESSION_COOKIE_SECURE = True\n',
    '3.3.2': "SESSION_COOKIE_SAMESITE = 'Lax'\n",
    '5.2.1': "app.config['MAX_CONTENT_LENGTH'] = 10\n",
    '7.3.2': "app.config['PERMANENT_SESSION_LIFETIME'] = timedelta(hours=1)\n",
    '3.4.1': 'SECURE_HSTS_SECONDS = 63072000\n',
    '6.2.4': "AUTH_PASSWORD_VALIDATORS = [{'NAME': 'a'}]\n",
  };
  for (const [requirement, text] of Object.entries(begun)) {
    await withTree({ 'app.py': text }, async (root) => {
      assert.ok(((await rowsOf(root)).get(requirement)?.by.length ?? 0) > 0, requirement);
    });
  }
});
