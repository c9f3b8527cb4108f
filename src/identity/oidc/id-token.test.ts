/** ID tokens that a provider, or someone in its place, has made otherwise than it should. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { CLIENT_ID, json, OpenIdProvider } from '../../../test/support/openid-provider.ts';
import { FakeOthers, outcome, providerAt } from '../../../test/support/sign-in-providers.ts';

let home: OpenIdProvider;

before(async () => {
  home = await OpenIdProvider.start();
});
beforeEach(() => {
  home.reset();
});
after(() => {
  home.stop();
});

function application(): FakeOthers {
  return new FakeOthers({ home: providerAt(home.issuer) });
}

/** A sign-in at the provider as it is now, in a word. */
async function signIn(site: FakeOthers = application()): Promise<string> {
  const browser = site.browser();
  return outcome(await site.finish(browser, await home.authorize(await site.url(browser))));
}

const CLAIM = 'OAUTH_JWT_CLAIM_COMPARISON_FAILED';
const TIME = 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED';
const ANSWER = 'OAUTH_INVALID_RESPONSE';
const IN_SECONDS = Math.floor(Date.now() / 1000);

type Changes = Partial<Pick<OpenIdProvider, 'claims' | 'header' | 'signature'>>;

/** What comes of a sign-in whose ID token differs from an honest one, and what the log has of it. */
async function refusedFor(changes: Changes): Promise<string> {
  Object.assign(home, changes);
  const site = application();
  assert.equal(await signIn(site), 'invalid');
  const { event, details } = site.events.at(-1) ?? { event: 'none', details: {} };
  const { factor, provider, reason, detail } = { ...details } as Record<string, unknown>;
  assert.deepEqual([event, factor, provider, reason], ['authn_login_fail', 'oidc', 'home', 'invalid']);
  return String(detail);
}

test('v5.0.0-9.2.3 v5.0.0-10.5.4 takes no ID token for another application', async () => {
  assert.equal(await refusedFor({ claims: { aud: 'another' } }), CLAIM);
  assert.equal(await refusedFor({ claims: { aud: ['another', CLIENT_ID] } }), CLAIM);
  assert.equal(await refusedFor({ claims: { aud: ['another', CLIENT_ID], azp: 'another' } }), CLAIM);
  assert.equal(await refusedFor({ claims: { aud: undefined } }), ANSWER);
});

const CLAIMS: Readonly<Record<string, readonly [Readonly<Record<string, unknown>>, string]>> = {
  'takes no ID token of another issuer': [{ iss: 'https://evil.example' }, CLAIM],
  'v5.0.0-9.2.1 takes no ID token that has expired': [{ exp: IN_SECONDS - 60 }, TIME],
  'v5.0.0-9.2.1 takes no ID token that never expires': [{ exp: undefined }, ANSWER],
  'v5.0.0-9.2.1 takes no ID token that is for later': [{ nbf: IN_SECONDS + 600 }, TIME],
  'takes no ID token without a subject': [{ sub: undefined }, ANSWER],
  'takes no ID token with an empty subject': [{ sub: '' }, 'the subject is none'],
  'takes no ID token with a subject that is no text': [{ sub: 7 }, ANSWER],
  'takes no ID token with a subject that is too long': [{ sub: 'a'.repeat(256) }, 'the subject is none'],
};

for (const [name, [claims, detail]] of Object.entries(CLAIMS)) {
  test(name, async () => {
    assert.equal(await refusedFor({ claims }), detail);
  });
}

test('v5.0.0-6.8.2 v5.0.0-9.1.1 v5.0.0-9.1.2 v5.0.0-9.1.3 (in part) takes no ID token that its provider has not signed', async () => {
  assert.equal(await refusedFor({ header: { alg: 'none' }, signature: 'none' }), ANSWER);
  assert.equal(await refusedFor({ header: { alg: 'HS256' }, signature: 'client-secret' }), ANSWER);
  // The public key as if it were a secret: what a verifier takes that lets the token choose.
  assert.equal(await refusedFor({ header: { alg: 'HS256' }, signature: 'public-key' }), ANSWER);
  assert.equal(await refusedFor({ header: {}, signature: 'none' }), ANSWER);
  assert.equal(await refusedFor({ header: {}, signature: 'stranger' }), ANSWER);
  assert.equal(await refusedFor({ header: { kid: 'two' }, signature: 'own' }), 'OAUTH_KEY_SELECTION_FAILED');
  assert.equal(await refusedFor({ header: { crit: ['b64'], b64: false } }), 'OAUTH_UNSUPPORTED_OPERATION');
});

test('takes no symmetric or missing signature of a provider that announces nothing else', async () => {
  home.metadata = { id_token_signing_alg_values_supported: ['none', 'HS256'] };
  const site = application();
  assert.deepEqual(await site.begin(site.browser()), { ok: false, reason: 'misconfigured' });
  home.metadata = { id_token_signing_alg_values_supported: ['none', 'HS256', 'RS256'] };
  home.header = { alg: 'HS256' };
  home.signature = 'client-secret';
  assert.equal(await signIn(), 'invalid');
});

test('takes no answer without an ID token', async () => {
  home.answers.set('/token', (_request, response) => {
    json(response, { access_token: 'opaque', token_type: 'Bearer' });
  });
  assert.equal(await signIn(), 'invalid');
});
