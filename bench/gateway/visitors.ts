/** One gunicorn sync worker behind each proxy: how long another visitor waits while others are slow, or have given up. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonEnvironment } from '../../tools/python-environment.ts';
import { LOAD_CORE, SERVER_CORE } from '../load/cores.ts';
import { Progress } from '../report/progress.ts';
import { median } from '../report/summary.ts';
import { freePort, startProgram } from './processes.ts';
import { labelOf, type Proxy, startProxy } from './proxies.ts';
import { requestHead, SAME_ORIGIN } from './wire.ts';

/** Milliseconds, of twenty visits each: the median and the worst. */
export interface VisitFigures {
  readonly label: string;
  readonly quiet: Waits;
  readonly afterAborts: Waits;
  readonly duringUpload: Waits;
}

/** How long visitors waited. */
export interface Waits {
  readonly median: number;
  readonly worst: number;
}

const APPLICATION = `
def application(environ, start_response):
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
`;

const VISITS = 20;

/** One proxy after the other, each with an application of its own. */
export async function measureVisits(proxies: readonly Proxy[]): Promise<readonly VisitFigures[]> {
  const progress = new Progress('one worker');
  const rows: VisitFigures[] = [];
  for (const proxy of proxies) {
    progress.report(rows.length, proxies.length);
    rows.push(await measureOne(proxy));
  }
  progress.report(proxies.length, proxies.length);
  return rows;
}

async function measureOne(proxy: Proxy): Promise<VisitFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-bench-'));
  writeFileSync(join(folder, 'app.py'), APPLICATION);
  const port = await freePort();
  const gunicorn = join(pythonEnvironment(), 'gunicorn');
  const application = await startProgram(
    'gunicorn',
    port,
    LOAD_CORE,
    [gunicorn, '--bind', `127.0.0.1:${port}`, 'app:application'],
    { cwd: folder },
  );
  const program = await startProxy(proxy, application.port, SERVER_CORE);
  try {
    await visits(program.port);
    const quiet = await visits(program.port);
    const afterAborts = await visits(program.port, () => giveUp(program.port));
    const slow = uploadSlowly(program.port);
    const duringUpload = await visits(program.port);
    slow.destroy();
    return { label: labelOf(proxy), quiet, afterAborts, duringUpload };
  } finally {
    await program.stop();
    await application.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function visits(
  port: number,
  before: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Waits> {
  const waits: number[] = [];
  for (let visit = 0; visit < VISITS; visit += 1) {
    await before();
    const started = performance.now();
    const socket = connect(port, '127.0.0.1');
    socket.write(requestHead('GET /', ['Connection: close']));
    socket.resume();
    await once(socket, 'close');
    waits.push(performance.now() - started);
  }
  return { median: median(waits), worst: Math.max(...waits) };
}

/** Four clients ask, and leave before they are answered. */
async function giveUp(port: number): Promise<void> {
  const sockets = Array.from({ length: 4 }, () => connect(port, '127.0.0.1'));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  for (const socket of sockets) {
    socket.write(requestHead('GET /'), () => socket.destroy());
  }
  await Promise.all(sockets.map((socket) => once(socket, 'close')));
}

function uploadSlowly(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  socket.write(requestHead('POST /', ['Content-Length: 1000000', SAME_ORIGIN]));
  const timer = setInterval(() => socket.write('a'), 50);
  socket.on('close', () => clearInterval(timer));
  return socket;
}
