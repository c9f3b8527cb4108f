/** Which pages of errors a visitor gets is a choice of the policy: ours, or the application's own; never one for developers. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { ask, exchangeBytes, type RawAnswer, valueOf } from '../../src/testing/wire.ts';
import { freePort } from '../support/processes.ts';
import { appBehindGateway, gunicorn, type PythonApp } from './python-app.ts';
import { watchedGateway } from './recorder.ts';

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

test("a site's own pages stand in the place of ours, for people, with the id that the log has", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-own-pages-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const pageOf = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(
      path,
      `<!doctype html><title>${text}</title><style nonce="{{nonce}}"></style><p>{{requestId}}`,
    );
    return path;
  };
  const errorPages = { 503: pageOf('down.html', 'Back soon'), '4xx': pageOf('no.html', 'Not like this') };
  // Nobody listens there.
  const site = await watchedGateway(t, await freePort(), { errorPages });
  const html = { accept: 'text/html' };
  for (const [request, status, title] of [
    [{ headers: html }, 503, 'Back soon'],
    [{ method: 'TRACE', headers: html }, 405, 'Not like this'],
    [
      { method: 'POST', headers: { ...html, 'sec-fetch-site': 'cross-site' }, body: '' },
      403,
      'Not like this',
    ],
  ] as const) {
    const answer = await ask(site.port, request);
    assert.equal(answer.status, status);
    assert.ok(answer.body.startsWith(`<!doctype html><title>${title}</title>`), answer.body);
    const [, nonce = '', id = ''] = /nonce="([^"]+)"><\/style><p>([\w-]{22})$/.exec(answer.body) ?? [];
    assert.ok(valueOf(answer, 'content-security-policy')?.includes(`'nonce-${nonce}'`), nonce);
    assert.ok(site.events.some(({ requestId }) => requestId === id));
    assert.equal(valueOf(answer, 'cache-control'), 'no-store');
    assert.match(valueOf(answer, 'content-type') ?? '', /^text\/html/);
  }
  // Programs are told as ever.
  assert.match((await ask(site.port, {})).body, /urn:bulwark:problem:/);
  // What no parser could read has a page as well, and it is whole.
  const odd = 'GET / HTTP/1.1\r\nHost: a\r\nHost : b\r\nAccept: text/html\r\n\r\n';
  assert.match((await exchangeBytes(site.port, odd)).toString('latin1'), /^HTTP\/1\.1 400 /);
});

test('a page that cannot be read is told before the gateway starts', async (t) => {
  await assert.rejects(
    watchedGateway(t, 1, { errorPages: { 503: '/nowhere/down.html' } }),
    /errorPages\['503'\]/,
  );
  await assert.rejects(watchedGateway(t, 1, { errorPages: { 200: 'a.html' } }), /gateway\.errorPages/);
});
