/** What an application sees of a request is what the gateway judged, under each server that people put one on. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import type { Exchange } from '../../src/core/exchange.ts';
import { parseAnswer } from '../../src/testing/wire.ts';
import { oddRequests, say } from './odd-requests/all.ts';
import { type PythonApp, startApp } from './python-app.ts';
import { watchedGateway } from './recorder.ts';

/** What the applications of `apps/seen*.py` tell, and the one below. */
interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: number;
  readonly hash: string;
}

const gunicorn =
  (...options: string[]): PythonApp['command'] =>
  (port) => ['gunicorn', ...options, '--bind', `127.0.0.1:${port}`, 'seen:application'];

const SERVERS: Readonly<Record<string, PythonApp['command']>> = {
  'gunicorn sync': gunicorn(),
  'gunicorn gthread': gunicorn('--worker-class', 'gthread', '--threads', '4'),
  'gunicorn gevent': gunicorn('--worker-class', 'gevent'),
  uwsgi: (port) => [
    'uwsgi',
    '--http-socket',
    `127.0.0.1:${port}`,
    '--module',
    'seen:application',
    '--need-app',
    '--buffer-size',
    '16384',
  ],
  waitress: (port) => ['waitress-serve', '--listen', `127.0.0.1:${port}`, 'seen:application'],
  'granian, WSGI': (port) => ['granian', '--interface', 'wsgi', '--port', String(port), 'seen:application'],
  'granian, ASGI': (port) => ['granian', '--interface', 'asgi', '--port', String(port), 'seen:asgi'],
  'uvicorn with httptools': (port) => ['uvicorn', '--http', 'httptools', '--port', String(port), 'seen:asgi'],
  'uvicorn with h11': (port) => ['uvicorn', '--http', 'h11', '--port', String(port), 'seen:asgi'],
  hypercorn: (port) => ['hypercorn', '--bind', `127.0.0.1:${port}`, 'seen:asgi'],
  'Django under gunicorn': (port) => ['gunicorn', '--bind', `127.0.0.1:${port}`, 'seen_django:application'],
  "Django's own server": (port) => ['python', 'seen_django.py', String(port)],
  "Flask's own server": (port) => ['python', 'seen_werkzeug.py', String(port)],
};

/** What the gateway says itself, or what is of one connection. */
const TOLD: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'forwarded',
  'x-request-id',
  'traceparent',
  'x-bulwark-nonce',
  'content-security-policy',
  'referer',
]);

/** The bodies of all odd requests, by their length. */
const BODIES: ReadonlyMap<number, string> = new Map(
  ['', 'hi', '0123456789'].map((body) => [body.length, body]),
);

/** The odd requests that may pass. A name that is dropped leaves a request like any other: some stand for all of them. */
const REQUESTS: readonly string[] = Object.entries(oddRequests())
  .filter(([kind]) => kind !== 'upgrades')
  .flatMap(([kind, requests]) =>
    requests.filter((_request, index) => kind !== 'names of headers' || index % 40 === 0),
  )
  .filter(({ mayPass }) => mayPass)
  .map(({ bytes }) => bytes);

function assertSeen(seen: Seen, judged: Exchange): void {
  assert.equal(seen.method, judged.request.method);
  assert.equal(seen.path, judged.path);
  assert.equal(seen.query, judged.query);
  assert.equal(seen.headers['host'], judged.host);
  // waitress takes them away, unless it is told whom to trust.
  assert.equal(seen.headers['x-forwarded-for'] ?? judged.client.address, judged.client.address);
  assert.equal(seen.headers['x-forwarded-proto'] ?? 'https', 'https');
  assert.equal(seen.headers['x-request-id'], judged.id);
  const body = BODIES.get(seen.bytes) ?? assert.fail(`a body of ${seen.bytes} bytes`);
  assert.equal(seen.hash, createHash('sha256').update(body).digest('hex'));
  assert.equal(Number(seen.headers['content-length'] || 0), seen.bytes);
  for (const [name, value] of Object.entries(seen.headers)) {
    const said = judged.request.headers[name];
    // What is not said, wsgiref takes for text.
    if (TOLD.has(name) || value === '' || (name === 'content-type' && said === undefined)) continue;
    assert.equal(value, String(said).trim(), name);
  }
}

/** The first of several answers on a connection. */
function first(answers: string): string {
  const final = answers.replace('HTTP/1.1 100 Continue\r\n\r\n', '');
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(final)?.[1];
  return length === undefined ? final : final.slice(0, final.indexOf('\r\n\r\n') + 4 + Number(length));
}

/** Sends all of them through a gateway, and compares what was seen behind it with what it judged. */
async function compare(t: TestContext, upstreamPort: number): Promise<void> {
  const site = await watchedGateway(t, upstreamPort);
  let answered = 0;
  for (const bytes of REQUESTS) {
    site.judged.length = 0;
    const answer = await say(site.port, bytes);
    const judged = site.judged.find(({ path }) => path !== '/fence');
    if (judged === undefined || judged.path === '*') continue;
    try {
      const { status, body } = parseAnswer(Buffer.from(first(answer), 'latin1'));
      // A body that was found out behind the head: the application was not asked.
      if (status >= 400 && body.includes('urn:bulwark:problem')) continue;
      assert.equal(status, 200);
      if (judged.request.method === 'HEAD') continue;
      assertSeen(JSON.parse(body) as Seen, judged);
      answered += 1;
    } catch (error) {
      (error as Error).message =
        `${JSON.stringify(bytes.slice(0, 400))} -> ${answer.slice(0, 200)}\n${(error as Error).message}`;
      throw error;
    }
  }
  assert.ok(answered > 100, `${answered} of ${REQUESTS.length}`);
}

describe('what the application sees is what the gateway judged', () => {
  for (const [name, command] of Object.entries(SERVERS))
    test(`under ${name}`, async (t) => {
      const app = await startApp({ command });
      t.after(() => app.stop());
      await compare(t, app.port);
    });

  test('under Node.js', async (t) => {
    const server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const body = Buffer.concat(pieces);
        const [path = '', ...query] = (request.url ?? '').split('?');
        const seen: Seen = {
          method: request.method ?? '',
          path: decodeURIComponent(path),
          query: query.join('?'),
          headers: request.headers as Record<string, string>,
          bytes: body.length,
          hash: createHash('sha256').update(body).digest('hex'),
        };
        response.end(JSON.stringify(seen));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    await compare(t, (server.address() as AddressInfo).port);
  });
});
