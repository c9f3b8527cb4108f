/** An interface in another language behind the gateway, held to the document that its own framework writes of it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask } from '../../src/testing/wire.ts';
import { type AppBehindGateway, appBehindGateway, type RunningApp, startApp } from './python-app.ts';

const API = {
  command: (port: number): readonly string[] => ['uvicorn', '--port', String(port), 'api_fastapi:app'],
};
const OWN = { 'sec-fetch-site': 'same-origin' };
const FORM = 'application/x-www-form-urlencoded';

/** What is asked, and what is answered: 200 where the application answered. */
const REQUESTS: readonly (readonly [expected: string, line: string, body?: unknown, type?: string])[] = [
  ['200', 'GET /books/7'],
  ['200', 'POST /books/7/notes?draft=yes', { title: 'a', parts: [1, 2] }],
  ['200', 'POST /sign-up', 'name=Ann', FORM],
  ['404', 'GET /hidden'],
  ['404', 'GET /docs'],
  ['404', 'GET /openapi.json'],
  ['405', 'DELETE /books/7'],
  ['405', 'PUT /books/7/notes', { title: 'a' }],
  ['415', 'POST /books/7/notes', '<note/>', 'text/xml'],
  ['415', 'POST /sign-up', { name: 'Ann' }],
  ['422 params/book', 'GET /books/x'],
  ['422 query/draft', 'POST /books/7/notes?draft=maybe', { title: 'a' }],
  ['422 query/role', 'POST /books/7/notes?role=admin', { title: 'a' }],
  ['422 body/title', 'POST /books/7/notes', { title: '' }],
  ['422 body/role', 'POST /books/7/notes', { title: 'a', role: 'admin' }],
  ['422 body/parts/0', 'POST /books/7/notes', { title: 'a', parts: ['x'] }],
  ['422 body', 'POST /books/7/notes'],
  ['422 body/name', 'POST /sign-up', 'name=', FORM],
];

const folder = mkdtempSync(join(tmpdir(), 'bulwark-openapi-'));
const document = join(folder, 'openapi.json');
let app: AppBehindGateway;

before(async () => {
  const alone: RunningApp = await startApp(API);
  const { body } = await ask(alone.port, { target: '/openapi.json' });
  await alone.stop();
  writeFileSync(document, body);
  app = await appBehindGateway(API, { validation: { openapi: document } });
});
after(async () => {
  await app.stop();
  rmSync(folder, { recursive: true });
});

async function answerTo(port: number, [, line, body, type]: (typeof REQUESTS)[number]): Promise<string> {
  const [method = '', target = ''] = line.split(' ');
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { ...OWN, ...(text !== undefined && { 'content-type': type ?? 'application/json' }) };
  const answer = await ask(port, { method, target, headers, ...(text !== undefined && { body: text }) });
  if (answer.status !== 422) return String(answer.status);
  const { errors } = JSON.parse(answer.body) as { errors: { in: string; pointer: string }[] };
  return ['422', ...errors.map((one) => `${one.in}${one.pointer}`)].join(' ');
}

test('v5.0.0-2.2.2 (in part) what the document does not name is refused at the gateway, and does not reach the application', async () => {
  for (const request of REQUESTS) assert.equal(await answerTo(app.port, request), request[0], request[1]);
  const { body } = await ask(app.upstreamPort, { target: '/came' });
  const came = REQUESTS.filter(([expected]) => expected === '200').map(([, line]) =>
    line.replace(/\?.*/, ''),
  );
  assert.deepEqual(JSON.parse(body), came);
});

test('without the document the application is asked all of it', async () => {
  const hidden = await ask(app.upstreamPort, { target: '/hidden', headers: OWN });
  assert.equal(hidden.status, 200);
  const open = await ask(app.upstreamPort, { target: '/openapi.json', headers: OWN });
  assert.equal(open.status, 200);
});

test('where it observes, all of it goes through, and the log has what would have been refused', async () => {
  const watched = await appBehindGateway(API, { validation: { openapi: document, mode: 'observe' } });
  try {
    assert.equal((await ask(watched.port, { target: '/hidden', headers: OWN })).status, 200);
    const told = watched.events.filter(({ event }) => event === 'input_validation_fail');
    assert.ok(told.length > 0);
  } finally {
    await watched.stop();
  }
});
