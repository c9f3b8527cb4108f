/** What each guard refuses before an application behind the gateway hears of it: the same whatever that application is. */
import assert from 'node:assert/strict';
import { ask, type RawRequest } from '../../src/testing/wire.ts';
import type { Site } from './hardened-site.ts';

const OWN = { 'sec-fetch-site': 'same-origin' };

interface Refused {
  readonly guard: string;
  readonly status: number;
  readonly request: RawRequest;
}

const REFUSED: readonly Refused[] = [
  { guard: 'framing', status: 400, request: { headers: { 'content-length': '3', content_length: '4' } } },
  { guard: 'url', status: 400, request: { target: '/login?next=a%00.png' } },
  { guard: 'url', status: 400, request: { target: '/static/..%2f..%2fapp.py' } },
  { guard: 'host', status: 421, request: { headers: { host: 'evil.example' } } },
  { guard: 'method', status: 405, request: { method: 'TRACE' } },
  {
    guard: 'https',
    status: 403,
    request: {
      method: 'POST',
      target: '/login',
      headers: { ...OWN, 'x-forwarded-proto': 'http' },
      body: 'a=1',
    },
  },
  { guard: 'token', status: 401, request: { headers: { authorization: 'Bearer bwk_made-up' } } },
  {
    guard: 'csrf',
    status: 403,
    request: {
      method: 'POST',
      target: '/notes',
      headers: { 'sec-fetch-site': 'cross-site' },
      body: 'text=forged',
    },
  },
  {
    guard: 'csrf',
    status: 403,
    request: {
      target: '/echo',
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        origin: 'https://evil.example',
      },
    },
  },
  { guard: 'access', status: 401, request: { target: '/closed/page' } },
  {
    guard: 'body',
    status: 413,
    request: { method: 'POST', target: '/notes', headers: { ...OWN, 'content-length': '2000000' } },
  },
];

/** Asks for each, and fails where one is answered otherwise or the application was asked. */
export async function refusesForEachGuard({ port, asked }: Site): Promise<void> {
  const before = asked();
  for (const { guard, status, request } of REFUSED) {
    const headers = { host: `localhost:${port}`, ...request.headers };
    const answer = await ask(port, { ...request, headers });
    assert.equal(answer.status, status, `${guard}: ${JSON.stringify(request)}`);
    assert.equal(asked(), before, `${guard} let it by: ${JSON.stringify(request)}`);
  }
  const seldom: RawRequest = { target: '/seldom', headers: { host: `localhost:${port}` } };
  assert.equal((await ask(port, seldom)).status, 404);
  assert.equal((await ask(port, seldom)).status, 429);
  assert.equal(asked(), before + 1);
}
