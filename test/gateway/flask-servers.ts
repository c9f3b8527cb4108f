/** The notes of examples/flask under each server that people put a Flask application on, and the gateway in front. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pythonEnvironment } from '../../tools/python-environment.ts';
import { endGroup, endProgram, freePort } from '../support/processes.ts';

const NOTES = join(import.meta.dirname, '../../examples/flask/notes');
const COMMAND = join(import.meta.dirname, '../../src/cli/bulwark.ts');

/** How each server is started on a port, and what it can do. */
export interface FlaskServer {
  readonly command: (port: number) => readonly string[];
  /** Whether flask-sock finds the connection under it. */
  readonly hasWebSockets: boolean;
}

/** By name. One worker each, so that whatever holds it up holds up everybody. */
export const FLASK_SERVERS: Readonly<Record<string, FlaskServer>> = {
  'gunicorn sync': {
    command: (port) => ['gunicorn', '--bind', `127.0.0.1:${port}`, 'app:app'],
    hasWebSockets: false,
  },
  'gunicorn gthread': {
    command: (port) => [
      'gunicorn',
      '--worker-class',
      'gthread',
      '--threads',
      '8',
      '--bind',
      `127.0.0.1:${port}`,
      'app:app',
    ],
    hasWebSockets: true,
  },
  'gunicorn gevent': {
    command: (port) => ['gunicorn', '--worker-class', 'gevent', '--bind', `127.0.0.1:${port}`, 'app:app'],
    hasWebSockets: true,
  },
  waitress: {
    // It takes away what a proxy says of a request, and with it that it came over https, unless it is told to believe it.
    command: (port) => [
      'waitress-serve',
      '--trusted-proxy=127.0.0.1',
      '--trusted-proxy-headers=x-forwarded-for x-forwarded-host x-forwarded-proto x-forwarded-port',
      '--listen',
      `127.0.0.1:${port}`,
      'app:app',
    ],
    hasWebSockets: false,
  },
  uwsgi: {
    // Its default of 4 KB for a head is less than the gateway passes on, and past it there is no answer at all.
    command: (port) => [
      'uwsgi',
      '--http-socket',
      `127.0.0.1:${port}`,
      '--buffer-size',
      '65535',
      '--module',
      'app:app',
    ],
    hasWebSockets: false,
  },
  'uvicorn, by asgiref': {
    command: (port) => ['uvicorn', '--port', String(port), 'asgi:app'],
    hasWebSockets: false,
  },
  'hypercorn, by asgiref': {
    command: (port) => ['hypercorn', '--bind', `127.0.0.1:${port}`, 'asgi:app'],
    hasWebSockets: false,
  },
  granian: {
    command: (port) => ['granian', '--interface', 'wsgi', '--port', String(port), 'app:app'],
    hasWebSockets: false,
  },
};

/** A running application with the gateway before it. */
export interface BehindGateway {
  /** Of the gateway. */
  readonly port: number;
  readonly upstreamPort: number;
  readonly gateway: ChildProcess;
  readonly application: ChildProcess;
  /** What the gateway has logged so far. */
  readonly log: () => string;
  /** Ends both. */
  readonly stop: () => Promise<void>;
}

/** The application alone. */
export interface FlaskNotes {
  readonly port: number;
  /** Its working directory is another; what it keeps is here. */
  readonly folder: string;
  readonly application: ChildProcess;
  readonly stop: () => Promise<void>;
}

/** Starts the application on a server. */
export async function startNotes(server: FlaskServer): Promise<FlaskNotes> {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-flask-'));
  const bin = pythonEnvironment();
  const port = await freePort();
  const [program = '', ...args] = server.command(port);
  const application = spawn(join(bin, program), args, {
    cwd: NOTES,
    env: { ...process.env, NOTES_DATA: folder, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: 'ignore',
    // A group of its own: workers outlive the one that started them, where that one is killed.
    detached: true,
  });
  await listening(port, application);
  const stop = async (): Promise<void> => {
    await endGroup(application);
    rmSync(folder, { recursive: true, force: true });
  };
  return { port, folder, application, stop };
}

/** Starts the application on a server, and `bulwark gateway` before it. */
export async function behindGateway(
  server: FlaskServer,
  options: readonly string[] = [],
): Promise<BehindGateway> {
  const notes = await startNotes(server);
  const { application, port: upstreamPort, folder } = notes;
  const port = await freePort();
  const gateway = spawn(
    process.execPath,
    [
      '--conditions=bulwark-source',
      COMMAND,
      'gateway',
      ...['--upstream', `http://127.0.0.1:${upstreamPort}`],
      ...['--listen', `127.0.0.1:${port}`],
      ...options,
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_ENV: '' } },
  );
  let log = '';
  for (const stream of [gateway.stdout, gateway.stderr]) stream.on('data', (bytes) => (log += String(bytes)));
  const stop = async (): Promise<void> => {
    await endProgram(gateway, 'SIGKILL');
    await notes.stop();
  };
  await listening(port, gateway, () => log);
  return { port, upstreamPort, gateway, application, log: () => log, stop };
}

/** Waits until something listens on a port. */
export async function listening(
  port: number,
  child: ChildProcess,
  log: () => string = () => '',
): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${log()}`);
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await sleep(50);
  }
  throw new Error('it did not listen within 30 s');
}
