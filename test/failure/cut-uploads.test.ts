/** A client that sends on, whatever it is told. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { bulwark } from '../../src/adapters/node.ts';
import { Uploads } from '../../src/hosted-files/uploads.ts';
import { memory } from '../../src/stores/memory/state.ts';

const MB = 1024 ** 2;
const LIMIT = MB / 4;
const HEAD =
  '--b\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n';

const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

/** Sends 16 MB in chunks, as far as it is let; returns what it was told. */
async function flood(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
    .setEncoding('latin1')
    .on('error', () => undefined);
  let said = '';
  socket.on('data', (text: string) => (said += text));
  // `once` would fail with the connection, which is what is waited for.
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(
    'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\nTransfer-Encoding: chunked\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n',
  );
  socket.write(chunk(HEAD));
  const piece = chunk('a line of a text.\n'.repeat(3500));
  for (let sent = 0; sent < 16 * MB && !socket.destroyed; sent += piece.length) {
    if (!socket.write(piece)) await Promise.race([once(socket, 'drain'), closed]).catch(() => undefined);
  }
  await closed;
  return said;
}

for (const store of [true, false]) {
  test(`of what is too large no more is read than its limit and a buffer, ${store ? 'where it is stored' : 'on its way'}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bulwark-cut-'));
    const layer = bulwark({
      secrets: { name: 'test', load: () => ['a secret of the test that is long enough for a key ring'] },
      state: memory(),
      environment: 'development',
      files: { bytes: folder },
      routes: { 'POST /': { upload: { types: ['text/plain'], size: `${LIMIT}B`, store } } },
      audit: { sink: () => undefined },
    });
    const uploads = Uploads.of(layer);
    const server = layer.createServer(
      layer.handler(async (request: IncomingMessage, response: ServerResponse) => {
        if (store) await uploads.take(request, { owner: 'ann' });
        else for await (const piece of request) void piece;
        response.end('all of it');
      }),
    );
    const received = new Promise<number>((resolve) => {
      server.once('connection', (socket) => socket.once('close', () => resolve(socket.bytesRead)));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const said = await flood((server.address() as AddressInfo).port);
      assert.match(said, /^HTTP\/1\.1 413 /);
      const bytes = await received;
      assert.ok(bytes > LIMIT && bytes < LIMIT + MB / 2, `${bytes} bytes`);
    } finally {
      server.close();
      await layer.close();
      rmSync(folder, { recursive: true });
    }
  });
}
