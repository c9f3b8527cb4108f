import assert from 'node:assert/strict';
import { test } from 'node:test';
import { held } from '../../test/hosts/application.ts';
import { nodeHost } from '../../test/hosts/hosts.ts';
import { openSocket, parseAnswer, writeRequest } from '../testing/wire.ts';

const KEEP = { headers: { connection: 'keep-alive' } };

/** Sends a request that is held, and something behind it on the same connection; returns all that came back. */
async function behindHeld(next: string): Promise<string> {
  const { port, stop } = await nodeHost({ routes: { '/held': { require: 'anyone' } } });
  try {
    const arrived = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    held.arrived = arrived.resolve;
    held.release = release.promise;
    const { socket, received, closed } = await openSocket(port);
    socket.write(writeRequest({ target: '/held', ...KEEP }));
    await arrived.promise;
    socket.write(next);
    await closed;
    release.resolve();
    return received();
  } finally {
    await stop();
  }
}

test('what comes behind a request that waits is never answered in its place', async () => {
  assert.equal(await behindHeld('no HTTP at all\r\n\r\n'), '');
  assert.ok(
    !(await behindHeld(writeRequest({ method: 'CONNECT', target: 'evil.example:443' }))).includes('HTTP/1.1'),
  );
});

test('bytes that are no HTTP are answered where nobody else waits', async () => {
  const { port, stop } = await nodeHost();
  try {
    const { socket, received, closed } = await openSocket(port);
    socket.write('no HTTP at all\r\n\r\n');
    await closed;
    assert.equal(parseAnswer(Buffer.from(received())).status, 400);
  } finally {
    await stop();
  }
});
