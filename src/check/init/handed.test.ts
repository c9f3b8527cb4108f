import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { type InitPlan, planInit } from './plan-init.ts';

type Files = Readonly<Record<string, string>>;

async function plan(t: TestContext, files: Files, from: string): Promise<InitPlan> {
  const root = mkdtempSync(join(tmpdir(), 'bulwark-handed-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ dependencies: { express: '^5.0.0' } }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return await planInit(root, { from: [from] });
}

const SERVER = `const express = require('express');
const app = express();
require('./setup/middleware')(app, settings);
app.listen(3000);
`;
const setup = (body: string, parameters = 'app, settings'): string =>
  `const helmet = require('helmet');\n\nmodule.exports = function (${parameters}) {\n${body}};\n`;

describe('a file that is handed the application', () => {
  test('loses its middleware, which ran in front of everything', async (t) => {
    const planned = await plan(
      t,
      { 'server.js': SERVER, 'setup/middleware.js': setup('  app.use(helmet());\n  app.use(other);\n') },
      'helmet',
    );
    assert.deepEqual(planned.byHand, []);
    const { after } = planned.changes.find(({ path }) => path === 'setup/middleware.js') ?? {};
    assert.equal(after, '\nmodule.exports = function (app, settings) {\n  app.use(other);\n};\n');
    assert.match(planned.changes[0]?.after ?? '', /'script-src': \["'self'"\]/);
    assert.ok(planned.next.includes('npm uninstall helmet'));
  });

  test('by import and export default too', async (t) => {
    const planned = await plan(
      t,
      {
        'server.mjs': `import express from 'express';\nimport prepare from './prepare.mjs';\nconst app = express();\nprepare(app);\napp.listen(3000);\n`,
        'prepare.mjs': `import helmet from 'helmet';\nexport default (app) => {\n  app.use(helmet());\n};\n`,
      },
      'helmet',
    );
    assert.deepEqual(planned.byHand, []);
    assert.ok(planned.next.includes('npm uninstall helmet'));
  });

  test('has its routes changed as those of the application', async (t) => {
    const planned = await plan(
      t,
      {
        'server.js': SERVER,
        'setup/middleware.js': `const session = require('express-session');
module.exports = (app) => {
  app.use(session({ secret: process.env.S }));
  app.post('/name', (req, res) => {
    req.session.name = req.body.name;
    res.end();
  });
};
`,
      },
      'express-session',
    );
    const { after = '' } = planned.changes.find(({ path }) => path === 'setup/middleware.js') ?? {};
    assert.match(
      after,
      /async \(req, res\) => \{\n {4}await bulwark\.of\(req\)\.session\.change\('name', \(\) => req\.body\.name\);/,
    );
  });

  const middleware = (text: string, server = SERVER, more: Files = {}): Files => ({
    'server.js': server,
    'setup/middleware.js': text,
    ...more,
  });
  const usual = setup('  app.use(helmet());\n');
  const doubts: Readonly<Record<string, Files>> = {
    'is called twice': middleware(usual, `${SERVER}require('./setup/middleware')(app);\n`),
    'is called under a condition': middleware(
      usual,
      SERVER.replace("require('./setup", "if (isLive) require('./setup"),
    ),
    'is imported by another file': middleware(usual, `${SERVER}require('./worker');\n`, {
      'worker.js': "require('./setup/middleware')(other);\n",
    }),
    'is handed something else in that place': middleware(setup('  app.use(helmet());\n', 'settings, app')),
    'may end before': middleware(setup('  if (settings.isOpen) return;\n  app.use(helmet());\n')),
    'mounts it under a condition': middleware(
      setup('  if (settings.isLive) {\n    app.use(helmet());\n  }\n'),
    ),
    'gives the name something else': middleware(setup('  app = settings.router();\n  app.use(helmet());\n')),
    'takes a pattern before it': middleware(setup('  app.use(helmet());\n', '{ one }, app')),
    'exports something beside': middleware(`${usual}module.exports.again = module.exports;\n`),
  };
  for (const [what, files] of Object.entries(doubts)) {
    test(`keeps it where it ${what}`, async (t) => {
      const planned = await plan(t, files, 'helmet');
      assert.ok(!planned.changes.some(({ path }) => path === 'setup/middleware.js'));
      assert.ok(planned.notes.includes('As it is: helmet.'), planned.notes.join('\n'));
      assert.ok(!planned.next.some((line) => line.includes('uninstall')));
    });
  }
});
