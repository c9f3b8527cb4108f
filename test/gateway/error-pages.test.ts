/** Which pages of errors a visitor gets is a choice of the policy: ours, or the application's own; never one for developers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { ask, type RawAnswer } from '../../src/testing/wire.ts';
import { appBehindGateway, gunicorn, type PythonApp } from './python-app.ts';

const OWN = /Sorry, says the application/;
const PLAIN: PythonApp = { command: gunicorn('error_pages_app:app') };
const DEBUGGED: PythonApp = {
  command: (port) => ['flask', '--app', 'debug_app', 'run', '--debug', '--no-reload', '--port', `${port}`],
};

async function broken(app: PythonApp, policy: PolicyOptions): Promise<RawAnswer> {
  const site = await appBehindGateway(app, policy);
  try {
    return await ask(site.port, { target: '/broken', headers: { accept: 'text/html' } });
  } finally {
    await site.stop();
  }
}

test('a server error has our page, and the one of the application where its route says so', async () => {
  const ours = await broken(PLAIN, {});
  assert.equal(ours.status, 500);
  assert.doesNotMatch(ours.body, OWN);
  assert.match(ours.body, /The error was on our side/);
  const own = await broken(PLAIN, { routes: { '/**': { ownErrors: true } } });
  assert.equal(own.status, 500);
  assert.match(own.body, OWN);
});

test('a page for developers is none that a route can choose', async () => {
  const { status, body } = await broken(DEBUGGED, { routes: { '/**': { ownErrors: true } } });
  assert.equal(status, 500);
  assert.doesNotMatch(body, /Traceback|__debugger__|secret-path/);
});
