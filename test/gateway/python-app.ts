/** A small application in Python, of the folder `apps` beside this file unless a test says otherwise, behind a gateway in this process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { pythonEnvironment } from '../../tools/python-environment.ts';
import { testPolicy } from '../hosts/hosts.ts';
import { freePort } from '../support/processes.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';

const APPS = join(import.meta.dirname, 'apps');

/** How an application is started. */
export interface PythonApp {
  /** The program of the environment, and its arguments, by the port that it is to listen on. */
  readonly command: (port: number) => readonly string[];
  /** Where its module is. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Where it listens: a free one, unless it is to come back where it was. */
  readonly port?: number;
}

/** A running one. */
export interface RunningApp {
  readonly port: number;
  /** Tells all of its processes. */
  readonly signal: (name: NodeJS.Signals) => void;
  readonly stop: () => Promise<void>;
}

/** Under gunicorn, with threads. */
export function gunicorn(module: string): PythonApp['command'] {
  return (port) => ['gunicorn', '--threads', '8', '--bind', `127.0.0.1:${port}`, module];
}

/** Starts an application, and waits until it listens. */
export async function startApp(app: PythonApp): Promise<RunningApp> {
  const { command, folder = APPS, env = {}, port = await freePort() } = app;
  const bin = pythonEnvironment();
  const [program = '', ...args] = command(port);
  const application = spawn(join(bin, program), args, {
    cwd: folder,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own: some servers leave their workers behind, which then hold its port and this pipe.
    detached: true,
  });
  const isRunning = (): boolean => application.exitCode === null && application.signalCode === null;
  const signal = (name: NodeJS.Signals): void => {
    if (application.pid !== undefined && isRunning()) process.kill(-application.pid, name);
  };
  const kill = (): void => signal('SIGKILL');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    const ended = isRunning() ? once(application, 'close') : undefined;
    kill();
    await ended;
  };
  let said = '';
  application.stderr.on('data', (bytes) => (said += String(bytes)));
  for (let tries = 0; tries < 600; tries += 1) {
    if (application.exitCode !== null) throw new Error(`${program} ended: ${said}`);
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return { port, signal, stop };
    await sleep(50);
  }
  throw new Error(`${program} did not listen within 30 s`);
}

/** What a browser on this machine is answered under. */
function policyHere(events: AuditEvent[], policy: PolicyOptions): PolicyOptions {
  return {
    environment: 'development',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: (_line, event) => void events.push(event) },
    ...policy,
  };
}

/** A gateway before an application. */
export interface AppBehindGateway {
  /** Of the gateway. */
  readonly port: number;
  readonly upstreamPort: number;
  readonly gateway: Gateway;
  readonly events: readonly AuditEvent[];
  readonly stop: () => Promise<void>;
}

/** Starts both: asked as behind a proxy that ends TLS, or as a browser here does where the policy has an origin of this machine. */
export async function appBehindGateway(
  app: PythonApp,
  policy: PolicyOptions = {},
): Promise<AppBehindGateway> {
  const running = await startApp(app);
  const events: AuditEvent[] = [];
  const isHere = policy.origin?.startsWith('http:') === true;
  const declared = isHere ? policyHere(events, policy) : testPolicy(events, policy);
  const gateway = createGateway(declared, { upstream: `http://127.0.0.1:${running.port}` });
  const port = isHere ? Number(new URL(policy.origin ?? '').port) : 0;
  gateway.server.listen(port, '127.0.0.1');
  await once(gateway.server, 'listening');
  return {
    port: (gateway.server.address() as AddressInfo).port,
    upstreamPort: running.port,
    gateway,
    events,
    stop: async () => {
      gateway.server.closeAllConnections();
      gateway.server.close();
      await gateway.close();
      await running.stop();
    },
  };
}
