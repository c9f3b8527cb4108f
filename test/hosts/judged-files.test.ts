/** Files that a route takes and does not take, on every host: judged by their bytes before the handler has the last of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, type RawAnswer } from '../../src/testing/wire.ts';
import { EVERY_HOST } from './every-host.ts';

const HEADERS = { 'sec-fetch-site': 'same-origin', 'content-type': 'multipart/form-data; boundary=b' };
const POLICY = {
  routes: {
    'POST /read': { upload: { types: ['application/pdf', 'text/plain'], size: '400KB', files: 2 } },
  },
} as const;

const file = (name: string, bytes: string, type = 'application/octet-stream'): string =>
  `--b\r\nContent-Disposition: form-data; name="f"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n${bytes}\r\n`;
const END = '--b--\r\n';
/** More than is read ahead. */
const LONG = 'a line of text\n'.repeat(22_000);
const PDF = `%PDF-1.7\n${LONG}%%EOF\n`;

for (const [name, host] of Object.entries(EVERY_HOST)) {
  const onHost = async (
    run: (post: (body: string) => Promise<RawAnswer>, port: number) => Promise<void>,
  ): Promise<void> => {
    const { port, stop } = await host(POLICY);
    try {
      await run((body) => ask(port, { method: 'POST', target: '/read', headers: HEADERS, body }), port);
    } finally {
      await stop();
    }
  };

  test(`v5.0.0-5.2.2 ${name}: takes files that are what they say, small and large`, () =>
    onHost(async (post) => {
      for (const body of [file('a.txt', 'text'), file('a.pdf', PDF, 'application/pdf') + file('b.txt', 'x')])
        assert.equal((await post(body + END)).status, 200);
    }));

  test(`v5.0.0-5.2.2 ${name}: refuses files that are something else, small and large`, () =>
    onHost(async (post) => {
      for (const body of [
        file('a.pdf', 'text'),
        file('a.html', 'text'),
        file('a.txt', 'text', 'text/html'),
        file('a.pdf', LONG),
        file('a.txt', `${LONG}\u0000`),
        file('a.txt', LONG) + file('b.pdf', '<html>'),
      ]) {
        const refused = await post(body + END);
        assert.equal(refused.status, 415);
        assert.match(refused.body, /file-refused/);
      }
    }));

  test(`v5.0.0-5.2.1 ${name}: refuses what is too large, too many, or no form`, () =>
    onHost(async (post, port) => {
      assert.equal((await post(file('a.txt', LONG + LONG) + END)).status, 413);
      assert.equal((await post(file('a.txt', 'x').repeat(3) + END)).status, 413);
      const bare = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/pdf' };
      assert.equal(
        (await ask(port, { method: 'POST', target: '/read', headers: bare, body: PDF })).status,
        415,
      );
    }));
}
