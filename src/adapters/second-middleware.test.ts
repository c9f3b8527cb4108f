/** Middleware of others that does what the layer does: it is named once, with what to do. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import express, { type RequestHandler } from 'express';
import session from 'express-session';
import helmet from 'helmet';
import type { PolicyOptions } from '../policy/policy.ts';
import { memory } from '../stores/memory/state.ts';
import { fixedSecrets, recordingAudit } from '../testing/fakes.ts';
import { bulwark } from './express.ts';

async function fixesOf(
  t: TestContext,
  middleware: RequestHandler,
  policy: PolicyOptions = {},
): Promise<readonly unknown[]> {
  const log = recordingAudit();
  const layer = bulwark({
    environment: 'development',
    secrets: fixedSecrets(),
    state: memory(),
    audit: { sink: log.sink },
    ...policy,
  });
  const app = express();
  app.use(layer);
  app.use(middleware);
  app.get('/', (_request, response) => void response.send('<!doctype html><p>hello'));
  const server = layer.createServer(app).listen(0, '127.0.0.1');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await layer.close();
  });
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  for (const _time of [1, 2, 3]) await (await fetch(url)).text();
  return log
    .named('sys_header_raised')
    .filter(({ details }) => /Set-Cookie|Content-Security-Policy/.test(String(details?.['header'])))
    .map(({ details }) => details?.['fix']);
}

const sessions = (name?: string): RequestHandler =>
  session({ secret: 'made up for this test', resave: false, saveUninitialized: true, ...(name && { name }) });

test('a second session middleware, by the cookie that it sets', async (t) => {
  const fixes = await fixesOf(t, sessions());
  assert.equal(fixes.length, 1, 'once, and not for each answer');
  assert.match(String(fixes[0]), /^take express-session out: /);
});

test("a cookie that is called otherwise is nobody's session", async (t) => {
  assert.deepEqual(await fixesOf(t, sessions('basket')), []);
});

test('where cookies are left alone nothing is said of them', async (t) => {
  assert.deepEqual(await fixesOf(t, sessions(), { cookies: { mode: 'off' } }), []);
});

test('a second content security policy: helmet, by its name', async (t) => {
  const fixes = await fixesOf(t, helmet());
  assert.equal(fixes.length, 1);
  assert.match(String(fixes[0]), /^take helmet out .*routes: \{ '\/': \{ csp: \{ /);
});

test('a policy of the application itself is not called helmet', async (t) => {
  const own: RequestHandler = (_request, response, next) => {
    response.set('Content-Security-Policy', "script-src 'self'");
    next();
  };
  assert.match(String((await fixesOf(t, own))[0]), /^routes: /);
});
