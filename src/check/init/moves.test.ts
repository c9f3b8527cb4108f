import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { type InitPlan, planInit } from './plan-init.ts';

const HEAD = `const express = require('express');
const app = express();
`;

async function plan(t: TestContext, from: string, text: string, express = '^5.0.0'): Promise<InitPlan> {
  const root = mkdtempSync(join(tmpdir(), 'bulwark-moves-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ dependencies: { express } }));
  writeFileSync(join(root, 'server.js'), text);
  return await planInit(root, { keepsRequestSession: false, from: from.split(',') });
}

/** The file without what the layer itself brings. */
function rest({ changes }: InitPlan): string {
  return (changes.find(({ path }) => path === 'server.js')?.after ?? '')
    .split('\n')
    .filter((line) => !/bulwark\/express|const layer|app\.use\(layer\)/.test(line))
    .join('\n')
    .replace('layer.createServer(app).listen', 'app.listen');
}

const policyOf = ({ changes }: InitPlan): string => changes[0]?.after ?? '';

interface Case {
  readonly what: string;
  readonly from: string;
  readonly before: string;
  /** The file behind its first two lines. */
  readonly after: string;
  readonly policy?: RegExp;
}

const MOVED: readonly Case[] = [
  {
    what: 'helmet without options: what it sent is sent still, and enforced',
    from: 'helmet',
    before: `const helmet = require('helmet');\n${HEAD}app.use(helmet());\napp.use(express.json());\n`,
    after: 'app.use(express.json());\n',
    policy: /'script-src': \["'self'"\]/,
  },
  {
    what: 'helmet by a call of require alone',
    from: 'helmet',
    before: `${HEAD}app.use(require('helmet')());\n`,
    after: '',
    policy: /csp: \{\n {4}trustedTypes: false/,
  },
  {
    what: 'helmet without a policy for content, which the first run only looks at, and with words that are the same here',
    from: 'helmet',
    before: `const helmet = require('helmet');
${HEAD}app.use(helmet({
  contentSecurityPolicy: false,
  crossOriginResourcePolicy: { policy: 'cross-origin' },
  referrerPolicy: { policy: 'same-origin' },
}));
`,
    after: '',
    policy:
      /^ {2}csp: \{ mode: 'observe' \},$[^]*^ {2}headers: \{ crossOriginResourcePolicy: 'cross-origin', referrerPolicy: 'same-origin' \},$/m,
  },
  {
    what: "helmet's policy for content alone: other headers are looked at first",
    from: 'helmet',
    before: `const helmet = require('helmet');
${HEAD}app.use(
  helmet.contentSecurityPolicy({ directives: { 'img-src': ["'self'", 'images.example.com'] } }),
);
`,
    after: '',
    policy:
      /^ {2}headers: \{ mode: 'observe' \},$[^]*'img-src': \["'self'", "images\.example\.com"\],$[^]*'font-src'/m,
  },
  {
    what: 'a limit for everything, one below a path, one for a route',
    from: 'express-rate-limit',
    before: `const { rateLimit } = require('express-rate-limit');
${HEAD}const tight = rateLimit({ windowMs: 60 * 60 * 1000, max: 10 });
app.use(rateLimit({ limit: 300 }));
app.use('/api', rateLimit({ windowMs: 1000, limit: 2 }));
app.post('/contact', tight, (req, res) => res.end());
`,
    after: "app.post('/contact', (req, res) => res.end());\n",
    policy:
      /rateLimit: \{ perClient: '300\/minute' \},[^]*'POST \/contact': \{ limit: '10\/hour' \},\n {4}'\/api\/\*\*': \{ limit: '2\/second' \}/,
  },
  {
    what: 'what is mounted in the callback that listens, in front of that',
    from: 'express-session',
    before: `const session = require('express-session');
${HEAD}connect(() => {
  app.use(session({ secret: process.env.S, key: 'sid' }));
  app.listen(3000);
});
`,
    after: `connect(() => {
  app.listen(3000);
});
`,
  },
  {
    what: 'csurf for one route, with its token',
    from: 'csurf',
    before: `const csrf = require('csurf');
${HEAD}const protect = csrf({ cookie: true });
app.get('/form', protect, (req, res) => res.render('form', { token: req.csrfToken() }));
`,
    after: "app.get('/form', (req, res) => res.render('form', { token: bulwark.of(req).csrfToken }));\n",
  },
  {
    what: 'a helper that is handed the request of Express, wherever it is called',
    from: 'express-session',
    before: `const session = require('express-session');
${HEAD}app.use(session({ secret: process.env.S }));
const whoIs = (req) => nameOf(req) ?? 'nobody';
function nameOf(req) {
  return String(req.session.name);
}
app.get('/', (req, res) => res.send(whoIs(req)));
`,
    after: `const whoIs = (req) => nameOf(req) ?? 'nobody';
function nameOf(req) {
  return String(bulwark.of(req).session.get('name'));
}
app.get('/', (req, res) => res.send(whoIs(req)));
`,
  },
  {
    what: 'express-session: reads, a change, an end',
    from: 'express-session',
    before: `const session = require('express-session');
${HEAD}app.use(session({ secret: process.env.S }));
app.get('/', (req, res) => {
  const cart = req.session.cart || [];
  cart.push('tea');
  req.session.cart = cart;
  res.json(cart.length);
});
app.post('/out', function (req, res, next) {
  req.session.destroy(function (err) {
    if (err) return next(err);
    res.redirect('/');
  });
});
`,
    after: `app.get('/', async (req, res) => {
  const cart = bulwark.of(req).session.get('cart') || [];
  cart.push('tea');
  await bulwark.of(req).session.set('cart', cart);
  res.json(cart.length);
});
app.post('/out', async function (req, res, next) {
  await bulwark.of(req).session.signOut();
  {
    res.redirect('/');
  }
});
`,
  },
  {
    what: 'a sign-in under a new id, where what the account is called is plain',
    from: 'express-session',
    before: `const session = require('express-session');
${HEAD}app.use(session({ secret: process.env.S }));
app.post('/in', async (req, res) => {
  const user = await find(req.body);
  req.session.regenerate(() => {
    req.session.userId = user.id;
    res.end();
  });
});
`,
    after: `app.post('/in', async (req, res) => {
  const user = await find(req.body);
  await bulwark.of(req).session.signIn({ account: String(user.id) });
  {
    await bulwark.of(req).session.change('userId', () => user.id);
    res.end();
  }
});
`,
  },
];

describe('takes a package out', () => {
  for (const { what, from, before, after, policy } of MOVED) {
    test(what, async (t) => {
      const planned = await plan(t, from, before);
      assert.deepEqual(
        planned.byHand.filter(({ where }) => where.includes(from)),
        [],
      );
      assert.equal(rest(planned), HEAD + after);
      if (policy !== undefined) assert.match(policyOf(planned), policy);
      assert.ok(planned.next.includes(`npm uninstall ${from}`));
    });
  }

  test('what it held is not left to a first run that only looks', async (t) => {
    const text = `const csrf = require('csurf');\nconst helmet = require('helmet');\n${HEAD}app.use(helmet());\napp.use(csrf());\n`;
    assert.doesNotMatch(policyOf(await plan(t, 'helmet,csurf', text)), /^ {2}(?:csrf|headers|csp): \{ mode/m);
    assert.match(policyOf(await plan(t, 'helmet', text)), /^ {2}csrf: \{ mode: 'observe' \},$/m);
  });
});

interface Stays {
  readonly what: string;
  readonly from: string;
  readonly line: string;
  readonly express?: string;
}

const session = (line: string, options = 'secret: process.env.S'): string =>
  `app.use(require('express-session')({ ${options} }));\n${line}`;
const handler = (line: string): string => session(`app.get('/', (req, res) => { ${line} res.end(); });`);

const STAYS: readonly Stays[] = [
  {
    what: 'helmet with an option that has no word here',
    from: 'helmet',
    line: "app.use(require('helmet')({ hsts: false }));",
  },
  {
    what: 'helmet with scripts that stand in pages',
    from: 'helmet',
    line: `app.use(require('helmet')({ contentSecurityPolicy: { directives: { scriptSrc: ["'self'", "'unsafe-inline'"] } } }));`,
  },
  {
    what: 'one part of helmet',
    from: 'helmet',
    line: "const helmet = require('helmet');\napp.use(helmet.noSniff());",
  },
  {
    what: 'a limit that counts by something else',
    from: 'express-rate-limit',
    line: "const limit = require('express-rate-limit');\napp.use(limit({ keyGenerator: (req) => req.user.id }));",
  },
  {
    what: 'a limit below a path that nobody here knows',
    from: 'express-rate-limit',
    line: "const limit = require('express-rate-limit');\nconst router = express.Router();\nrouter.post('/x', limit(), done);",
  },
  ...[
    'connect(() => { app.listen(1); app.use(helmet()); });',
    'connect(() => { app.use(helmet()); app.listen(1); });\napp.listen(2);',
    'connect(() => { app.use(helmet()); app.listen(1); });\nmodule.exports = app;',
    'connect(() => { if (isLive) { app.use(helmet()); } app.listen(1); });',
  ].map((line) => ({
    what: `what is not in front of all that listens: ${line}`,
    from: 'helmet',
    line: `const helmet = require('helmet');\n${line}`,
  })),
  {
    what: 'csurf that passes over methods',
    from: 'csurf',
    line: "app.use(require('csurf')({ ignoreMethods: ['POST'] }));",
  },
  {
    what: 'a middleware that something else is handed as well',
    from: 'csurf',
    line: "const csrf = require('csurf');\nconst protect = csrf();\napp.use(protect);\nmodule.exports = { protect };",
  },
  { what: 'sessions in a store', from: 'express-session', line: session('', 'secret: process.env.S, store') },
  { what: 'a session as a whole', from: 'express-session', line: handler('audit(req.session);') },
  {
    what: 'a value that is changed by another name and not put back',
    from: 'express-session',
    line: handler('const user = req.session.user; user.name = "x";'),
  },
  {
    what: "a sign-in whose account is anybody's guess",
    from: 'express-session',
    line: handler('req.session.regenerate(() => { req.session.user = user; });'),
  },
  {
    what: 'changes one after the other at once',
    from: 'express-session',
    line: handler('list.forEach((one) => { req.session.last = one; });'),
  },
  {
    what: 'what Express 4 would not wait for, and is handed no next',
    from: 'express-session',
    line: session("app.get('/', (req) => { req.session.a = 1; });"),
    express: '^4.21.0',
  },
];

describe('leaves a package where it is, and says where', () => {
  for (const { what, from, line, express } of STAYS) {
    test(what, async (t) => {
      const text = `${HEAD}${line}\n`;
      const planned = await plan(t, from, text, express);
      assert.equal(rest(planned), text);
      assert.match(planned.byHand.at(-1)?.where ?? '', new RegExp(`^server\\.js:\\d+ \\(${from}\\)$`));
      assert.ok(planned.notes.includes(`As it is: ${from}.`));
      assert.ok(!planned.next.some((one) => one.includes('uninstall')));
    });
  }

  test('where a file could not be read that may use it', async (t) => {
    const root = mkdtempSync(join(tmpdir(), 'bulwark-moves-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    writeFileSync(join(root, 'server.js'), `${HEAD}app.use(require('csurf')());\n`);
    writeFileSync(join(root, 'other.js'), 'req.session.a = ;\n');
    const planned = await planInit(root, { from: ['csurf'] });
    assert.match(rest(planned), /csurf/);
    assert.match(planned.notes.join('\n'), /other\.js could not be read/);
  });
});
