/** What strangers, slow clients and bad days do to the account pages. On every host. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { mock, test, type TestContext } from 'node:test';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { BulwarkError, StoreDownError } from '../../src/core/errors.ts';
import { type AccountSite, startAccountSite } from '../support/account-site.ts';
import {
  ask,
  openSocket,
  type RawAnswer,
  type RawRequest,
  valueOf,
  writeRequest,
} from '../../src/testing/wire.ts';
import { until } from '../support/until.ts';
import { ACCOUNT_HOSTS } from './account-hosts.ts';
import { hasTheHeaders } from '../../src/testing/hosts/cases.ts';

const OWN_PAGE = { host: 'localhost', 'x-forwarded-proto': 'http', 'sec-fetch-site': 'same-origin' };
const FORM = { ...OWN_PAGE, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' };
const SIGN_IN: RawRequest = {
  method: 'POST',
  target: '/login',
  headers: FORM,
  body: 'email=ann%40example.com&password=not+this',
};
const CHUNKED: RawRequest = {
  method: 'POST',
  target: '/login',
  headers: { ...FORM, 'transfer-encoding': 'chunked' },
  body: `10001\r\na=${'x'.repeat(0xffff)}\r\n0\r\n\r\n`,
};

for (const [name, host] of Object.entries(ACCOUNT_HOSTS)) {
  const withSite = async (
    t: TestContext,
    use: (site: AccountSite) => Promise<void>,
    policy: PolicyOptions = {},
  ): Promise<void> => {
    const said = t.mock.method(console, 'error', () => undefined);
    const site = await startAccountSite(host, policy);
    try {
      await use(site);
      assert.deepEqual(
        said.mock.calls.map((call) => call.arguments),
        [],
        'nothing of it is worth a line on the terminal',
      );
    } finally {
      await site.stop();
    }
  };
  const crashes = (site: AccountSite): number =>
    site.events.filter(({ event }) => event === 'sys_crash').length;

  test(`a form of another site is refused, whatever the mode of the guard, on ${name}`, async (t) => {
    for (const mode of ['enforce', 'observe', 'off'] as const) {
      await withSite(
        t,
        async (site) => {
          const headers = { ...FORM, 'sec-fetch-site': 'cross-site' };
          const answer = await ask(site.port, { ...SIGN_IN, headers });
          assert.equal(answer.status, 403, mode);
          assert.equal((await ask(site.port, SIGN_IN)).status, 401, mode);
          assert.equal(crashes(site), 0);
        },
        { csrf: { mode } },
      );
    }
  });

  test(`a form over 64 KB is 413, whether it says so or not, on ${name}`, async (t) => {
    for (const mode of ['enforce', 'observe', 'off'] as const) {
      await withSite(
        t,
        async (site) => {
          for (const request of [CHUNKED, { ...SIGN_IN, body: `email=${'x'.repeat(64 * 1024)}` }]) {
            const answer = await ask(site.port, request);
            assert.equal(answer.status, 413, mode);
            hasTheHeaders(answer);
            assert.match(answer.body, /larger than the 64 ?KB/);
          }
          assert.equal((await ask(site.port, SIGN_IN)).status, 401);
          assert.equal(crashes(site), 0);
        },
        { body: { mode } },
      );
    }
  });

  test(`a form that never ends is cut off, and one whose sender leaves is forgotten, on ${name}`, async (t) => {
    await withSite(
      t,
      async (site) => {
        const half = writeRequest({ ...SIGN_IN, headers: { ...FORM, 'content-length': '1000' } });
        const slow = await openSocket(site.port);
        slow.socket.write(half);
        const gone = await openSocket(site.port);
        gone.socket.write(half);
        // Served on the same thread, after what was written before.
        assert.equal((await ask(site.port, SIGN_IN)).status, 401);
        gone.socket.resetAndDestroy();
        await slow.closed;
        assert.match(slow.received(), /^HTTP\/1\.1 408 /);
        await until('no connection is left', () => connections(site).then((count) => count === 0));
        assert.equal((await ask(site.port, SIGN_IN)).status, 401);
        assert.equal(crashes(site), 0);
      },
      { timeouts: { headers: '300ms', request: '900ms', checkEvery: '50ms' } },
    );
  });

  test(`what fails in a page is answered by the layer, and tells nothing, on ${name}`, async (t) => {
    await withSite(t, async (site) => {
      const failing = mock.method(site.accounts.signIn, 'withPassword', () =>
        Promise.reject(new Error('the password of the database is hunter2')),
      );
      const failed = await ask(site.port, SIGN_IN);
      assert.equal(failed.status, 500);
      hasTheHeaders(failed);
      assert.match(failed.body, /<h1>Something went wrong<\/h1>/);
      assert.doesNotMatch(failed.body, /hunter2|at .*:\d+/);
      assert.equal(crashes(site), 1);

      failing.mock.mockImplementation(() => Promise.reject(new StoreDownError('gone: hunter2', false)));
      const down = await ask(site.port, SIGN_IN);
      assert.equal(down.status, 503);
      assert.ok(valueOf(down, 'retry-after') !== undefined);
      assert.doesNotMatch(down.body, /hunter2/);

      failing.mock.mockImplementation(() =>
        Promise.reject(new BulwarkError('ERR_BULWARK_QUEUE_FULL', 'no room')),
      );
      const busy = await ask(site.port, SIGN_IN);
      assert.deepEqual([busy.status, valueOf(busy, 'retry-after')], [503, '5']);
      assert.match(busy.body, /One moment, please/);
      assert.equal(crashes(site), 1);
    });
  });

  test(`the script of passkeys opens no file: none may be left to open, on ${name}`, async (t) => {
    await withSite(t, async (site) => {
      const open = mock.method(fs, 'open', (...parameters: unknown[]) => {
        const done = parameters.at(-1) as (error: Error) => void;
        done(Object.assign(new Error('too many open files'), { code: 'EMFILE' }));
      });
      try {
        const script = await ask(site.port, { target: '/account/passkeys.js', headers: OWN_PAGE });
        assert.equal(script.status, 200);
        assert.equal(valueOf(script, 'content-type'), 'text/javascript; charset=utf-8');
        assert.match(script.body, /navigator\.credentials[^]*\}\n$/);
        assert.equal(open.mock.callCount(), 0);
      } finally {
        open.mock.restore();
      }
    });
  });

  test(`HEAD is answered as GET, without the page, on ${name}`, async (t) => {
    await withSite(t, async (site) => {
      const bare = ({ status, headers }: RawAnswer): unknown => [
        status,
        headers
          .filter(([header]) => !['date', 'content-security-policy', 'ratelimit'].includes(header))
          .map((pair) => String(pair))
          .sort(),
      ];
      for (const target of ['/login', '/account/passkeys.js']) {
        const head = await ask(site.port, { method: 'HEAD', target, headers: OWN_PAGE });
        assert.equal(head.body, '');
        assert.deepEqual(bare(head), bare(await ask(site.port, { target, headers: OWN_PAGE })));
      }
    });
  });

  test(`other spellings, methods and paths are no page, and the rest has its body whole, on ${name}`, async (t) => {
    await withSite(
      t,
      async (site) => {
        for (const target of ['/login/', '//login', '/LOGIN', '/l%6Fgin', '/login/nothing', '/login;x']) {
          const { status } = await ask(site.port, { target, headers: OWN_PAGE });
          assert.ok([400, 404].includes(status), `${target}: ${status}`);
        }
        assert.equal((await ask(site.port, { ...SIGN_IN, target: '/signed-out' })).status, 404);
        const put = await ask(site.port, { ...SIGN_IN, method: 'PUT', target: '/login' });
        assert.equal(put.status, 404);
        const text = 'x'.repeat(100_000);
        const echo = await ask(site.port, { ...SIGN_IN, target: '/safe', body: `text=${text}` });
        assert.deepEqual(JSON.parse(echo.body), { text });
      },
      { routes: {}, body: { limit: '1MB' } },
    );
  });

  test(`v5.0.0-15.3.7 a field that is named twice, or is in no form, is none, on ${name}`, async (t) => {
    await withSite(t, async (site) => {
      const bodies: [type: string, body: string][] = [
        [FORM['content-type'], 'email=a%40b.c&password=x&password=y'],
        ['application/json', '{"email":"a@b.c","password":"x"}'],
        [
          'multipart/form-data; boundary=x',
          '--x\r\nContent-Disposition: form-data; name="email"\r\n\r\na@b.c\r\n--x--\r\n',
        ],
        ['text/plain', ''],
      ];
      for (const [type, body] of bodies) {
        const headers = { ...FORM, 'content-type': type };
        assert.equal((await ask(site.port, { ...SIGN_IN, headers, body })).status, 401, type);
      }
      const { 'content-type': _none, ...typeless } = FORM;
      assert.equal((await ask(site.port, { ...SIGN_IN, headers: typeless, body: '' })).status, 401);
      const json = { ...OWN_PAGE, 'content-type': 'application/json' };
      const target = '/login/passkey';
      const send = async (body: string): Promise<number> =>
        (await ask(site.port, { method: 'POST', target, headers: json, body })).status;
      for (const body of ['{"response":{}}', '[]', 'null', '']) assert.equal(await send(body), 401, body);
      // What is no JSON gets no further than the layer.
      assert.equal(await send('{'), 400);
    });
  });
}

function connections({ server }: AccountSite): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  server.getConnections((_error, count) => resolve(count));
  return promise;
}
