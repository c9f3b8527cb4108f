/** Calls as they were mistaken: what was let in by a wrong word, and what is said of it now. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createNetServer } from 'node:net';
import { test } from 'node:test';
import expressApp from 'express';
import { Accounts } from '../src/accounts/accounts.ts';
import { accountPages as expressPages } from '../src/adapters/account-pages.ts';
import { accountPages as fastifyPages } from '../src/adapters/account-pages-fastify.ts';
import { accountPages as honoPages } from '../src/adapters/account-pages-hono.ts';
import { bulwark as express } from '../src/adapters/express.ts';
import { bulwark as fastify } from '../src/adapters/fastify.ts';
import { bulwark as hono } from '../src/adapters/hono.ts';
import { bulwark } from '../src/adapters/node.ts';
import { loadPolicy } from '../src/policy/load-policy.ts';
import { BulwarkError, type PolicyError } from '../src/core/errors.ts';
import { SessionHandle } from '../src/controls/sessions/session-handle.ts';
import { memory } from '../src/stores/memory/state.ts';
import { FakeAccounts } from './support/accounts.ts';
import { sketchExchange } from './support/exchange.ts';
import { fixedSecrets, TEST_SECRET } from './support/secrets.ts';

const site = new FakeAccounts({}, memory(), { scopes: ['files:read'] });
const { accounts } = site;
const visit = {
  session: signingIn(),
  audit: site.audit,
  client: { address: '192.0.2.1', key: '192.0.2.1' },
  setCookie: () => undefined,
};
const record = { id: 'a', emailKey: 'a@example.com', version: 1 };

test('a text is no list of roles: a cooperator is no operator', async () => {
  const own = signingIn();
  const roles = 'cooperator' as unknown as string[];
  await saying(
    () => own.signIn({ account: 'ann', roles }),
    /^session\.signIn: who\.roles: it must be a list of texts\. Write await session\.signIn\(/,
  );
  await saying(() => own.renew({ roles }), /change\.roles: it must be a list/);
  await saying(() => accounts.create({ email: 'eve@example.com', roles }), /who\.roles/);
  await saying(() => accounts.setRoles(visit as never, 'a', roles), /accounts\.setRoles: roles/);
  const holed: string[] = [];
  holed[1] = 'operator';
  await saying(() => own.signIn({ account: 'ann', roles: holed }), /list of texts/);
  assert.equal(own.principal, undefined);
  assert.equal(await accounts.findByEmail('eve@example.com'), undefined);
});

test('an account is a name, and what is misspelt is told with what was meant', async () => {
  const own = signingIn();
  await saying(
    () => own.signIn({ account: 7 } as never),
    /who\.account: it is a number, .*String\(\.\.\.\).* account: String\(user\.id\)/,
  );
  for (const account of ['', undefined, null, ['ann'], new String('ann')])
    await saying(() => own.signIn({ account } as never), /who\.account: it must be a text that is not empty/);
  await saying(
    () => own.signIn({ account: 'ann', role: ['operator'] } as never),
    /who\.role: .*did you mean roles\?/,
  );
  await saying(
    () => own.signIn({ account: 'ann', mfa: 'no' } as never),
    /who\.mfa: it must be true or false/,
  );
  await saying(
    () => own.signIn(Promise.resolve({ account: 'ann' }) as never),
    /who: it is a promise, which has to be awaited/,
  );
  await saying(
    () =>
      accounts.apiTokens?.create(
        visit as never,
        record as never,
        { name: 'CI', scopes: ['files:read'], expiresin: '1h' } as never,
      ),
    /wish\.expiresin: .*did you mean expiresIn\?/,
  );
  assert.equal(own.principal, undefined);
});

test('what is stored as the hash of a password is one', async () => {
  for (const passwordHash of [
    'hunter2',
    '',
    'd41d8cd98f00b204e9800998ecf8427e',
    null,
    Promise.resolve('x'),
  ]) {
    await saying(
      () => accounts.create({ email: 'eve@example.com', passwordHash } as never),
      /who\.passwordHash: it .*Write await accounts\.create\(\{ email, passwordHash: await passwords\.hash\(password\)/,
    );
  }
  assert.equal(await accounts.findByEmail('eve@example.com'), undefined);
});

test('a policy that was declared, or not awaited, is told from one that was read', async () => {
  const declared = {
    origin: 'https://a.example',
    environment: 'production',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
  };
  for (const wrong of [declared, await loadPolicy(declared as never)]) {
    await saying(
      () => Accounts.of(wrong as never),
      /layer: it must be what bulwark\(policy\) gives back\. Write .*bulwark\(policy\)/,
    );
  }
  for (const make of [bulwark, express, fastify, hono]) {
    await saying(
      () => make(loadPolicy(declared as never) as never),
      /policy: it is a promise, which has to be awaited\.\n +fix: const policy = await loadPolicy/,
      'ERR_BULWARK_POLICY',
    );
    // It was taken for one that was read, and its rules were none.
    await saying(
      () => make({ keys: {}, state: memory() } as never),
      /keys: there is no option of this name/,
      'ERR_BULWARK_POLICY',
    );
  }
  const read = await loadPolicy(declared as never);
  await saying(() => loadPolicy(read as never), /it was read already/, 'ERR_BULWARK_POLICY');
  await bulwark({ ...read, state: memory() }).close();
});

test('a misspelt part of accounts and option of their pages is told, all at once at the start', async () => {
  const declared = {
    origin: 'https://a.example',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    accounts: { mail: 'nobody', registrations: 'closed' },
    passwords: 'four words',
    providers: { home: {} },
  };
  const error = await saying(() => loadPolicy(declared as never), /accounts/, 'ERR_BULWARK_POLICY');
  assert.deepEqual((error as PolicyError).problems.map(({ option }) => option).sort(), [
    'accounts.mail',
    'accounts.registrations',
    'passwords',
    'providers.home.clientId',
    'providers.home.issuer',
    'providers.home.name',
  ]);
  for (const mount of [expressPages, fastifyPages, honoPages]) {
    await saying(
      () => mount(site.layer, { layouts: () => '' } as never),
      /options\.layouts: .*did you mean layout\?/,
    );
    await saying(() => mount(accounts as never), /layer: it must be what bulwark\(policy\) gives back/);
    await saying(
      () => mount(site.layer, { layout: '<html>' } as never),
      /options\.layout: it must be a function/,
    );
  }
});

test('what is no server of node:http or node:https is not secured, as an application would be to no effect', async () => {
  const layer = bulwark({
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: () => undefined },
  });
  const others = [expressApp(), new EventEmitter(), createNetServer(), createHttp2Server(), undefined, 3000];
  for (const other of others)
    await saying(
      () => layer.secure(other as never),
      /^layer\.secure: server: it must be a server of node:http or node:https\. Write layer\.secure\(server\)/,
    );
  layer.secure(createHttpServer());
  layer.secure(createHttpsServer());
  await layer.close();
});

function signingIn(): SessionHandle {
  return new SessionHandle(site.site.sessions, sketchExchange());
}

async function saying(
  call: () => unknown,
  message: RegExp,
  code = 'ERR_BULWARK_INVALID_ARGUMENT',
): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof BulwarkError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return error;
  }
  return assert.fail(`taken: ${String(message)}`);
}
