import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { peerOf } from './peer.ts';

test('a connection of TCP that is closed is no Unix socket, whatever its server does meanwhile', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const gone = { remoteAddress: undefined, server } as unknown as Socket;
  assert.equal(peerOf(gone), '');
  await new Promise((resolve) => {
    server.close(resolve);
  });
  assert.equal(peerOf(gone), '');
  assert.equal(peerOf({ remoteAddress: undefined }), '', 'and one without a server neither');
});
