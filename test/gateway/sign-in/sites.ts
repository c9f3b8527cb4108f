/** Applications of several kinds that know nothing of the gateway, and the gateway before them. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEvent } from '../../../src/audit/audit-event.ts';
import { createGateway, type Gateway } from '../../../src/gateway/gateway.ts';
import type { GatewayOptions } from '../../../src/gateway/options/gateway.options.ts';
import type { PolicyOptions } from '../../../src/policy/policy.ts';
import { memory } from '../../../src/stores/memory/state.ts';
import { pythonEnvironment } from '../../../tools/python-environment.ts';
import { listening } from '../flask-servers.ts';
import { endProgram, freePort } from '../../support/processes.ts';
import { fixedSecrets, TEST_SECRET } from '../../support/secrets.ts';

const HERE = import.meta.dirname;

/** An application that runs. */
export interface Application {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** Starts one of the applications in this folder. */
export async function startSite(module: string, server: readonly string[]): Promise<Application> {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-site-'));
  const bin = pythonEnvironment();
  const env = {
    ...process.env,
    SITE_DATA: folder,

    PYTHONDONTWRITEBYTECODE: '1',
  };
  if (module === 'django_site') {
    const { status, stderr } = spawnSync(join(bin, 'python'), ['django_site.py'], { cwd: HERE, env });
    if (status !== 0) throw new Error(String(stderr));
  }
  const port = await freePort();
  const [program = '', ...args] = server;
  const where = program === 'uvicorn' ? ['--port', String(port)] : ['--bind', `127.0.0.1:${port}`];
  const child: ChildProcess = spawn(join(bin, program), [...args, ...where, `${module}:app`], {
    cwd: HERE,
    env,
    stdio: 'ignore',
  });
  await listening(port, child);
  const stop = async (): Promise<void> => {
    await endProgram(child, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  return { port, stop };
}

/** A gateway before an application. */
export interface Site {
  readonly port: number;
  readonly gateway: Gateway;
  readonly events: AuditEvent[];
  readonly stop: () => Promise<void>;
}

/** Starts a gateway whose clients are who they say they are: `X-Forwarded-For` of this machine is believed. */
export async function startGateway(
  upstreamPort: number,
  options: GatewayOptions = {},
  policy: PolicyOptions = {},
): Promise<Site> {
  const events: AuditEvent[] = [];
  const gateway = createGateway(
    {
      environment: 'development',
      secrets: fixedSecrets(TEST_SECRET),
      state: memory(),
      proxy: { trusted: ['127.0.0.1'] },
      rateLimit: { perClient: '100000/minute' },
      audit: { sink: (_line, event) => void events.push(event) },
      ...policy,
    },
    { upstream: `http://127.0.0.1:${upstreamPort}`, ...options },
  );
  gateway.server.listen(0, '127.0.0.1');
  await once(gateway.server, 'listening');
  const stop = async (): Promise<void> => {
    gateway.server.closeAllConnections();
    gateway.server.close();
    await gateway.close();
  };
  return { port: (gateway.server.address() as AddressInfo).port, gateway, events, stop };
}
