/** Bodies of 100 MB through each proxy, either way: how fast, and what memory that takes, slow ends included. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVER_CORE } from '../load/cores.ts';
import { Progress } from '../report/progress.ts';
import type { Program } from './processes.ts';
import { labelOf, type Proxy, startProxy } from './proxies.ts';
import { requestHead, SAME_ORIGIN } from './wire.ts';

/** What was measured of one proxy. */
export interface BodyFigures {
  readonly label: string;
  /** MB a second, each turn. */
  readonly down: readonly number[];
  readonly up: readonly number[];
  /** The most resident bytes at any time: while both went on, and four slow clients each way beside them. */
  readonly peak: number;
}

const MB = 1024 * 1024;
const LARGE_BYTES = 100 * MB;
const SLOW_CLIENTS = 4;

/** Has proxies take turns. */
export async function measureBodies(
  proxies: readonly Proxy[],
  rounds: number,
): Promise<readonly BodyFigures[]> {
  const progress = new Progress('bodies of 100 MB');
  const application = await startApplication();
  const rows: { label: string; program: Program; down: number[]; up: number[] }[] = [];
  try {
    for (const proxy of proxies) {
      const program = await startProxy(proxy, application.port, SERVER_CORE);
      rows.push({ label: labelOf(proxy), program, down: [], up: [] });
    }
    for (const { program } of rows) program.forgetPeak();
    const slow = rows.flatMap(({ program }) => slowClients(program));
    for (let round = 0; round < rounds; round += 1) {
      progress.report(round, rounds);
      for (const row of rows) {
        row.down.push(await rate(() => download(row.program)));
        row.up.push(await rate(() => upload(row.program)));
      }
    }
    progress.report(rounds, rounds);
    for (const socket of slow) socket.destroy();
    return rows.map(({ label, program, down, up }) => ({ label, down, up, peak: program.peakMemory() }));
  } finally {
    await Promise.all(rows.map(({ program }) => program.stop()));
    application.stop();
  }
}

/** Gives 100 MB, or takes as much as is sent; in this process, which is on the core of the load. */
async function startApplication(): Promise<{ readonly port: number; readonly stop: () => void }> {
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      request.on('end', () => response.writeHead(204).end());
      request.resume();
      return;
    }
    response.writeHead(200, { 'Content-Length': LARGE_BYTES, 'Content-Type': 'application/octet-stream' });
    Readable.from(Array.from({ length: LARGE_BYTES / MB }, () => PIECE)).pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

async function rate(transfer: () => Promise<number>): Promise<number> {
  const started = performance.now();
  const bytes = await transfer();
  if (bytes < LARGE_BYTES) throw new Error(`only ${bytes} bytes of ${LARGE_BYTES} came`);
  return bytes / MB / ((performance.now() - started) / 1000);
}

async function download({ port }: Program): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  let bytes = 0;
  socket.on('data', (piece) => (bytes += piece.length));
  socket.write(requestHead('GET /large', ['Connection: close']));
  await once(socket, 'close');
  return bytes;
}

const PIECE = Buffer.alloc(MB, 'x');

async function upload({ port, name }: Program): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (piece) => (answer += piece.toString('latin1')));
  const closed = once(socket, 'close');
  socket.write(
    requestHead('POST /take', ['Connection: close', SAME_ORIGIN, `Content-Length: ${LARGE_BYTES}`]),
  );
  for (let sent = 0; sent < LARGE_BYTES; sent += MB) if (!socket.write(PIECE)) await once(socket, 'drain');
  await closed;
  if (!answer.startsWith('HTTP/1.1 204'))
    throw new Error(`${name} answered an upload with ${answer.slice(0, 40)}`);
  return LARGE_BYTES;
}

/** Some that take an answer, or send a body, a little at a time. */
function slowClients({ port }: Program): readonly Socket[] {
  return Array.from({ length: SLOW_CLIENTS }, (_, index) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    if (index % 2 === 0) {
      socket.write(requestHead('GET /large', ['Connection: close']));
      void readSlowly(socket);
    } else {
      socket.write(
        requestHead('POST /take', ['Connection: close', SAME_ORIGIN, `Content-Length: ${LARGE_BYTES}`]),
      );
      void writeSlowly(socket);
    }
    return socket;
  });
}

async function readSlowly(socket: Socket): Promise<void> {
  socket.pause();
  while (!socket.destroyed) {
    socket.read(64 * 1024);
    await sleep(20);
  }
}

async function writeSlowly(socket: Socket): Promise<void> {
  while (!socket.destroyed) {
    socket.write(PIECE.subarray(0, 64 * 1024));
    await sleep(20);
  }
}
