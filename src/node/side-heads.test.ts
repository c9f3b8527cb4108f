import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { exchangeBytes } from '../testing/wire.ts';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { PolicyOptions } from '../policy/policy.ts';
import { memory } from '../stores/memory/state.ts';
import { protect } from './protector.ts';

/** Everything that comes back over the wire, and what the log says of it. */
async function asked(
  handler: (response: ServerResponse) => unknown,
  options: PolicyOptions = {},
): Promise<{ readonly wire: string; readonly events: readonly AuditEvent[] }> {
  const events: AuditEvent[] = [];
  const layer = protect({
    environment: 'development',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: (_line, event) => void events.push(event) },
    ...options,
  });
  const server = layer.createServer((request: IncomingMessage, response) =>
    layer(request, response, () => void handler(response)),
  );
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  try {
    const wire = await exchangeBytes(port, 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    return { wire: wire.toString(), events };
  } finally {
    server.closeAllConnections();
    server.close();
    await layer.close();
  }
}

const COOKIE = 'sid=raw; Domain=example.com';
const LINK = '</style.css>; rel=preload; as=style';

test('an early hint brings its links and no cookie, and no line of its own', async () => {
  const { wire, events } = await asked((response) => {
    response.writeEarlyHints({ link: LINK, 'Set-Cookie': COOKIE, 'x-a': 'b\r\nSet-Cookie: injected=1' });
    response.end('done');
  });
  assert.match(
    wire,
    /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/style\.css>; rel=preload; as=style\r\n\r\nHTTP\/1\.1 200/,
  );
  assert.doesNotMatch(wire, /set-cookie/i);
  assert.deepEqual(
    events
      .filter(({ guard }) => guard === 'cookies')
      .map(({ event, details }) => [event, details?.['dropped']]),
    [['sys_misconfigured', 'in early hints']],
  );
});

test('an early hint that comes when the head is out does not stand in the middle of the answer', async () => {
  const { wire } = await asked((response) => {
    response.write('first');
    response.writeEarlyHints({ link: LINK }, () => response.end('last'));
  });
  assert.doesNotMatch(wire, /103/);
  assert.match(wire, /first[^]*last/);
});

test('trailers bring no cookie, in either form, and everything else', async () => {
  for (const trailers of [
    { 'Set-Cookie': COOKIE, 'SET-COOKIE2': COOKIE, 'Server-Timing': 'db;dur=5' },
    [
      ['set-cookie', COOKIE],
      ['Server-Timing', 'db;dur=5'],
    ],
    { 'set-cookie': [COOKIE, COOKIE], 'Server-Timing': ['db;dur=5'] },
  ]) {
    const { wire, events } = await asked((response) => {
      response.writeHead(200, { Trailer: 'Server-Timing' });
      response.write('body');
      response.addTrailers(trailers as Record<string, string>);
      response.end();
    });
    assert.match(wire, /0\r\nServer-Timing: db;dur=5\r\n\r\n$/);
    assert.doesNotMatch(wire, /sid=raw/);
    assert.equal(events.filter(({ guard }) => guard === 'cookies').length, 1);
  }
});

test('where cookies are only observed, both are left as they are', async () => {
  const { wire } = await asked(
    (response) => {
      response.writeEarlyHints({ link: LINK, 'x-own': '1' });
      response.writeHead(200, { Trailer: 'Set-Cookie' });
      response.write('body');
      response.addTrailers({ 'Set-Cookie': COOKIE });
      response.end();
    },
    { cookies: { mode: 'observe' }, headers: { mode: 'observe' } },
  );
  assert.match(wire, /^HTTP\/1\.1 103[^]*x-own: 1/);
  assert.match(wire, /Set-Cookie: sid=raw/);
});

test('what is said ahead of an answer by whatever method brings no cookie, and is observed once', async (t) => {
  const informs = (response: ServerResponse): boolean => {
    const { writeInformation } = response as { writeInformation?: (status: number, fields: unknown) => void };
    writeInformation?.call(response, 103, ['Link', LINK, 'Set-Cookie', COOKIE]);
    response.end('done');
    return writeInformation !== undefined;
  };
  let known = true;
  const { wire, events } = await asked((response) => (known = informs(response)));
  if (!known) return t.diagnostic('this Node.js has no writeInformation, so nobody can write by it');
  assert.match(wire, /^HTTP\/1\.1 103 Early Hints\r\nLink: [^\r]+\r\n\r\nHTTP\/1\.1 200/);
  assert.equal(events.filter(({ guard }) => guard === 'cookies').length, 1);
});

test('each side head is counted once where it is only observed', async () => {
  const { wire, events } = await asked(
    (response) => {
      response.writeEarlyHints({ link: LINK, 'set-cookie': COOKIE });
      response.writeHead(200, { Trailer: 'Server' });
      response.write('body');
      response.addTrailers({ Server: 'secret/1.0', 'Set-Cookie': COOKIE });
      response.end();
    },
    { cookies: { mode: 'observe' }, headers: { mode: 'observe' } },
  );
  assert.match(wire, /^HTTP\/1\.1 103[^]*set-cookie: sid=raw[^]*Server: secret\/1\.0\r\nSet-Cookie: sid=raw/);
  const told = events.filter(({ event, guard }) => event === 'sys_observed' && guard === 'cookies');
  assert.deepEqual(
    told.map(({ details }) => details?.['changes']),
    [['remove set-cookie']],
  );
});

test('trailers tell nothing of what the server is made of', async () => {
  const { wire } = await asked((response) => {
    response.writeHead(200, { Trailer: 'X-Powered-By' });
    response.write('body');
    response.addTrailers({ 'X-Powered-By': 'Express', 'Server-Timing': 'db;dur=5' });
    response.end();
  });
  assert.doesNotMatch(wire, /Express/);
  assert.match(wire, /Server-Timing/);
});
