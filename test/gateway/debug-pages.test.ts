/** Pages for developers, of real frameworks with their debugging on: a visitor gets none of them, and the log has it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, type RawAnswer, valueOf } from '../../src/testing/wire.ts';
import { type AppBehindGateway, appBehindGateway, gunicorn, type PythonApp } from './python-app.ts';

interface Page {
  readonly target: string;
  readonly method?: string;
  readonly accept?: string;
  /** What the framework answers with, and what the visitor gets. */
  readonly status: number;
  readonly seen?: number;
}

const HTML = 'text/html';
const APPS: Readonly<Record<string, { readonly app: PythonApp; readonly pages: readonly Page[] }>> = {
  Werkzeug: {
    app: {
      command: (port) => [
        'flask',
        '--app',
        'debug_app',
        'run',
        '--debug',
        '--no-reload',
        '--port',
        `${port}`,
      ],
    },
    pages: [
      { target: '/broken', status: 500 },
      { target: '/broken', accept: HTML, status: 500 },
      { target: '/long', accept: HTML, status: 500 },
      { target: '/form', method: 'POST', accept: HTML, status: 500 },
      { target: '/console', accept: HTML, status: 200, seen: 404 },
      { target: '/?__debugger__=yes&cmd=resource&f=debugger.js', status: 200, seen: 404 },
    ],
  },
  Django: {
    app: { command: gunicorn('django_app:application'), env: { APP_DEBUG: '1' } },
    pages: [
      { target: '/broken', accept: HTML, status: 500 },
      { target: '/broken', status: 500 },
      { target: '/no-such-page', accept: HTML, status: 404 },
      { target: '/form', method: 'POST', accept: HTML, status: 403 },
    ],
  },
  Starlette: {
    app: { command: (port) => ['uvicorn', '--port', `${port}`, 'starlette_app:app'] },
    pages: [{ target: '/broken', accept: HTML, status: 500 }],
  },
};

/** What only a page for developers has. */
const TELLING =
  /secret-path|traceback|__debugger__|Interactive Console|CONSOLE_MODE|DEBUG\s*=|URLconf|urlpatterns/i;

for (const [framework, { app, pages }] of Object.entries(APPS)) {
  describe(framework, () => {
    let site: AppBehindGateway;
    before(async () => {
      site = await appBehindGateway(app, { origin: 'https://localhost', csrf: { mode: 'off' } });
    });
    after(() => site.stop());

    const open = async (port: number, { target, method = 'GET', accept = '*/*' }: Page): Promise<RawAnswer> =>
      await ask(port, {
        method,
        target,
        headers: {
          accept,
          host: 'localhost',
          'accept-encoding': 'gzip, br',
        },
        ...(method === 'POST' && { body: '' }),
      });

    for (const page of pages)
      test(`${page.method ?? 'GET'} ${page.target} for ${page.accept ?? 'programs'}`, async () => {
        const alone = await open(site.upstreamPort, page);
        assert.equal(alone.status, page.status);
        if (valueOf(alone, 'content-encoding') === undefined) assert.match(alone.body, TELLING);
        const before = site.events.length;
        const answer = await open(site.port, page);
        assert.equal(answer.status, page.seen ?? page.status);
        assert.doesNotMatch(answer.body, TELLING);
        const told = site.events.slice(before).find(({ event }) => event === 'sys_misconfigured');
        assert.equal(told?.level, 'critical');
        assert.equal(told?.details?.['framework'], framework);
      });
  });
}

test('an ordinary page, an ordinary error and a form of the application go on as they are', async () => {
  const flask = await appBehindGateway({ command: gunicorn('debug_app:app') });
  try {
    const home = await ask(flask.port, { target: '/', headers: { accept: HTML } });
    assert.match(home.body, /nothing special/);
    const missing = await ask(flask.port, { target: '/none', headers: { accept: HTML } });
    assert.match(missing.body, /The requested URL was not found on the server/);
  } finally {
    await flask.stop();
  }
  const django = await appBehindGateway({ command: gunicorn('django_app:application') });
  try {
    const refused = await ask(django.port, {
      method: 'POST',
      target: '/form',
      headers: { accept: HTML, origin: 'https://example.com' },
      body: '',
    });
    assert.equal(refused.status, 403);
    assert.match(refused.body, /CSRF verification failed/);
    assert.ok(!django.events.some(({ event }) => event === 'sys_misconfigured'));
  } finally {
    await django.stop();
  }
});

test('observed, such a page goes out, and is told; a page that breaks is still replaced by the guard of errors', async () => {
  const site = await appBehindGateway(
    { command: gunicorn('django_app:application'), env: { APP_DEBUG: '1' } },
    { gateway: { answers: { debugPages: 'observe' } } },
  );
  try {
    const missing = await ask(site.port, { target: '/no-such-page', headers: { accept: HTML } });
    assert.match(missing.body, TELLING);
    assert.ok(
      site.events.some(
        (event) => event.event === 'sys_misconfigured' && event.details?.['observed'] === true,
      ),
    );
    const broken = await ask(site.port, { target: '/broken', headers: { accept: HTML } });
    assert.doesNotMatch(broken.body, TELLING);
  } finally {
    await site.stop();
  }
});
