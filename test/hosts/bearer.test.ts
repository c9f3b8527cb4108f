/** Programs that come with a token, on every host. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ApiTokens } from '../../src/controls/api-tokens/api-tokens.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { loadPolicy } from '../../src/policy/load-policy.ts';
import type { State } from '../../src/stores/ports/state.ts';
import { sqlite } from '../../src/stores/sqlite/state.ts';
import { accountOf } from '../support/api-tokens.ts';
import { ask, type RawAnswer, type RawRequest, sessionCookieOf, valueOf } from '../../src/testing/wire.ts';
import { hasTheHeaders } from '../../src/testing/hosts/cases.ts';
import { WITH_WEB } from './every-host.ts';
import { testPolicy } from './hosts.ts';

const OWN_PAGE = { 'sec-fetch-site': 'same-origin' };

const DAY = 86_400_000;

const POLICY: PolicyOptions = {
  accounts: { deleteAfter: '7d', mail: { send: () => Promise.resolve() } },
  apiTokens: { scopes: ['read', 'write'] },
  routes: { '/me': { require: { scope: 'read' } }, 'POST /echo': { require: { scope: 'write' } } },
};

/** Tokens of an account, one to read and one to read and write. */
async function tokensIn(
  state: State,
): Promise<{ reader: string; writer: string; revokeAll: () => Promise<number> }> {
  const tokens = ApiTokens.of(await loadPolicy(testPolicy([], { ...POLICY, state })));
  const visit = { audit: () => undefined, principal: undefined };
  await state.accounts?.create(accountOf('anna'));
  const make = async (...scopes: string[]): Promise<string> => {
    const verdict = await tokens.create(visit, 'anna', { name: 'Backup', scopes });
    assert.ok(verdict.ok);
    return verdict.token;
  };
  return {
    reader: await make('read'),
    writer: await make('read', 'write'),
    revokeAll: () => tokens.revokeAll(visit, 'anna'),
  };
}

for (const [name, host] of Object.entries(WITH_WEB)) {
  test(`v5.0.0-8.2.1 a token opens what its scope names, until it is revoked, on ${name}`, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'bulwark-bearer-'));
    // Made and revoked over a connection of its own, as another process would.
    const elsewhere = sqlite(directory);
    const { reader, writer, revokeAll } = await tokensIn(elsewhere);
    const { port, events, stop } = await host({ ...POLICY, state: sqlite(directory) });
    const call = async (token: string, request: RawRequest, headers: object = {}): Promise<RawAnswer> => {
      const answer = await ask(port, {
        ...request,
        headers: { authorization: `Bearer ${token}`, ...headers },
      });
      hasTheHeaders(answer);
      return answer;
    };
    const challengeOf = (answer: RawAnswer): unknown => [answer.status, valueOf(answer, 'www-authenticate')];
    try {
      const me = await call(reader, { target: '/me' });
      assert.equal(me.status, 200);
      assert.deepEqual(JSON.parse(me.body), { account: 'anna', token: '' });
      assert.equal(valueOf(me, 'cache-control'), 'no-store');
      assert.equal(valueOf(me, 'set-cookie'), undefined);

      const post: RawRequest = { method: 'POST', target: '/echo', body: 'abc' };
      assert.deepEqual(challengeOf(await call(reader, post)), [
        403,
        'Bearer error="insufficient_scope", scope="write"',
      ]);
      assert.deepEqual(JSON.parse((await call(writer, post)).body), { bytes: 3 });

      for (const target of ['/', '/members/page', '/nowhere']) {
        assert.equal((await call(writer, { target })).status, 403, target);
      }

      // The session of a cookie lends the token nothing, and a token that does not work is not made good by it.
      const signIn = { method: 'POST', target: '/sign-in?account=boss', headers: OWN_PAGE };
      const cookie = sessionCookieOf(await ask(port, signIn));
      assert.ok(cookie !== undefined);
      const both = await call(reader, { target: '/me' }, { cookie });
      assert.equal((JSON.parse(both.body) as { account: string }).account, 'anna');
      const person = await ask(port, { target: '/me', headers: { cookie } });
      assert.equal((JSON.parse(person.body) as { account: string }).account, 'boss');
      const wrong = await call(`${reader}x`, { target: '/me' }, { cookie });
      assert.deepEqual(challengeOf(wrong), [401, 'Bearer error="invalid_token"']);

      // A page of another site, with the cookie of its visitor and somebody else's header.
      const evil = { cookie, origin: 'https://evil.example' };
      for (const token of ['eyJhbGciOiJub25lIn0.e30.', writer]) {
        assert.equal((await call(token, post, evil)).status, 403);
      }

      // Its owner wants the account gone, and then not.
      const { actRequests } = elsewhere.accounts ?? assert.fail();
      const now = Date.now();
      const id = 'delete-account/anna';
      const wish = { id, act: 'delete-account', account: 'anna', askedBy: 'anna', askedAt: now };
      const due = now + 7 * DAY;
      assert.ok(await actRequests.ask({ ...wish, reason: String(due), expiresAt: due + DAY }, now));
      assert.equal((await call(reader, { target: '/me' })).status, 401);
      assert.ok(await actRequests.remove('delete-account', id));
      assert.equal((await call(reader, { target: '/me' })).status, 200);

      assert.equal(await revokeAll(), 2);
      assert.deepEqual(challengeOf(await call(reader, { target: '/me' })), [
        401,
        'Bearer error="invalid_token"',
      ]);
      assert.deepEqual(challengeOf(await ask(port, { target: '/me' })), [
        401,
        'Bearer, DPoP algs="ES256 EdDSA Ed25519 PS256"',
      ]);
      assert.deepEqual(
        events.filter(({ event }) => event === 'sys_crash'),
        [],
      );
      assert.ok(!JSON.stringify(events).includes(reader.slice(8)));
    } finally {
      await stop();
      await elsewhere.close();
      rmSync(directory, { recursive: true, force: true });
    }
  });
}
