import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { type InitPlan, planInit } from './plan-init.ts';

const HEAD =
  "const express = require('express');\nconst { doubleCsrf } = require('csrf-csrf');\nconst app = express();\n";
const MADE = `const { doubleCsrfProtection, generateCsrfToken: token } = doubleCsrf({
  getSecret: () => process.env.SECRET,
  getSessionIdentifier: (req) => req.ip,
  cookieOptions: { secure: true },
});
`;

async function plan(t: TestContext, text: string, from = 'csrf-csrf'): Promise<InitPlan> {
  const root = mkdtempSync(join(tmpdir(), 'bulwark-moves-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ dependencies: { express: '^5.0.0' } }));
  writeFileSync(join(root, 'server.js'), HEAD + text);
  return await planInit(root, { from: from.split(',') });
}

function rest({ changes }: InitPlan): string {
  return (changes.find(({ path }) => path === 'server.js')?.after ?? '')
    .split('\n')
    .filter(
      (line) => !/bulwark\/express|const layer|use\(layer\)|require\('express'\)|express\(\)/.test(line),
    )
    .join('\n');
}

test('the call, what it protects and its tokens go, and the policy holds from the start', async (t) => {
  const planned = await plan(
    t,
    `${MADE}app.use(doubleCsrfProtection);
app.post('/a', doubleCsrfProtection, (req, res) => res.end());
app.get('/', (req, res) => res.render('form', { csrfToken: token(req, res), other: req.csrfToken() }));
`,
  );
  assert.equal(
    rest(planned),
    `app.post('/a', (req, res) => res.end());
app.get('/', (req, res) => res.render('form', { csrfToken: bulwark.of(req).csrfToken, other: bulwark.of(req).csrfToken }));
`,
  );
  assert.doesNotMatch(planned.changes[0]?.after ?? '', /^ {2}csrf: \{ mode/m);
  assert.ok(planned.next.includes('npm uninstall csrf-csrf'));
});

const SESSION = `app.use(require('express-session')({ secret: process.env.S }));
${MADE.replace('(req) => req.ip', '(req, res) => req.session.id')}`;

test('with it goes what it asks the session for, and so may the session', async (t) => {
  const planned = await plan(t, `${SESSION}app.use(doubleCsrfProtection);\n`, 'csrf-csrf,express-session');
  assert.equal(rest(planned), '');
  assert.ok(planned.next.includes('npm uninstall csrf-csrf express-session'), planned.next.join('\n'));
});

test('where it stays, the session that it asks stays too', async (t) => {
  const text = `${SESSION}if (isLive) app.use(doubleCsrfProtection);\n`;
  const planned = await plan(t, text, 'csrf-csrf,express-session');
  assert.ok(planned.notes.includes('As it is: csrf-csrf, express-session.'));
});

const STAYS: readonly (readonly [string, string, RegExp])[] = [
  [
    'a token from elsewhere',
    MADE.replace('cookieOptions', 'getCsrfTokenFromRequest: own, cookieOptions'),
    /no word for its getCsrfTokenFromRequest/,
  ],
  [
    'requests that are passed over',
    MADE.replace('cookieOptions', 'skipCsrfProtection: own, cookieOptions'),
    /no word for its skipCsrfProtection/,
  ],
  [
    'options of elsewhere',
    'const { doubleCsrfProtection } = doubleCsrf(options);\napp.use(doubleCsrfProtection);\n',
    /options stand elsewhere/,
  ],
  [
    'all of it under one name',
    'const csrf = doubleCsrf({ getSecret });\napp.use(csrf.doubleCsrfProtection);\n',
    /kept as a whole/,
  ],
  [
    'a protection under a condition',
    `${MADE}if (isLive) {\n  app.use(doubleCsrfProtection);\n}\n`,
    /doubleCsrfProtection is certain/,
  ],
  [
    'a protection that is handed on',
    `${MADE}module.exports = { doubleCsrfProtection };\n`,
    /doubleCsrfProtection is certain/,
  ],
  [
    'a token of something that may be no request',
    `${MADE}io.on('x', (socket) => token(socket.request));\n`,
    /generateCsrfToken is certain/,
  ],
  [
    'another thing that it gives',
    'const { validateRequest } = doubleCsrf({ getSecret });\napp.use((req, res) => validateRequest(req));\n',
    /validateRequest is certain/,
  ],
  ['two calls', `${MADE}doubleCsrf({ getSecret });\n`, /not called once/],
];

describe('stays', () => {
  for (const [what, text, why] of STAYS) {
    test(what, async (t) => {
      const planned = await plan(t, text);
      assert.ok(planned.notes.includes('As it is: csrf-csrf.'));
      assert.match(planned.byHand.flatMap(({ lines }) => lines).join('\n'), why);
      assert.match(rest(planned), /require\('csrf-csrf'\)/);
    });
  }
});
