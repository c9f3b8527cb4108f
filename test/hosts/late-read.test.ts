/**
 * A page that is sent as it is made looks at who asks when its head has left, on every host: no cache keeps one person's
 * answer as everyone's, and somebody hears of it.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, exchangeBytes, sessionCookieOf, valueOf, writeRequest } from '../../src/testing/wire.ts';
import { HOSTS, type Running } from './hosts.ts';

const LAST_CHUNK = '\r\n0\r\n\r\n';

for (const [name, host] of Object.entries(HOSTS)) {
  describe(`a session that is read late on ${name}`, () => {
    let running: Running;
    let cookie: string;
    before(async () => {
      running = await host();
      const headers = { 'sec-fetch-site': 'same-origin' };
      const signIn = { method: 'POST', target: '/sign-in?account=anna', headers };
      cookie = sessionCookieOf(await ask(running.port, signIn)) ?? assert.fail('no cookie');
    });
    after(() => running.stop());

    const streamed = async (query: string, headers: Record<string, string>): Promise<string> => {
      const request = writeRequest({
        target: `/streamed?${query}`,
        headers: { connection: 'close', ...headers },
      });
      return (await exchangeBytes(running.port, request)).toString('latin1');
    };
    const told = (): unknown[] =>
      running.events.filter(({ event, level }) => event === 'sys_misconfigured' && level === 'critical');

    const kept = ['public,%20max-age=60', 'max-age=60', 'Public', 's-maxage=5', 'no-cache'];
    // RFC 9213: at the edge this holds, whatever Cache-Control says to browsers.
    for (const cache of [...kept, 'no-store&edge=max-age=60', 'private&edge=public']) {
      test(`is a critical event, and the answer is whole for no cache: ${cache}`, async () => {
        const before = told().length;
        const bytes = await streamed(`cache=${cache}`, { cookie });
        assert.match(bytes, /anna/);
        assert.ok(!bytes.endsWith(LAST_CHUNK));
        assert.equal(told().length, before + 1);
      });
    }

    test('is told where the length of the answer was, too', async () => {
      const before = told().length;
      assert.match(await streamed('cache=public&length', { cookie }), /anna/);
      assert.equal(told().length, before + 1);
    });

    test('is no news where no cache may keep the answer, where nobody is signed in, or where it came in time', async () => {
      const before = told().length;
      const cases: readonly (readonly [string, Record<string, string>])[] = [
        ['cache=private,%20max-age=60', { cookie }],
        ['cache=no-store', { cookie }],
        ['none', { cookie }],
        ['edge=no-store', { cookie }],
        ['cache=private&edge=private,%20max-age=60', { cookie }],
        ['cache=public&never', { cookie }],
        ['cache=public&early', { cookie }],
        ['cache=public', {}],
      ];
      for (const [query, headers] of cases) {
        assert.ok((await streamed(query, headers)).endsWith(LAST_CHUNK), query);
      }
      assert.equal(told().length, before);
      const early = await ask(running.port, { target: '/streamed?cache=public&early', headers: { cookie } });
      assert.equal(valueOf(early, 'cache-control'), 'no-store');
    });
  });
}
