/** What a host must do for somebody who signs in: the view of a request is theirs, and the cookie comes and goes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, type RawAnswer, type RawRequest, sessionCookieOf, valueOf } from '../wire.ts';
import { hasTheHeaders } from './cases.ts';

const OWN = { 'sec-fetch-site': 'same-origin' };

/** Registers the tests. @param portOf - the port, once the host listens */
export function visitorConformance(portOf: () => number): void {
  test('whoever signs in is known by their cookie, has a token for forms, and is let in where members are', async () => {
    const { visit } = await signIn(portOf());
    const me = JSON.parse((await visit({ target: '/me' })).body) as Readonly<Record<string, string>>;
    assert.equal(me['account'], 'ann');
    assert.match(me['token'] ?? '', /^[\w.-]{40,}$/);
    const page = await visit({ target: '/members/page' });
    assert.deepEqual([page.status, valueOf(page, 'cache-control')], [200, 'no-store']);
    assert.equal((await visit({ target: '/operators/page' })).status, 403);
    const other = await ask(portOf(), { target: '/me' });
    assert.equal((JSON.parse(other.body) as { readonly account: unknown }).account, null);
  });

  test('no other site posts in the name of whoever is signed in, and a form with its token does', async () => {
    const { visit } = await signIn(portOf());
    const forged = {
      method: 'POST',
      target: '/echo',
      headers: { 'sec-fetch-site': 'cross-site' },
      body: 'a=1',
    };
    assert.equal((await visit(forged)).status, 403);
    const { token } = JSON.parse((await visit({ target: '/me' })).body) as { readonly token: string };
    const headers = { ...OWN, 'x-csrf-token': token };
    assert.equal((await visit({ method: 'POST', target: '/echo', headers, body: 'a=1' })).status, 200);
  });

  test('what a handler asks for and may not have is answered by the layer, and no crash', async () => {
    const { visit } = await signIn(portOf());
    assert.equal((await visit({ target: '/papers?owner=ann' })).status, 200);
    const refused = await visit({ target: '/papers?owner=bob' });
    assert.equal(refused.status, 403);
    assert.equal(valueOf(refused, 'content-type'), 'application/problem+json');
    assert.ok(!refused.body.includes('secret'));
  });

  test('whoever signs out is nobody, and their cookie opens nothing', async () => {
    const { visit } = await signIn(portOf());
    assert.equal((await visit({ method: 'POST', target: '/sign-out', headers: OWN })).status, 200);
    assert.equal((await visit({ target: '/members/page' })).status, 401);
  });
}

async function signIn(
  port: number,
): Promise<{ readonly visit: (request: RawRequest) => Promise<RawAnswer> }> {
  const answer = await ask(port, { method: 'POST', target: '/sign-in?account=ann', headers: OWN });
  assert.equal(answer.status, 200, answer.body);
  const cookie = sessionCookieOf(answer) ?? assert.fail('no session cookie came');
  const visit = async (request: RawRequest): Promise<RawAnswer> => {
    const seen = await ask(port, { ...request, headers: { cookie, ...request.headers } });
    hasTheHeaders(seen);
    return seen;
  };
  return { visit };
}
