import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import express from 'express';
import { defaultsOf } from '../../core/options.ts';
import type { Refusal } from '../../core/verdict.ts';
import { FakeHead, sketchExchange } from '../../../test/support/exchange.ts';
import { errorsGuard } from './errors.ts';
import { errorsOptions, type ErrorsSettings } from './errors.options.ts';

const FRAMEWORK = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'",
};
const HTML = { 'content-type': 'text/html; charset=utf-8' };

function judge(
  status: number,
  headers: Record<string, string | string[]> = HTML,
  settings: Partial<ErrorsSettings> = {},
  ownErrors = false,
): Refusal | undefined {
  const exchange = sketchExchange();
  if (ownErrors) exchange.rules = { ownErrors };
  const guard = errorsGuard({ ...defaultsOf(errorsOptions), ...settings });
  return guard.onAnswer?.(exchange, new FakeHead(status, headers));
}

test('lets every answer below 400 pass, whatever its head looks like', () => {
  for (const status of [101, 200, 204, 301, 304, 399]) {
    assert.equal(judge(status, FRAMEWORK), undefined);
    assert.equal(judge(status, HTML, { clientErrors: 'all' }), undefined);
  }
});

test('v5.0.0-16.3.4 (in part) v5.0.0-16.5.1 replaces every server error, and records it', () => {
  for (const status of [500, 501, 505, 507, 511]) {
    const refusal = judge(status);
    assert.equal(refusal?.status, status);
    assert.equal(refusal?.type, 'internal-error');
    assert.equal(refusal?.event?.kind.name, 'sys_crash');
  }
  assert.equal(judge(500, { 'content-type': 'application/json' })?.type, 'internal-error');
  assert.equal(judge(500, {})?.type, 'internal-error');
});

test('keeps a 503 a 503, with its Retry-After, and makes no event of it', () => {
  const refusal = judge(503, { ...HTML, 'retry-after': '30' });
  assert.equal(refusal?.status, 503);
  assert.equal(refusal?.type, 'unavailable');
  assert.equal(refusal?.event?.kind.name, undefined);
  assert.deepEqual(refusal?.headers, [['Retry-After', '30']]);
  for (const status of [502, 504]) assert.equal(judge(status)?.type, 'unavailable');
});

test('tells of the error behind a 503 that it replaces', () => {
  const failure = new Error('the printer is on fire');
  const exchange = sketchExchange();
  exchange.failure = failure;
  const guard = errorsGuard(defaultsOf(errorsOptions));
  const refusal = guard.onAnswer?.(exchange, new FakeHead(503, HTML));
  assert.equal(refusal?.event?.kind.name, 'sys_service_unavailable');
  assert.equal(refusal.event?.details['error'], failure);
});

test('hides a status that only one product knows', () => {
  for (const status of [520, 529, 599, 999]) assert.equal(judge(status)?.status, 500);
});

test("v5.0.0-13.4.2 (in part) replaces a framework's own page of any status from 400 on", () => {
  for (const [status, type] of [
    [400, 'bad-request'],
    [404, 'not-found'],
    [413, 'body-too-large'],
    [418, 'bad-request'],
  ] as const) {
    const refusal = judge(status, FRAMEWORK);
    assert.equal(refusal?.status, status);
    assert.equal(refusal?.type, type);
    assert.equal(refusal?.event?.kind.name, undefined);
  }
});

test('leaves what an application itself says about a wrong input', () => {
  assert.equal(judge(404), undefined);
  assert.equal(judge(422, { 'content-type': 'application/json' }), undefined);
  assert.equal(judge(400, { ...FRAMEWORK, 'content-type': 'application/json' }), undefined);
  assert.equal(judge(400, { ...HTML, 'content-security-policy': "default-src 'self'" }), undefined);
  assert.equal(
    judge(404, { 'content-type': ['text/html'], 'content-security-policy': "default-src 'none'" }),
    undefined,
  );
});

test('all: replaces those too, and keeps the headers they cannot do without', () => {
  const refusal = judge(405, { ...HTML, allow: 'GET, HEAD' }, { clientErrors: 'all' });
  assert.equal(refusal?.type, 'method-not-allowed');
  assert.deepEqual(refusal?.headers, [['Allow', 'GET, HEAD']]);
  const challenged = judge(401, { 'www-authenticate': ['Basic', 'Bearer'] }, { clientErrors: 'all' });
  assert.deepEqual(challenged?.headers, [['WWW-Authenticate', 'Basic, Bearer']]);
});

test('keeps what a status asks a client to read, and what lets a page of another origin read it', () => {
  for (const [status, name, value] of [
    [416, 'Content-Range', 'bytes */1234'],
    [407, 'Proxy-Authenticate', 'Basic'],
    [415, 'Accept-Encoding', 'gzip'],
    [415, 'Accept-Post', 'application/json'],
    [415, 'Accept-Patch', 'application/json'],
    [415, 'Accept', 'application/json'],
    [426, 'Upgrade', 'h2c'],
    [429, 'RateLimit', '"app";r=0;t=30'],
    [500, 'Access-Control-Allow-Origin', 'https://app.example.com'],
    [500, 'Access-Control-Allow-Credentials', 'true'],
    [500, 'Access-Control-Expose-Headers', 'X-Trace'],
    [500, 'Vary', 'Origin'],
  ] as const) {
    const refusal = judge(status, { ...HTML, [name.toLowerCase()]: value }, { clientErrors: 'all' });
    assert.deepEqual(refusal?.headers, [[name, value]]);
  }
});

test('leaves a route with errors of its own alone', () => {
  assert.equal(judge(500, HTML, {}, true), undefined);
  assert.equal(judge(404, FRAMEWORK, { clientErrors: 'all' }, true), undefined);
});

test('takes no page with a stack for an error of the route itself', () => {
  assert.equal(judge(500, FRAMEWORK, {}, true)?.type, 'internal-error');
});

test('tells nobody what the application said', () => {
  const refusal = judge(500, { 'content-type': 'text/html', 'x-error': '/srv/app/db.js' });
  assert.ok(!JSON.stringify(refusal).includes('/srv/app'));
});

test('recognises what Express sends by itself, outside production', async () => {
  const app = express();
  // Not `production`: stacks are in its pages. Not `development`: they are not on this terminal.
  app.set('env', 'test');
  app.use(express.json());
  app.get('/item/:id', (_request, response) => void response.end());
  app.get('/broken', () => {
    throw new Error('at /srv/app/db.js');
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  try {
    await new Promise((resolve) => server.once('listening', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const [path, init, status] of [
      ['/nothing', {}, 404],
      ['/item/%E0%A4%A', {}, 400],
      ['/', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' }, 400],
      ['/broken', {}, 500],
    ] as const) {
      const answer = await fetch(`${origin}${path}`, init);
      assert.equal(answer.status, status);
      assert.match(await answer.text(), /<pre>/);
      assert.equal(judge(status, Object.fromEntries(answer.headers))?.status, status, path);
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('a route keeps its own page of a server error, and the log is told of it', () => {
  const told: string[] = [];
  const guard = errorsGuard(defaultsOf(errorsOptions), (_exchange, { kind }) => void told.push(kind.name));
  const answered = (status: number, ownErrors: boolean): unknown => {
    const exchange = sketchExchange();
    exchange.rules = { ownErrors };
    return guard.onAnswer?.(exchange, new FakeHead(status, { 'content-type': 'text/html' }));
  };
  assert.equal(answered(500, true), undefined);
  assert.deepEqual(told, ['sys_crash']);
  assert.equal(answered(404, true), undefined);
  assert.equal((answered(500, false) as Refusal | undefined)?.status, 500, 'its event goes with the refusal');
  assert.deepEqual(told, ['sys_crash']);
});
