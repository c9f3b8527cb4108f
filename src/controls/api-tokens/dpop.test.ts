/** Tokens that are bound to a key: what a proof must say, and what whoever has the token alone gets. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Judged, SCOPES, TokenSite, withTokens } from '../../../test/support/api-tokens.ts';
import { type DpopChanges, DpopProgram } from '../../../test/support/dpop-program.ts';
import { growth, LINEAR_AT_MOST, repeated } from '../../../test/support/growth.ts';
import { START } from '../../../test/support/sessions.ts';
import { ForwardLines } from '../../core/forward-head.ts';
import { KeyRing } from '../../core/key-ring.ts';
import { memory } from '../../stores/memory/state.ts';
import type { State } from '../../stores/ports/state.ts';
import { sqlite } from '../../stores/sqlite/state.ts';
import { judgeNonce, makeNonce } from './dpop-nonce.ts';
import { readDpopProof } from './dpop-proof.ts';

const URL_OF = 'https://example.com/api/files';
const ALGS = 'algs="ES256 EdDSA Ed25519 PS256"';
const PLAIN = { apiTokens: { scopes: SCOPES, dpopNonces: false } } as const;

/** What one call is sent otherwise than it should be. */
interface Wrong extends DpopChanges {
  readonly target?: string;
  readonly method?: string;
  readonly nonce?: string | undefined;
}

class Call {
  readonly site: TokenSite;
  readonly program: DpopProgram;
  readonly token: string;

  constructor(site: TokenSite, program: DpopProgram, token: string) {
    this.site = site;
    this.program = program;
    this.token = token;
  }

  proof({ method = 'GET', nonce, ...changes }: Wrong = {}): string {
    const { token } = this;
    return this.program.proof({ token, now: this.site.now, method, url: URL_OF, nonce }, changes);
  }

  async send(dpop: string, { target = '/api/files', method = 'GET' }: Wrong = {}): Promise<Judged> {
    const headers = { authorization: `DPoP ${this.token}`, dpop };
    return await this.site.ask({ target, method, headers });
  }

  async with(wrong: Wrong = {}): Promise<Judged> {
    return await this.send(this.proof(wrong), wrong);
  }
}

async function bound(
  site: TokenSite = new TokenSite(PLAIN),
  program: DpopProgram = new DpopProgram(),
): Promise<Call> {
  return new Call(site, program, await site.token('ann', ['files:read'], program.thumbprint));
}

function errorOf({ status, challenge }: Judged): unknown {
  return [status, /^DPoP error="(\w+)"/.exec(challenge ?? '')?.[1]];
}

for (const algorithm of ['ES256', 'EdDSA', 'PS256'] as const) {
  test(`v5.0.0-9.1.1 a token that is bound to a key is taken with a proof by ${algorithm}`, async () => {
    const call = await bound(undefined, new DpopProgram(algorithm));
    const { status, exchange } = await call.with();
    assert.equal(status, 200);
    assert.equal(
      exchange.extraHeaders.some(([name]) => name === 'DPoP-Nonce'),
      false,
    );
    const forged = await call.with({ signature: Buffer.alloc(algorithm === 'PS256' ? 256 : 64, 1) });
    assert.deepEqual(errorOf(forged), [401, 'invalid_dpop_proof']);
  });
}

test('the key is known by its thumbprint, as RFC 7638 makes it', () => {
  // By hand: the members in the order of their names, without spaces.
  const program = new DpopProgram('EdDSA');
  const text = `{"crv":"Ed25519","kty":"OKP","x":"${String(program.jwk['x'])}"}`;
  assert.equal(program.thumbprint, hash('sha256', text, 'base64url'));
});

test('v5.0.0-10.3.5 whoever has the token alone gets nothing: as Bearer, with another key, or without a proof', async () => {
  const call = await bound();
  const bearer = await call.site.call(call.token, '/api/files');
  assert.deepEqual(errorOf(bearer), [401, 'invalid_token']);
  assert.ok(bearer.challenge?.endsWith(ALGS));
  assert.equal(bearer.refusal?.type, 'token-not-proved');
  const event = call.site.events.at(-1);
  assert.deepEqual([event?.event, event?.level], ['authn_token_misused', 'critical']);
  assert.equal(event?.details?.['id'], (await call.site.tokens.list('ann'))[0]?.id);
  const thief = new Call(call.site, new DpopProgram(), call.token);
  assert.deepEqual(errorOf(await thief.with()), [401, 'invalid_token']);
  // The key of the owner, which is no secret, and the signature of another.
  assert.deepEqual(errorOf(await thief.with({ header: { jwk: call.program.jwk } })), [
    401,
    'invalid_dpop_proof',
  ]);
  const none = await call.site.ask({
    target: '/api/files',
    headers: { authorization: `DPoP ${call.token}` },
  });
  assert.deepEqual(errorOf(none), [401, 'invalid_dpop_proof']);
  assert.equal((await call.with()).status, 200, 'and its owner is let in all the same');
});

test('a proof is of one method, one address, one token and one minute', async () => {
  const call = await bound();
  const other = await call.site.token('ann', ['files:read']);
  const wrong: readonly (readonly [string, Wrong])[] = [
    ['htm', { claims: { htm: 'POST' } }],
    ['htm', { claims: { htm: 'get' } }],
    ['htm', { claims: { htm: undefined } }],
    ['htu', { claims: { htu: 'http://example.com/api/files' } }],
    ['htu', { claims: { htu: 'https://example.org/api/files' } }],
    ['htu', { claims: { htu: 'https://example.com:8443/api/files' } }],
    ['htu', { claims: { htu: 'https://example.com/api/other' } }],
    ['htu', { claims: { htu: 'https://example.com/api/files/' } }],
    ['htu', { claims: { htu: 'https://example.com/api/FILES' } }],
    ['htu', { claims: { htu: 'https://ann@example.com/api/files' } }],
    ['htu', { claims: { htu: '/api/files' } }],
    ['htu', { claims: { htu: ['https://example.com/api/files'] } }],
    ['htu', { claims: { htu: undefined } }],
    ['iat', { claims: { iat: START / 1000 - 61 } }],
    ['iat', { claims: { iat: START / 1000 + 61 } }],
    ['iat', { claims: { iat: String(START / 1000) } }],
    ['iat', { claims: { iat: undefined } }],
    ['iat', { claims: { iat: Number.NaN } }],
    ['ath', { claims: { ath: undefined } }],
    ['ath', { claims: { ath: other } }],
  ];
  for (const [claim, change] of wrong) {
    const answer = await call.with(change);
    assert.deepEqual(errorOf(answer), [401, 'invalid_dpop_proof'], JSON.stringify(change));
    assert.match(
      answer.challenge ?? '',
      new RegExp(`error_description="The proof does not hold: ${claim} is`),
    );
    assert.equal(call.site.events.at(-1)?.event, 'authn_login_fail');
  }
  for (const claims of [
    { iat: START / 1000 - 60 },
    { iat: START / 1000 + 60 },
    { htu: `${URL_OF}?page=2#top` },
    { htu: 'HTTPS://EXAMPLE.com:443/api/%66iles' },
    { htu: 'https://example.com/api/./files' },
  ])
    assert.equal((await call.with({ claims })).status, 200, JSON.stringify(claims));
});

test('v5.0.0-9.1.2 a proof is a JWT of its own type by an algorithm of ours, and its key has no private part', async () => {
  const call = await bound();
  const good = call.proof();
  const [head = '', body = '', signature = ''] = good.split('.');
  for (const dpop of [
    '',
    'x',
    `${head}.${body}`,
    `${head}.${body}.`,
    `${good}, ${good}`,
    ` ${good}.`,
    `"${good}"`,
    call.proof({ claims: { more: 'x'.repeat(8192) } }),
    call.proof({ header: { typ: 'dbsc+jwt' } }),
    call.proof({ header: { typ: 'JWT' } }),
    call.proof({ header: { typ: undefined } }),
    call.proof({ header: { alg: 'none' }, signature: Buffer.from('x') }),
    call.proof({ header: { alg: 'HS256' } }),
    call.proof({ header: { alg: 'RS256' } }),
    call.proof({ header: { alg: 'toString' } }),
    call.proof({ header: { alg: ['ES256'] } }),
    call.proof({ header: { alg: 'EdDSA' } }),
    call.proof({ header: { crit: ['b64'] } }),
    call.proof({ header: { jwk: call.program.privateJwk } }),
    call.proof({ header: { jwk: { ...call.program.jwk, k: 'eA' } } }),
    call.proof({ header: { jwk: { ...call.program.jwk, crv: 'P-384' } } }),
    call.proof({ header: { jwk: undefined } }),
    call.proof({ claims: { jti: undefined } }),
    call.proof({ claims: { jti: '' } }),
    call.proof({ claims: { jti: 'x'.repeat(257) } }),
    `${head}.${body}.${signature.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1))}`,
  ])
    assert.deepEqual(errorOf(await call.send(dpop)), [401, 'invalid_dpop_proof'], dpop.slice(0, 200));
  assert.equal((await call.send(good)).status, 200);
});

test('a proof that is none asks no store', async () => {
  const call = await bound();
  const deaf = Object.assign(call.site.state.accounts.apiTokens, { find: () => assert.fail('asked') });
  assert.ok(deaf !== undefined);
  assert.deepEqual(errorOf(await call.send('x')), [401, 'invalid_dpop_proof']);
});

test('a proof is taken once, over all processes that share a store', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'bulwark-dpop-'));
  const states = [sqlite(directory), sqlite(directory)] as const;
  try {
    await isTakenOnce(states);
  } finally {
    for (const state of states) await state.close();
    rmSync(directory, { recursive: true });
  }
});

async function isTakenOnce(states: readonly [State, State]): Promise<void> {
  const [one, two] = [new TokenSite(PLAIN, states[0]), new TokenSite(PLAIN, states[1])];
  const call = await bound(one);
  const elsewhere = new Call(two, call.program, call.token);
  const dpop = call.proof({ claims: { jti: 'j1', iat: START / 1000 + 60 } });
  assert.equal((await call.send(dpop)).status, 200);
  assert.deepEqual(errorOf(await elsewhere.send(dpop)), [401, 'invalid_dpop_proof']);
  // For as long as it could be good.
  two.now += 120_000;
  assert.deepEqual(errorOf(await elsewhere.send(dpop)), [401, 'invalid_dpop_proof']);
  two.now = START;
  // Whoever has no key uses up nobody's.
  await elsewhere.with({ claims: { jti: 'j2' }, signature: Buffer.alloc(64, 1) });
  assert.equal((await call.with({ claims: { jti: 'j2' } })).status, 200);
}

test('over a limit nothing is verified, and no proof is used up', async () => {
  const state = memory();
  const call = await bound(new TokenSite({ ...PLAIN, rateLimit: { perClient: '1/1h' } }, state));
  assert.equal((await call.with()).status, 200);
  const dpop = call.proof();
  assert.equal((await call.send(dpop)).status, 429);
  // In a process whose own limit is another one.
  const elsewhere = new Call(new TokenSite(PLAIN, state), call.program, call.token);
  assert.equal((await elsewhere.send(dpop)).status, 200);
});

test('a proof needs a nonce of ours, and a program is given it', async () => {
  const call = await bound(new TokenSite());
  const asked = await call.with();
  assert.deepEqual(errorOf(asked), [401, 'use_dpop_nonce']);
  const nonce = nonceOf(asked.refusal?.headers);
  assert.ok(nonce !== undefined);
  assert.equal(call.site.events.length, 0, 'every program begins so');
  const taken = await call.with({ nonce });
  assert.equal(taken.status, 200);
  assert.equal(nonceOf(taken.exchange.extraHeaders), undefined);
  // Before it ends the next one comes with an answer.
  call.site.now += 150_000;
  const later = await call.with({ nonce });
  assert.equal(later.status, 200);
  const next = nonceOf(later.exchange.extraHeaders);
  assert.ok(next !== undefined && next !== nonce);
  call.site.now += 150_000;
  assert.deepEqual(errorOf(await call.with({ nonce })), [401, 'use_dpop_nonce']);
  assert.equal((await call.with({ nonce: next })).status, 200);
  for (const made of ['', 'x', `${nonce}x`, `z${nonce.slice(1)}`, nonce.replace(/.$/, 'B')])
    assert.deepEqual(errorOf(await call.with({ nonce: made })), [401, 'use_dpop_nonce'], made);
  // Another application has other secrets; and where a clock was set back, what was made later does not count for hours.
  const [ours, theirs] = [1, 2].map((byte) => new KeyRing([Buffer.alloc(32, byte)]));
  assert.ok(ours !== undefined && theirs !== undefined);
  const own = makeNonce(ours, START);
  assert.equal(judgeNonce(ours, own, START), 'good');
  assert.equal(judgeNonce(theirs, own, START), 'none');
  assert.equal(judgeNonce(ours, own, START - 3_600_000), 'none');
});

test('a token that is to be bound at its first use is bound to one key, whoever comes later', async () => {
  const site = new TokenSite(PLAIN);
  const [first, second] = [new DpopProgram(), new DpopProgram()];
  const token = await site.token('ann', ['files:read'], 'first-use');
  const bearer = await site.call(token, '/api/files');
  assert.deepEqual(errorOf(bearer), [401, 'invalid_token']);
  assert.equal(site.events.at(-1)?.event, 'authn_login_fail');
  const answers = await Promise.all([first, second].map((program) => new Call(site, program, token).with()));
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 401],
  );
  const winner = answers[0]?.status === 200 ? first : second;
  assert.equal((await site.tokens.list('ann'))[0]?.boundTo, winner.thumbprint);
  assert.equal((await new Call(site, winner, token).with()).status, 200);
  assert.ok(site.events.some(({ event }) => event === 'authn_token_bound'));
});

test('of two keys that come at once to be the first, one is another key', async () => {
  const state = memory();
  const token = await new TokenSite(PLAIN, state).token('ann', ['files:read'], 'first-use');
  const [kept] = (await state.accounts?.apiTokens.list('ann')) ?? [];
  assert.ok(kept !== undefined);
  // Both were looked up before either was bound.
  const site = new TokenSite(PLAIN, withTokens(state, { find: () => kept }));
  const call = new Call(site, new DpopProgram(), token);
  assert.equal((await call.with()).status, 200);
  assert.equal((await call.with()).status, 200);
  assert.deepEqual(errorOf(await new Call(site, new DpopProgram(), token).with()), [401, 'invalid_token']);
  assert.equal(site.events.at(-1)?.event, 'authn_token_misused');
});

test('a token of no key stays one: as DPoP it is refused, and its proof binds nothing', async () => {
  const site = new TokenSite(PLAIN);
  const call = new Call(site, new DpopProgram(), await site.token('ann'));
  assert.deepEqual(errorOf(await call.with()), [401, 'invalid_token']);
  assert.equal((await site.tokens.list('ann'))[0]?.boundTo, undefined);
  assert.equal((await site.call(call.token, '/api/files')).status, 200);
});

test('where every token must have a key, none is taken as Bearer, and old ones are bound at their next use', async () => {
  const state: State = memory();
  const old = await new TokenSite(PLAIN, state).token('ann');
  const site = new TokenSite({ apiTokens: { scopes: SCOPES, dpop: 'required', dpopNonces: false } }, state);
  assert.equal((await site.ask({ target: '/api/files' })).challenge, `DPoP ${ALGS}`);
  const made = await site.token('ann');
  for (const token of [old, made]) {
    assert.deepEqual(errorOf(await site.call(token, '/api/files')), [401, 'invalid_token']);
    const program = new DpopProgram();
    assert.equal((await new Call(site, program, token).with()).status, 200);
    assert.deepEqual(errorOf(await new Call(site, new DpopProgram(), token).with()), [401, 'invalid_token']);
  }
});

test('scopes are judged as ever, and the answer is in the words of the scheme', async () => {
  const call = await bound();
  const wrong = { target: '/api/open', claims: { htu: 'https://example.com/api/open' } };
  const answer = await call.with(wrong);
  assert.deepEqual([answer.status, answer.challenge], [403, 'DPoP error="insufficient_scope"']);
  await call.site.state.accounts.remove('ann');
  assert.equal((await call.with()).challenge, 'DPoP error="invalid_token"');
});

test('neither the token nor its proof goes on to an upstream', async () => {
  const call = await bound();
  const { exchange } = await call.with();
  const head = new ForwardLines(['Authorization', `DPoP ${call.token}`, 'DPoP', 'a proof', 'Accept', '*/*']);
  call.site.layer.forward(exchange, head);
  assert.deepEqual([head.has('authorization'), head.has('dpop'), head.has('accept')], [false, false, true]);
});

test('a store that is gone is 503, and opens nothing', async () => {
  const state = memory();
  const broken = new Proxy(state.counters, {
    get: (target, name) =>
      name === 'take'
        ? (key: string, ...rest: [never, never]) =>
            key.startsWith('dpop/') ? Promise.reject(new Error('gone')) : target.take(key, ...rest)
        : (Reflect.get(target, name) as unknown),
  });
  const call = await bound(new TokenSite(PLAIN, { ...state, counters: broken }));
  assert.equal((await call.with()).status, 503);
});

test('says what a token may be bound to', async () => {
  const site = new TokenSite();
  await site.account('ann');
  for (const boundTo of ['', 'first', 'x'.repeat(43), `${new DpopProgram().thumbprint}=`])
    await assert.rejects(
      site.tokens.create(site.visit, 'ann', { name: 'a', scopes: ['files:read'], boundTo }),
      /boundTo/,
    );
});

test('whatever is sent as a proof is read or refused, and throws nothing', async () => {
  const { exchange } = await new TokenSite().ask({});
  const read = (text: string): unknown => readDpopProof({ ...exchange.request, headers: { dpop: text } });
  const part = fc.oneof(
    fc.json().map((json) => Buffer.from(json).toString('base64url')),
    fc.base64String().map((text) => text.replaceAll(/[+/=]/g, '_')),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.tuple(part, part, part).map((parts) => parts.join('.')),
      ),
      (text) => {
        assert.equal(typeof read(text), 'string');
      },
    ),
    { numRuns: 200 },
  );
});

test('a proof made to be slow takes as long as any other of its size', async () => {
  const { exchange } = await new TokenSite().ask({});
  for (const unit of ['.', 'a.', 'e30.', '"', '{"a":', '%41'])
    assert.ok(
      growth(
        (size) => repeated(unit, size),
        (text) => readDpopProof({ ...exchange.request, headers: { dpop: text } }),
        4_000,
      ) < LINEAR_AT_MOST,
      unit,
    );
});

function nonceOf(headers: readonly (readonly [string, string])[] | undefined): string | undefined {
  return headers?.find(([name]) => name === 'DPoP-Nonce')?.[1];
}
