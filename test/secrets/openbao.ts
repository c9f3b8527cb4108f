/** OpenBao's own server, in development mode with TLS: everything is in its memory, and gone with it. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pythonEnvironment } from '../../tools/python-environment.ts';
import { endProgram, freePort, startProgram } from '../support/processes.ts';
import { until } from '../support/until.ts';

/** What its interface answered. */
interface Answer {
  readonly status: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One that runs. */
export interface OpenBao {
  readonly address: string;
  /** Of the certificate that it made for itself. */
  readonly ca: string;
  /** Asks it as its root, in a namespace where one is named. */
  ask(method: string, path: string, body?: object, namespace?: string): Promise<Answer>;
  stop(): Promise<void>;
}

/** Whose token may do everything. */
export const ROOT_TOKEN = 'root-of-the-tests';

/** Starts it, and waits until it answers. It is as its makers released it: the package of Python holds the program alone. */
export async function startOpenBao(port?: number): Promise<OpenBao> {
  const listensOn = port ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-openbao-'));
  const server = await startProgram(
    join(pythonEnvironment('test/secrets'), 'bao'),
    [
      ...['server', '-dev', '-dev-no-store-token', '-log-level=error', `-dev-root-token-id=${ROOT_TOKEN}`],
      ...['-dev-tls', `-dev-tls-cert-dir=${folder}`, `-dev-listen-address=127.0.0.1:${listensOn}`],
    ],
    'python3-venv',
  );
  const address = `https://127.0.0.1:${listensOn}`;
  let ca = '';
  await until('OpenBao answers', async () => {
    ca = readFileSync(join(folder, 'vault-ca.pem'), 'utf8');
    const { status } = await asRoot(address, ca, 'GET', 'sys/health');
    return status === 200;
  });
  return {
    address,
    ca,
    ask: (method, path, body, namespace) => asRoot(address, ca, method, path, body, namespace),
    stop: async () => {
      await endProgram(server);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Not by `fetch`: what this process trusts is what a test is about. */
async function asRoot(
  address: string,
  ca: string,
  method: string,
  path: string,
  body?: object,
  namespace?: string,
): Promise<Answer> {
  const headers = {
    'X-Vault-Token': ROOT_TOKEN,
    ...(namespace !== undefined && { 'X-Vault-Namespace': namespace }),
  };
  const asked = request(`${address}/v1/${path}`, { method, ca, headers, agent: false });
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const { statusCode: status = 0 } = response;
  const said = await text(response);
  // A step of a test that was not taken must not look like one; what is not there may be deleted.
  if (status >= 400 && status !== 404) throw new Error(`OpenBao: ${method} ${path}: ${status} ${said}`);
  const answer = said === '' ? {} : (JSON.parse(said) as { readonly data?: Answer['data'] });
  return { status, data: answer.data ?? {} };
}
