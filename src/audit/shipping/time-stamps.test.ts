import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Chain } from '../chain/chain.ts';
import { type LogSink, type ShippedRecord, TryLater } from './log-sink.ts';
import { syslog } from './syslog.ts';
import { timeStamps } from './time-stamps.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-stamps-'));
const closers: (() => void)[] = [];
after(() => {
  for (const close of closers) close();
  rmSync(FOLDER, { recursive: true, force: true });
});

const chain = new Chain({ publicKey: 'k', sign: () => 's'.repeat(86) }, 'app', Date.now);
const event = { time: '', level: 'info', event: 'x', outcome: 'success', service: 'app' } as const;
const record = (line: string): ShippedRecord => ({ id: 'a.1', line, event });

async function authority(answer: RequestListener): Promise<LogSink> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  closers.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return timeStamps({ url: `http://127.0.0.1:${port}/`, keep: join(FOLDER, 'stamps') });
}

test('the newest head is stamped, whatever fields events behind it have', async () => {
  let asked = 0;
  const sink = await authority((_request, response) => {
    asked += 1;
    response.end('refused');
  });
  const other = chain.link('{"time":"2026","event":"x","details":{"signature":"[redacted]"}}');
  await assert.rejects(sink.send([record(chain.head()), record(other)]), TryLater);
  assert.equal(asked, 1);
  await sink.send([record(other)]);
  assert.equal(asked, 1);
});

test('an answer without end is not read to it', async () => {
  let written = 0;
  const piece = Buffer.alloc(65_536);
  const sink = await authority((_request, response) => {
    const write = (): void => {
      while (!response.destroyed && written < 200 * piece.byteLength) {
        written += piece.byteLength;
        if (response.write(piece)) continue;
        response.once('drain', write);
        return;
      }
      response.end();
    };
    write();
  });
  await assert.rejects(sink.send([record(chain.head())]), /too much/);
  assert.ok(written < 100 * piece.byteLength, `${written}`);
});

test(
  'syslog: a receiver that sends a byte now and then, and never ends, is given up',
  { timeout: 8000 },
  async (t) => {
    const sockets: Socket[] = [];
    const server = createTcp({ allowHalfOpen: true }, (socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.resume();
    }).listen(0, '127.0.0.1');
    closers.push(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const sink = syslog({ host: '127.0.0.1', port, transport: 'tcp' });
    const sending = assert.rejects(sink.send([record('{}')]), /ETIMEDOUT/);
    while (sockets.length === 0) await new Promise((resolve) => void setImmediate(resolve));
    const drip = setInterval(() => sockets[0]?.write('.'), 500);
    closers.push(() => clearInterval(drip));
    t.mock.timers.tick(60_000);
    await sending;
  },
);
