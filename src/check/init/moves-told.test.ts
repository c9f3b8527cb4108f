/** What is said of a package that stays: why, and the lines to write at each place. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { type InitPlan, planInit } from './plan-init.ts';

const HEAD = `const express = require('express');
const app = express();
`;

async function plan(t: TestContext, from: string, text: string): Promise<InitPlan> {
  const root = mkdtempSync(join(tmpdir(), 'bulwark-moves-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ dependencies: { express: '^5.0.0' } }));
  writeFileSync(join(root, 'server.js'), text);
  return await planInit(root, { keepsRequestSession: false, from: from.split(',') });
}

const session = (line: string, options = 'secret: process.env.S'): string =>
  `app.use(require('express-session')({ ${options} }));\n${line}`;

const told = (what: string, from: string, line: string, ...lines: readonly RegExp[]): Told => ({
  what,
  from,
  line,
  lines,
});

interface Told {
  readonly what: string;
  readonly from: string;
  readonly line: string;
  readonly lines: readonly RegExp[];
}

const LIMIT = "const limit = require('express-rate-limit');\n";
const HELMET = "const helmet = require('helmet');\n";
const TOLD: readonly Told[] = [
  told(
    'a limit that counts several routes together',
    'express-rate-limit',
    `${LIMIT}const few = limit({ windowMs: 3600 * 1000, max: 3 });\napp.post('/forgot', few, done);\napp.post('/otp', few, done);`,
    /^\/\/ It stays, since it counts 2 places together/,
    /^ {2}'POST \/forgot': \{ limit: '3\/hour' \},$/,
    /^ {2}'POST \/otp': \{ limit: '3\/hour' \},$/,
  ),
  told(
    'a number that is worked out',
    'express-rate-limit',
    `${LIMIT}app.use(limit({ windowMs: 60_000, max: settings.most * 2 }));`,
    /numbers are worked out while it runs/,
    /^rateLimit: \{ mode: 'observe', perClient: `\$\{settings\.most \* 2\}\/minute` \},$/,
  ),
  told(
    'a number of the environment: with what it is in that file',
    'express-rate-limit',
    `${LIMIT}const MOST = parseInt(process.env.MOST, 10) || 200;\napp.use(limit({ windowMs: 60_000, max: MOST }));`,
    /^const MOST = parseInt\(process\.env\.MOST, 10\) \|\| 200; \/\/ above the policy$/,
    /perClient: `\$\{MOST\}\/minute`/,
  ),
  told(
    'a limit under a condition, with an option that has no word',
    'express-rate-limit',
    `${LIMIT}const few = limit({ max: 20, skipSuccessfulRequests: true });\nif (isLive) app.use('/v1', few);`,
    /^\/\/ It stays, since /,
    /^\/\/ .*of lines for one request the narrowest alone counts\.$/,
    /^routes: \{ '\/v1\/\*\*': \{ limit: '20\/minute' \} \},$/,
  ),
  told(
    'helmet with options that a person looks at',
    'helmet',
    `${HELMET}app.use(helmet({ hsts: { maxAge: 86400 * 0 }, frameguard: { action: 'sameorigin' }, contentSecurityPolicy: { directives: { scriptSrc: ["'self'", "'unsafe-inline'", (req, res) => \`'nonce-\${res.locals.own}'\`] } } }));`,
    /nothing is sure to be the same as its hsts/,
    /^headers: \{ mode: 'observe', frameOptions: 'SAMEORIGIN' \}/,
    /^csp: \{ mode: 'observe', trustedTypes: false, dangerouslyAllow: \["script-src 'unsafe-inline'"\], directives: \{.*'script-src': \["'self'", "'unsafe-inline'", "'nonce'"\]/,
  ),
  told(
    'sessions in a store: the line for it, and each place',
    'express-session',
    session(
      "app.get('/', (req, res) => { req.session.seen = req.session.first; res.end(); });",
      'secret: process.env.S, store',
    ),
    /since its store may be shared/,
    /^\/\/ On several: state: await redis\(client\), or await postgres\(pool\)/,
    // The line as it would be, with what is read in it.
    /^app\.get\('\/', async \(req, res\) => \{ await bulwark\.of\(req\)\.session\.change\('seen', \(\) => bulwark\.of\(req\)\.session\.get\('first'\)\); res\.end\(\); \}\);$/,
  ),
  ...[
    [
      'connect-redis',
      /^state: await redis\(client\), \/\/ in the policy/,
      /^const client = await createClient\(/,
    ],
    ['connect-pg-simple', /^state: await postgres\(pool\), /, /^const pool = new Pool\(/],
    ['connect-sqlite3', /^\/\/ nothing, if that folder is this machine's own/],
  ].map(([store, ...lines]) =>
    told(
      `sessions in the store of ${String(store)}`,
      'express-session',
      `const Store = require('${String(store)}');\n${session('', 'secret: process.env.S, store: new Store()')}`,
      /since its store may be shared/,
      ...lines.filter((line) => typeof line !== 'string'),
    ),
  ),
  told(
    'what of sessions is not understood: by another name, of a socket, an id',
    'express-session',
    `${session('')}
app.get('/', (req, res) => { const { query, session } = req; res.send(session.user); });
io.use((socket) => socket.request.session.user);
app.get('/id', (req, res) => res.send(req.sessionID));
app.get('/all', (req, res) => show(req.session));`,
    /^const \{ session \} = bulwark\.of\(req\); /,
    /^bulwark\.of\(socket\.request\)\.session /,
    /^\/\/ no handler has the id: /,
    /^bulwark\.of\(req\)\.session \/\/ its get/,
  ),
  told(
    'what passport and connect-flash keep in the session',
    'express-session',
    `const passport = require('passport');
${session('')}
app.use(passport.session());
app.post('/in', passport.authenticate('ldap', { failureFlash: true }));
app.get('/out', (req, res) => {
  req.logout(done);
});
app.get('/new', (req, res) => {
  req.login(person, done);
});
app.get('/', (req, res) => {
  if (req.isAuthenticated()) res.end();
  req.flash('info', 'sent');
  show(req.flash('info'));
});`,
    /^it may be asked for by passport$/,
    /^\/\/ nothing: the session is the layer's\./,
    /^passport\.authenticate\('ldap', \{ session: false, /,
    /^await bulwark\.of\(req\)\.session\.signOut\(\);/,
    /^await bulwark\.of\(req\)\.session\.signIn\(\{ account: String\(person\.id\) \}\);/,
    /^bulwark\.of\(req\)\.principal !== undefined$/,
    /^await bulwark\.of\(req\)\.session\.change\('flash:info', \(kept = \[\]\) => /,
    /^const texts = bulwark\.of\(req\)\.session\.get\('flash:info'\) \?\? \[\];/,
  ),
  told(
    'csurf under a condition: where its tokens are asked for',
    'csurf',
    "if (isLive) app.use(require('csurf')());\napp.get('/', (req, res) => {\n  res.locals.token = req.csrfToken();\n});",
    /^res\.locals\.token = bulwark\.of\(req\)\.csrfToken;$/,
  ),
  told(
    'a change that nobody waits for',
    'express-session',
    session('function note(req, res) { req.session.last = 1; }'),
    /^await bulwark\.of\(req\)\.session\.set\('last', 1\);$/,
    /^\/\/ in an async function that is waited for/,
  ),
];

describe('says of what stays why, and the lines to write', () => {
  for (const { what, from, line, lines } of TOLD) {
    test(what, async (t) => {
      const planned = await plan(t, from, `${HEAD}${line}\n`);
      const said = planned.byHand.flatMap((one) => one.lines);
      for (const one of lines)
        assert.ok(
          said.some((text) => one.test(text)),
          `${one}\n${said.join('\n')}`,
        );
      assert.ok(planned.notes.includes(`As it is: ${from}.`));
    });
  }
});
