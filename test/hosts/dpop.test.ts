/** Programs whose token is bound to a key, on every host: by the client that most of them use, and by whoever has the token alone. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as client from 'openid-client';
import { ApiTokens } from '../../src/controls/api-tokens/api-tokens.ts';
import { loadPolicy } from '../../src/policy/load-policy.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { sqlite } from '../../src/stores/sqlite/state.ts';
import { ask, valueOf } from '../../src/testing/wire.ts';
import { hasTheHeaders } from '../../src/testing/hosts/cases.ts';
import { accountOf } from '../support/api-tokens.ts';
import { WITH_WEB } from './every-host.ts';
import { testPolicy } from './hosts.ts';

const POLICY: PolicyOptions = {
  apiTokens: { scopes: ['read'] },
  routes: { '/me': { require: { scope: 'read' } } },
};
type KeyPair = Awaited<ReturnType<typeof client.randomDPoPKeyPair>>;
/** One of each, by turns. */
const ALGORITHMS = ['ES256', 'Ed25519', 'PS256'];
const ME = new URL('https://example.com/me');

/** A program by openid-client, whose requests go to a port of this machine. Says what it sent. */
function programAt(port: number, sent: Record<string, string>[]): client.Configuration {
  const config = new client.Configuration({ issuer: 'https://example.com' }, 'a program');
  config[client.customFetch] = async (url, { method, headers }) => {
    sent.push(headers);
    const answer = await ask(port, { method, target: new URL(url).pathname, headers });
    hasTheHeaders(answer);
    const lines = ['dpop-nonce', 'www-authenticate'].flatMap((name): [string, string][] => {
      const value = valueOf(answer, name);
      return value === undefined ? [] : [[name, value]];
    });
    return new Response(answer.body, { status: answer.status, headers: lines });
  };
  return config;
}

for (const [index, [name, host]] of Object.entries(WITH_WEB).entries()) {
  test(`a token of a key opens what its scope names to its program alone, on ${name}`, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'bulwark-dpop-'));
    const elsewhere = sqlite(directory);
    await elsewhere.accounts?.create(accountOf('anna'));
    const tokens = ApiTokens.of(await loadPolicy(testPolicy([], { ...POLICY, state: elsewhere })));
    const keys = await client.randomDPoPKeyPair(ALGORITHMS[index % ALGORITHMS.length]);
    const visit = { audit: () => undefined, principal: undefined };
    const wish = { name: 'Backup', scopes: ['read'], boundTo: 'first-use' };
    const verdict = await tokens.create(visit, 'anna', wish);
    assert.ok(verdict.ok);
    const { token } = verdict;
    const { port, events, stop } = await host({ ...POLICY, state: sqlite(directory) });
    try {
      const sent: Record<string, string>[] = [];
      const config = programAt(port, sent);
      const call = async (pair: KeyPair = keys): Promise<Response> =>
        await client.fetchProtectedResource(config, token, ME, 'GET', undefined, undefined, {
          DPoP: client.getDPoPHandle(config, pair),
        });
      const first = await call();
      assert.equal(first.status, 200);
      assert.deepEqual(await first.json(), { account: 'anna', token: '' });
      assert.equal(sent.length, 2, 'the first one is asked for a nonce');
      // What a proxy between them wrote down.
      const [, headers] = sent;
      assert.ok(headers !== undefined);
      const again = await ask(port, { target: '/me', headers });
      assert.equal(again.status, 401);
      assert.match(
        valueOf(again, 'www-authenticate') ?? '',
        /^DPoP error="invalid_dpop_proof", .*jti was used/,
      );
      const bearer = await ask(port, { target: '/me', headers: { authorization: `Bearer ${token}` } });
      assert.equal(bearer.status, 401);
      assert.match(valueOf(bearer, 'www-authenticate') ?? '', /^DPoP error="invalid_token"/);
      const thief = await client.randomDPoPKeyPair('ES256');
      await assert.rejects(call(thief), { code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE' });
      assert.equal((await call()).status, 200);
      assert.equal(events.filter(({ event }) => event === 'authn_token_bound').length, 1);
      assert.ok(events.some(({ event }) => event === 'authn_token_misused'));
    } finally {
      await stop();
      await elsewhere.close();
      rmSync(directory, { recursive: true, force: true });
    }
  });
}
