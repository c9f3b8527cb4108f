import assert from 'node:assert/strict';
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { TokenSite } from '../../../test/support/api-tokens.ts';
import { runRule, SITE } from '../../../test/support/check-site.ts';
import { DpopProgram } from '../../../test/support/dpop-program.ts';
import { makeContext } from '../../check/context.ts';
import type { Probe } from '../../core/answer.ts';
import type { AccountWays, ApiWays, Outcome } from '../../core/rule.ts';
import { apiTokenRules } from './api-tokens.check.ts';

const PROGRAM = new DpopProgram();
const URL_OF = '/api/files';

interface Said {
  readonly status: number;
  readonly rawHeaders?: readonly string[];
}

/** What is said of an address that answers so. */
async function look(
  answer: (probe: Probe) => Said | Promise<Said>,
  api: Partial<ApiWays> | undefined = {},
): Promise<readonly string[]> {
  const ways: ApiWays = {
    url: URL_OF,
    token: 'bound-0123456789',
    key: JSON.stringify(PROGRAM.privateJwk),
    ...api,
  };
  const account: AccountWays = {
    name: 'ann',
    signIn: () => Promise.reject(new Error('nobody signs in')),
    isSignedIn: async () => false,
    signOut: undefined,
    reset: undefined,
    register: undefined,
    passwordAlone: undefined,
    signInOther: undefined,
    api: api === NONE ? undefined : ways,
  };
  const site = { ...SITE, origin: 'https://example.com', host: 'example.com', hostname: 'example.com' };
  const context = makeContext(
    async (probe) => {
      const { status, rawHeaders = [] } = await answer(probe);
      return { method: 'GET', url: `${site.origin}${URL_OF}`, status, rawHeaders, body: '' };
    },
    site,
    undefined,
    { account },
  );
  const outcome: Outcome = await runRule(apiTokenRules, 'api-tokens.bound', context);
  assert.ok(!JSON.stringify(outcome).includes(ways.token), 'no report has the token');
  return outcome.outcome === 'fell-short' ? outcome.faults.map(({ message }) => message) : [outcome.outcome];
}

const NONE: Partial<ApiWays> = {};

/** A site of somebody else's, less what it forgets. */
function checking(...forgets: readonly ('once' | 'none' | 'key' | 'request')[]): (probe: Probe) => Said {
  const seen = new Set<unknown>();
  return ({ headers = {} }) => {
    const { authorization = '', dpop = '' } = headers;
    if (authorization === '') return { status: 401 };
    if (dpop === '') return { status: forgets.includes('none') ? 200 : 401 };
    const [head = '', body = '', signature = ''] = dpop.split('.');
    const { jwk } = read(head) as { jwk: JsonWebKey };
    const { jti, htm, htu } = read(body) as Record<string, unknown>;
    const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const;
    const isSigned = verify(
      'sha256',
      Buffer.from(`${head}.${body}`),
      key,
      Buffer.from(signature, 'base64url'),
    );
    const isOurs = forgets.includes('key') || jwk.x === PROGRAM.jwk['x'];
    const isHere = forgets.includes('request') || (htm === 'GET' && htu === `https://example.com${URL_OF}`);
    const isNew = forgets.includes('once') || !seen.has(jti);
    seen.add(jti);
    return { status: isSigned && isOurs && isHere && isNew ? 200 : 401 };
  };
}

function read(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
}

test('api-tokens.bound: each wrong way that is let in is a fault', async () => {
  assert.deepEqual(await look(checking()), ['held']);
  assert.deepEqual(await look(checking('once')), ['a proof is taken that was used before']);
  assert.deepEqual(await look(checking('none')), ['a token that is bound to a key opens without any proof']);
  assert.deepEqual(await look(checking('key')), ['a proof by another key is taken']);
  assert.deepEqual(await look(checking('request')), ['a proof for another request is taken']);
});

test('api-tokens.bound: holds for the layer, with nonces and without', async () => {
  for (const dpopNonces of [true, false]) {
    const site = new TokenSite({ apiTokens: { scopes: ['files:read', 'files:write'], dpopNonces } });
    site.now = Date.now();
    const token = await site.token('ann', ['files:read'], PROGRAM.thumbprint);
    const said = await look(
      async ({ headers = {} }) => {
        const { status, refusal, exchange } = await site.ask({ target: URL_OF, headers });
        return { status, rawHeaders: [...(refusal?.headers ?? []), ...exchange.extraHeaders].flat() };
      },
      { token },
    );
    assert.deepEqual(said, ['held']);
    assert.ok(site.events.some(({ event }) => event === 'authn_token_misused'));
  }
});

test('api-tokens.bound: where a right proof opens nothing, or nothing is closed, nothing was seen', async () => {
  assert.deepEqual(await look(() => ({ status: 401 })), ['not-seen']);
  assert.deepEqual(await look(() => ({ status: 200 })), ['not-seen']);
  assert.deepEqual(await look(checking(), NONE), ['not-seen']);
  for (const key of ['no JSON', '{"kty":"RSA"}', '{"kty":"EC","crv":"P-256"}'])
    assert.deepEqual(await look(checking(), { key }), ['not-seen'], key);
});
