/** What no framework sees as a request, or not as a whole one, on every host. */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { ask, exchangeBytes, parseAnswer, type RawRequest, writeRequest } from '../../src/testing/wire.ts';
import { hasTheHeaders } from '../../src/testing/hosts/cases.ts';
import { EVERY_HOST } from './every-host.ts';
import type { Running } from './hosts.ts';

const OWN_PAGE = { 'sec-fetch-site': 'same-origin' };
const HANDSHAKE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

for (const [name, host] of Object.entries(EVERY_HOST)) {
  const withHost = async (use: (running: Running) => Promise<void>): Promise<void> => {
    const running = await host({ body: { limit: '4KB' } });
    try {
      await use(running);
    } finally {
      await running.stop();
    }
  };

  test(`a body that grows past its limit is answered with 413, once, and its end is cut, on ${name}`, async () => {
    await withHost(async ({ port, events }) => {
      const chunk = `400\r\n${'a'.repeat(0x400)}\r\n`;
      const request = (chunks: number): RawRequest => ({
        method: 'POST',
        target: '/echo',
        headers: { ...OWN_PAGE, 'transfer-encoding': 'chunked' },
        body: `${chunk.repeat(chunks)}0\r\n\r\n`,
      });
      const whole = await ask(port, request(4));
      assert.deepEqual(JSON.parse(whole.body), { bytes: 4096 });
      const bytes = await exchangeBytes(port, writeRequest(request(5)));
      assert.equal(bytes.toString().match(/HTTP\/1\.1 \d/g)?.length, 1);
      const answer = parseAnswer(bytes);
      assert.equal(answer.status, 413);
      assert.equal((JSON.parse(answer.body) as { status: number }).status, 413);
      hasTheHeaders(answer);
      assert.deepEqual(
        events.filter(({ event }) => event === 'sys_crash'),
        [],
      );
    });
  });

  test(`v5.0.0-4.4.2 a handshake of the site reaches its listener, one of another site does not, on ${name}`, async () => {
    await withHost(async ({ port, server }) => {
      const reached: (string | undefined)[] = [];
      server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
        reached.push(request.headers.origin);
        socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      });
      const shake = (origin: string): Promise<Buffer> =>
        exchangeBytes(port, writeRequest({ target: '/json', headers: { ...HANDSHAKE, origin } }));
      const refused = parseAnswer(await shake('https://evil.example'));
      assert.equal(refused.status, 403);
      hasTheHeaders(refused);
      assert.match((await shake('https://example.com')).toString(), /^HTTP\/1\.1 101 /);
      assert.deepEqual(reached, ['https://example.com']);
    });
  });

  test(`the server has the timeouts of the policy, and needs no one to say so, on ${name}`, async () => {
    await withHost(async ({ port, server, events }) => {
      await ask(port, {});
      assert.equal(server.headersTimeout, 10_000);
      assert.equal(server.requestTimeout, 60_000);
      assert.deepEqual(
        events.filter(({ event }) => event === 'sys_misconfigured'),
        [],
      );
    });
  });
}
