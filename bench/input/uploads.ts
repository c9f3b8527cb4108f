/** Files on their way to each of the servers. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Progress } from '../report/progress.ts';
import type { InputReport } from './server.ts';

const MB = 1024 ** 2;

/** What one server took for files of 100 MB: of each turn, milliseconds of the clock and of CPU. */
export interface UploadFigures {
  readonly name: string;
  readonly wall: readonly number[];
  readonly cpu: readonly number[];
}

/** What came in before a server cut what was too large, and by how much its memory grew meanwhile. Bytes. */
export interface CutFigures {
  readonly how: string;
  readonly received: number;
  readonly grown: number;
}

/** By how much the memory of a server grew over what it has when it does nothing. Bytes. */
export interface CrowdFigures {
  readonly name: string;
  readonly grown: number;
}

class InputServer {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(name: string): Promise<InputServer> {
    const child = spawn(
      process.execPath,
      ['--conditions=bulwark-source', join(import.meta.dirname, 'server.ts'), name],
      { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
    );
    const [{ port }] = (await once(child, 'message')) as [{ readonly port: number }];
    return new InputServer(child, port);
  }

  async report(): Promise<InputReport> {
    this.#child.send('report');
    const [report] = (await once(this.#child, 'message')) as [InputReport];
    return report;
  }

  /** Resident bytes. */
  resident(): number {
    const [, pages = 0] = readFileSync(`/proc/${this.#child.pid}/statm`, 'utf8').split(' ').map(Number);
    return pages * 4096;
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

const PIECE = Buffer.alloc(MB, 'a line of a page that is not packed\n');
const BOUNDARY = '----a-boundary-of-the-bench';
const HEAD = Buffer.from(
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="f"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7\n`,
);
const TAIL = Buffer.from(`\n%%EOF\r\n--${BOUNDARY}--\r\n`);

async function upload(port: number, megabytes: number, isChunked = false): Promise<number> {
  const length = HEAD.length + megabytes * PIECE.length + TAIL.length;
  const asked = request({
    port,
    host: '127.0.0.1',
    method: 'POST',
    headers: {
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      'sec-fetch-site': 'same-origin',
      ...(isChunked ? {} : { 'content-length': length }),
    },
  });
  const answered = once(asked, 'response');
  // An answer that comes before the end is one; without one, waiting for it fails.
  asked.on('error', () => undefined);
  asked.write(HEAD);
  for (let sent = 0; sent < megabytes; sent += 1) {
    if (!asked.write(PIECE)) await Promise.race([once(asked, 'drain'), answered]);
    if (asked.destroyed) break;
  }
  asked.end(TAIL);
  const [response] = (await answered) as [NodeJS.ReadableStream & { statusCode?: number }];
  response.resume();
  await once(response, 'end');
  return response.statusCode ?? 0;
}

/** Has servers take turns with files of 100 MB. */
export async function measureUploads(
  names: readonly string[],
  rounds: number,
): Promise<readonly UploadFigures[]> {
  const progress = new Progress('files of 100 MB');
  const rows: { name: string; server: InputServer; wall: number[]; cpu: number[] }[] = [];
  for (const name of names) rows.push({ name, server: await InputServer.start(name), wall: [], cpu: [] });
  try {
    for (let round = 0; round <= rounds; round += 1) {
      progress.report(round, rounds + 1);
      // What goes first finds the disk busy with what the last one has left: forth and back.
      for (const { name, server, wall, cpu } of round % 2 === 0 ? rows : rows.toReversed()) {
        const before = await server.report();
        const begun = performance.now();
        const status = await upload(server.port, 100);
        if (status !== 200) throw new Error(`${name} answered ${status}`);
        const took = performance.now() - begun;
        const after = await server.report();
        // The first is there to have all code compiled.
        if (round > 0) {
          wall.push(took);
          cpu.push((after.cpu - before.cpu) / 1000);
        }
      }
    }
    progress.report(rounds + 1, rounds + 1);
    return rows.map(({ name, wall, cpu }) => ({ name, wall, cpu }));
  } finally {
    for (const { server } of rows) server.stop();
  }
}

/** Sends a gigabyte at a limit of 10 MB, until it is cut. */
export async function measureCuts(): Promise<readonly CutFigures[]> {
  const figures: CutFigures[] = [];
  for (const [name, isChunked] of [
    ['uploads.take at 10 MB', false],
    ['uploads.take at 10 MB', true],
    ['judged at 10 MB', false],
    ['judged at 10 MB', true],
  ] as const) {
    const server = await InputServer.start(name);
    try {
      await upload(server.port, 5);
      const idle = server.resident();
      let most = idle;
      const watch = setInterval(() => (most = Math.max(most, server.resident())), 5);
      await flood(server.port, isChunked);
      clearInterval(watch);
      const { received } = await server.report();
      figures.push({
        how: `${name.replace(' at 10 MB', '')}, ${isChunked ? 'in chunks' : 'with its length'}`,
        received,
        grown: most - idle,
      });
    } finally {
      server.stop();
    }
  }
  return figures;
}

/** A client that goes on until its connection is gone, whatever it is told. */
async function flood(port: number, isChunked: boolean): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  const length = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${1024 * MB}`;
  socket.write(
    `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: multipart/form-data; boundary=${BOUNDARY}\r\n${length}\r\n\r\n`,
  );
  const framed = (bytes: Buffer): Buffer =>
    isChunked
      ? Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
      : bytes;
  socket.write(framed(HEAD));
  const piece = framed(PIECE);
  // `once` would fail with the connection, which is what is waited for.
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  for (let sent = 0; sent < 1024 && !socket.destroyed; sent += 1) {
    if (!socket.write(piece)) await Promise.race([once(socket, 'drain'), closed]).catch(() => undefined);
  }
  socket.destroy();
  await closed;
  await new Promise((resolve) => setTimeout(resolve, 200));
}

/** Has 200 files of 9 MB come to each server at once. */
export async function measureCrowds(names: readonly string[]): Promise<readonly CrowdFigures[]> {
  const figures: CrowdFigures[] = [];
  for (const name of names) figures.push({ name: name.replace(' at 10 MB', ''), grown: await crowd(name) });
  return figures;
}

async function crowd(name: string): Promise<number> {
  const server = await InputServer.start(name);
  try {
    for (let round = 0; round < 3; round += 1) await upload(server.port, 9);
    const idle = server.resident();
    let most = idle;
    const watch = setInterval(() => (most = Math.max(most, server.resident())), 10);
    const statuses = await Promise.all(Array.from({ length: 200 }, () => upload(server.port, 9)));
    clearInterval(watch);
    const failed = statuses.filter((status) => status !== 200).length;
    if (failed > 0) throw new Error(`${failed} of 200 files were refused`);
    return most - idle;
  } finally {
    server.stop();
  }
}
