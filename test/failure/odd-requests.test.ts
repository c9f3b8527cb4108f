/** Requests that are no attack on anybody's framing, and still nothing a site should see. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasTheHeaders } from '../../src/testing/hosts/cases.ts';
import { parseAnswer, valueOf } from '../../src/testing/wire.ts';
import { countAnswers, hello, othersAreServed, RawClient, UNLIMITED, withServer } from './support.ts';

const POLICY = { rateLimit: UNLIMITED };
const FORWARDED = 'X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n';
const HOST = `Host: example.com\r\n${FORWARDED}`;
const CLOSE = 'Connection: close\r\n';

function lines(count: number): string {
  return Array.from({ length: count }, (_, index) => `X-Line-${index}: a\r\n`).join('');
}

const ODD: readonly (readonly [name: string, bytes: string, status: number])[] = [
  [
    'an upgrade to h2c',
    `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`,
    200,
  ],
  [
    'h2c without its settings',
    `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n`,
    200,
  ],
  ['h2c that Connection does not name', `GET / HTTP/1.1\r\n${HOST}${CLOSE}Upgrade: h2c\r\n\r\n`, 400],
  [
    'h2c beside another protocol',
    `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n\r\n`,
    400,
  ],
  [
    '101 header lines with an upgrade that is ignored',
    `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: h2c\r\n${lines(96)}\r\n`,
    431,
  ],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['CONNECT', `CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n`, 400],
  ['CONNECT to this very host', `CONNECT example.com:443 HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['CONNECT with a path', `CONNECT / HTTP/1.1\r\n${HOST}\r\n`, 405],
  ['absolute-form for another host', `GET http://evil.example/ HTTP/1.1\r\n${HOST}\r\n`, 400],
  [
    'absolute-form for another host, in both places',
    `GET https://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n${FORWARDED}${CLOSE}\r\n`,
    421,
  ],
  ['absolute-form for this host', `GET https://example.com/ HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 200],
  ['another scheme', `GET ftp://example.com/ HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a target of no form', `GET example.com HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['GET *', `GET * HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['OPTIONS *', `OPTIONS * HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 200],
  ['HTTP/1.0 without a host', `GET / HTTP/1.0\r\n${FORWARDED}\r\n`, 421],
  ['HTTP/1.0 with one', `GET / HTTP/1.0\r\n${HOST}\r\n`, 200],
  ['HTTP/0.9', 'GET /\r\n\r\n', 400],
  ['HTTP/0.9 by number', `GET / HTTP/0.9\r\n${HOST}\r\n`, 400],
  ['HTTP/1.2', `GET / HTTP/1.2\r\n${HOST}\r\n`, 400],
  ['HTTP/3.0', `GET / HTTP/3.0\r\n${HOST}\r\n`, 400],
  ['101 header lines', `GET / HTTP/1.1\r\n${HOST}${lines(98)}\r\n`, 431],
  ['100 header lines', `GET / HTTP/1.1\r\n${HOST}${CLOSE}${lines(96)}\r\n`, 200],
  ['a thousand header lines', `GET / HTTP/1.1\r\n${HOST}${lines(900)}\r\n`, 431],
  ['a header of 20 KB', `GET / HTTP/1.1\r\n${HOST}X-Long: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
  ['a name of 20 KB', `GET / HTTP/1.1\r\n${HOST}${'a'.repeat(20_000)}: b\r\n\r\n`, 431],
  ['a target of 20 KB', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`, 431],
  ['a target of 9 KB', `GET /${'a'.repeat(9000)} HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 414],
  ['a method nobody knows', `SPLICE / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a method in small letters', `get / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['TRACE', `TRACE / HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 405],
  ['bytes of TLS', '\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03', 400],
  ['a blank line before the request', `\r\nGET / HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 200],
];

for (const [name, bytes, status] of ODD) {
  test(`${name}: ${status}`, async () => {
    await withServer(POLICY, hello, async ({ port }) => {
      const client = await RawClient.open(port);
      client.send(Buffer.from(bytes, 'latin1'));
      await client.closed;
      assert.equal(countAnswers(client.received), 1, client.received);
      const answer = parseAnswer(Buffer.from(client.received, 'latin1'));
      assert.equal(answer.status, status, client.received);
      hasTheHeaders(answer);
      if (status === 405) assert.match(valueOf(answer, 'allow') ?? '', /GET/);
      await othersAreServed(port);
    });
  });
}

test('v5.0.0-16.3.3 what is refused is in the log, also where there was no request to speak of', async () => {
  await withServer(POLICY, hello, async ({ port, events }) => {
    const refused = ODD.filter(([, , status]) => status !== 200);
    for (const [, bytes] of refused) {
      const client = await RawClient.open(port);
      client.send(Buffer.from(bytes, 'latin1'));
      await client.closed;
    }
    const logged = events.filter(({ event }) => !event.startsWith('sys_'));
    assert.equal(logged.length, refused.length);
  });
});

test('where the firewall only observes, a CONNECT is closed all the same: there is no tunnel', async () => {
  const policy = { ...POLICY, firewall: { mode: 'observe' }, csrf: { mode: 'observe' } } as const;
  await withServer(policy, hello, async ({ port }) => {
    const client = await RawClient.open(port);
    // A path, since a target that has no one reading is refused even then.
    client.send(`CONNECT / HTTP/1.1\r\n${HOST}\r\n`);
    await client.closed;
    assert.equal(client.received, '');
    await othersAreServed(port);
  });
});
