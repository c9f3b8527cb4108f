import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Answer, json, OpenIdProvider } from '../../../test/support/openid-provider.ts';
import { FakeOthers, outcome, providerAt } from '../../../test/support/sign-in-providers.ts';

let home: OpenIdProvider;
/** Something inside the network that answers, and that a provider has no business with. */
let inside: OpenIdProvider;

before(async () => {
  home = await OpenIdProvider.start();
  inside = await OpenIdProvider.start();
});
beforeEach(() => {
  home.reset();
  inside.reset();
});
after(() => {
  home.stop();
  inside.stop();
});

const DISCOVERY = '/.well-known/openid-configuration';
const PATHS = [DISCOVERY, '/token', '/keys'] as const;
const SLOW = { timeout: '50ms' } as const;

function application(options: ConstructorParameters<typeof FakeOthers>[1] = {}): FakeOthers {
  return new FakeOthers({ home: providerAt(home.issuer) }, options);
}

/** A whole sign-in, in a word. With UserInfo, so that every address of the provider is asked. */
async function signIn(site: FakeOthers): Promise<string> {
  if (home.metadata['userinfo_endpoint'] === undefined) {
    home.metadata = { ...home.metadata, userinfo_endpoint: `${home.issuer}/userinfo` };
  }
  home.claims = { email: undefined };
  const browser = site.browser();
  const begun = await site.begin(browser);
  if (!begun.ok) return begun.reason;
  return outcome(await site.finish(browser, await home.authorize(begun.url)));
}

/** The event about the provider, before the one about the visitor. */
function told(site: FakeOthers): string {
  const seen = site.events.at(-2);
  return `${seen?.event}: ${String(seen?.details['message'])}`;
}

test('asks everything that a sign-in needs, and the metadata and keys of a provider once', async () => {
  const site = application();
  assert.equal(await signIn(site), 'ok ann');
  assert.deepEqual(home.paths, [DISCOVERY, '/authorize', '/token', '/keys', '/userinfo']);
  home.asked.length = 0;
  assert.equal(await signIn(site), 'ok ann');
  assert.deepEqual(home.paths, ['/authorize', '/token', '/userinfo']);
});

test('asks for metadata once for all who come at once, and again after an hour', async () => {
  const site = application();
  const browsers = Array.from({ length: 10 }, () => site.browser());
  const begun = await Promise.all(browsers.map((browser) => site.begin(browser)));
  assert.ok(begun.every(({ ok }) => ok));
  assert.deepEqual(home.paths, [DISCOVERY]);
  site.site.now += 60 * 60_000;
  await site.url(site.browser());
  assert.deepEqual(home.paths, [DISCOVERY, DISCOVERY]);
});

test('goes by what a provider said before while it is gone, and asks it again after a minute', async () => {
  const site = application();
  await site.url(site.browser());
  site.site.now += 60 * 60_000;
  home.answers.set(DISCOVERY, (_request, response) => response.writeHead(503).end());
  await site.url(site.browser());
  await site.url(site.browser());
  assert.equal(home.paths.length, 2);
  site.site.now += 60_000;
  await site.url(site.browser());
  assert.equal(home.paths.length, 3);
  // What it says now and that is wrong is not gone by, and neither is what it said before.
  site.site.now += 60_000;
  home.answers.clear();
  home.metadata = { issuer: 'https://evil.example' };
  assert.deepEqual(await site.begin(site.browser()), { ok: false, reason: 'misconfigured' });
});

for (const path of PATHS) {
  test(`is unavailable where ${path} does not answer, within the deadline`, async () => {
    home.answers.set(path, () => undefined);
    const site = application(SLOW);
    assert.equal(await signIn(site), 'unavailable');
    assert.equal(told(site), 'sys_service_unavailable: it did not answer in time');
  });

  test(`is unavailable where ${path} begins to answer and does not end`, async () => {
    home.answers.set(path, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{');
    });
    const site = application(SLOW);
    assert.equal(await signIn(site), 'unavailable');
    assert.equal(told(site), 'sys_service_unavailable: it did not answer in time');
  });

  test(`reads no more of ${path} than an answer can be`, async () => {
    const { promise: closed, resolve } = Promise.withResolvers<number>();
    home.answers.set(path, (_request, response) => {
      void pour(response).then(resolve);
    });
    const site = application();
    assert.equal(await signIn(site), 'unavailable');
    assert.equal(told(site), 'sys_service_unavailable: its answer has no end');
    // The rest was never sent: what the network holds in between is a few megabytes.
    assert.ok((await closed) < 25 * 1024 * 1024);
  });

  test(`unpacks no more of ${path} than an answer can be`, async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024, ' '));
    home.answers.set(path, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb);
    });
    const site = application();
    assert.equal(await signIn(site), 'unavailable');
    assert.equal(told(site), 'sys_service_unavailable: its answer has no end');
  });

  test(`v5.0.0-15.3.2 does not go where ${path} redirects to`, async () => {
    home.answers.set(path, (_request, response) => {
      response.writeHead(307, { location: `${inside.issuer}${path}` }).end();
    });
    const verdict = await signIn(application());
    assert.ok(verdict === 'invalid' || verdict === 'misconfigured', verdict);
    assert.deepEqual(inside.asked, []);
  });

  test(`is unavailable where ${path} says so, and says no more in the log than the status`, async () => {
    for (const status of [429, 500, 503]) {
      home.answers.set(path, (_request, response) => json(response, { error: 'a secret' }, status));
      const site = application();
      assert.equal(await signIn(site), 'unavailable');
      assert.equal(told(site), `sys_service_unavailable: it answered ${status}`);
      assert.doesNotMatch(JSON.stringify(site.events), /a secret/);
    }
  });
}

/** What is only for a greeting, and how it goes wrong: the provider's answer, and what the log says of it. */
const NO_GREETING: Readonly<Record<string, readonly [answer: Answer, told: string]>> = {
  'answers nothing': [() => undefined, 'it did not answer in time'],
  'begins to answer and does not end': [
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{');
    },
    'it did not answer in time',
  ],
  'answers without end': [(_request, response) => void pour(response), 'its answer has no end'],
  'is a bomb of gzip': [
    (_request, response) => {
      const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024, ' '));
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb);
    },
    'its answer has no end',
  ],
  'hangs up': [(request) => request.socket.destroy(), 'it could not be reached (UND_ERR_SOCKET)'],
  'redirects into the network': [
    (_request, response) => {
      response.writeHead(307, { location: `${inside.issuer}/userinfo` }).end();
    },
    'OAUTH_RESPONSE_IS_NOT_CONFORM',
  ],
  'does not take the token (401, with a challenge)': [
    (_request, response) => {
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
    },
    'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
  ],
  'does not take the token (401, without one)': [
    (_request, response) => json(response, { error: 'a secret' }, 401),
    'OAUTH_RESPONSE_IS_NOT_CONFORM',
  ],
  'lets nobody ask (403)': [
    (_request, response) => json(response, { error: 'a secret' }, 403),
    'OAUTH_RESPONSE_IS_NOT_CONFORM',
  ],
  'is gone (404)': [(_request, response) => response.writeHead(404).end(), 'OAUTH_RESPONSE_IS_NOT_CONFORM'],
  'counts its askers (429)': [(_request, response) => json(response, {}, 429), 'it answered 429'],
  'has failed (500)': [(_request, response) => json(response, { error: 'a secret' }, 500), 'it answered 500'],
  'answers a signed token': [
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/jwt' }).end('a.secret.token');
    },
    'OAUTH_PARSE_ERROR',
  ],
  'answers a page': [
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('a secret');
    },
    'OAUTH_RESPONSE_IS_NOT_JSON',
  ],
  'answers a list': [(_request, response) => json(response, ['a secret']), 'OAUTH_INVALID_RESPONSE'],
  'speaks of somebody else': [
    (_request, response) => json(response, { sub: 'bob', email: 'bob@example.com' }),
    'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
  ],
};

for (const [what, [answer, told]] of Object.entries(NO_GREETING)) {
  test(`signs in where UserInfo ${what}: the signed token has said who it is`, async () => {
    home.answers.set('/userinfo', answer);
    const site = application(told.includes('in time') ? { timeout: '1s' } : {});
    assert.equal(await signIn(site), 'ok ann');
    assert.deepEqual(inside.asked, []);
    // One event, which wakes nobody, and nothing in it that the provider wrote.
    assert.deepEqual(site.eventNames, ['authn_login_success']);
    assert.equal(site.events[0]?.details['userInfo'], told);
    assert.doesNotMatch(JSON.stringify(site.events), /secret/);
  });
}

for (const endpoint of ['file:///etc/passwd', 'https://169.254.169.254/userinfo', 'no address', 7]) {
  test(`signs in where UserInfo is at ${endpoint}, which is not asked`, async () => {
    home.metadata = { userinfo_endpoint: endpoint };
    const site = application();
    assert.equal(await signIn(site), 'ok ann');
    assert.deepEqual(site.eventNames, ['authn_login_success']);
  });
}

test('is unavailable where nothing listens, and leaves no session behind', async () => {
  const closed = await unusedPort();
  const site = new FakeOthers({ home: providerAt(`http://127.0.0.1:${closed}`) });
  const browser = site.browser();
  assert.deepEqual(await site.begin(browser), { ok: false, reason: 'unavailable' });
  assert.equal(told(site), 'sys_service_unavailable: it could not be reached (ECONNREFUSED)');
  assert.equal(browser.id, undefined);
});

const BAD_METADATA: Readonly<Record<string, () => Readonly<Record<string, unknown>>>> = {
  'of another issuer': () => ({ issuer: inside.issuer }),
  'of an issuer that differs by a slash': () => ({ issuer: `${home.issuer}/` }),
  'with a token endpoint in the network': () => ({ token_endpoint: 'https://169.254.169.254/token' }),
  'with keys on another host of the network': () => ({ jwks_uri: 'https://vault.internal/keys' }),
  'with a sign-in page over plain http': () => ({ authorization_endpoint: 'http://example.com/' }),
  'with a sign-in page that is a script': () => ({ authorization_endpoint: 'javascript:alert(1)' }),
  'without keys': () => ({ jwks_uri: undefined }),
  'with an endpoint that is no text': () => ({ token_endpoint: { href: 'https://example.com/' } }),
  'with algorithms that are no list': () => ({ id_token_signing_alg_values_supported: 'RS256' }),
};

for (const [what, metadata] of Object.entries(BAD_METADATA)) {
  test(`sends nobody to a provider with metadata ${what}`, async () => {
    home.metadata = metadata();
    const site = application();
    const browser = site.browser();
    assert.deepEqual(await site.begin(browser), { ok: false, reason: 'misconfigured' });
    assert.match(told(site), /^sys_misconfigured: it/);
    assert.deepEqual([home.paths, inside.paths, browser.id], [[DISCOVERY], [], undefined]);
  });
}

const NOT_METADATA: Readonly<Record<string, Answer>> = {
  'is not there': (_request, response) => response.writeHead(404).end(),
  'is a page': (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>');
  },
  'is a list': (_request, response) => json(response, []),
  'is empty': (_request, response) => response.writeHead(204).end(),
};

for (const [what, answer] of Object.entries(NOT_METADATA)) {
  test(`sends nobody to a provider whose metadata ${what}`, async () => {
    home.answers.set(DISCOVERY, answer);
    assert.equal(await signIn(application()), 'misconfigured');
  });
}

test('tells a provider that does not know us from one that does not take a code', async () => {
  const unknown = new FakeOthers({
    home: { ...providerAt(home.issuer), clientSecret: 'another secret', clientAuthentication: 'post' },
  });
  assert.equal(await signIn(unknown), 'misconfigured');
  assert.equal(told(unknown), 'sys_misconfigured: invalid_client');
  home.answers.set('/token', (_request, response) => {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="tokens"' }).end();
  });
  assert.equal(await signIn(application()), 'misconfigured');
  home.answers.set('/token', (_request, response) => json(response, { error: 'a text, not a code' }, 400));
  const site = application();
  assert.equal(await signIn(site), 'invalid');
  assert.match(site.lastEvent, /"detail":"another code"/);
});

/** Sends 50 MB as fast as they are taken. Resolves, once the other side has had enough, with how many bytes left. */
async function pour(response: ServerResponse): Promise<number> {
  const chunk = Buffer.alloc(64 * 1024, ' ');
  const { promise, resolve } = Promise.withResolvers<undefined>();
  response.once('close', () => resolve(undefined));
  response.writeHead(200, { 'content-type': 'application/json' });
  let sent = 0;
  while (sent < 50 * 1024 * 1024 && !response.destroyed) {
    sent += chunk.byteLength;
    if (response.write(chunk)) continue;
    const drained = new Promise((go) => {
      response.once('drain', go);
    });
    await Promise.race([drained, promise]);
  }
  response.end();
  await promise;
  return sent;
}

async function unusedPort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}
