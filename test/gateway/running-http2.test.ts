/** HTTP/2 to a gateway as a process: over reloads, in the access log and in its figures. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type ClientHttp2Session, connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { certificateFiles } from '../support/certificate-files.ts';
import { until } from '../support/until.ts';
import { RunningGateway } from './running.ts';

const files = certificateFiles('localhost');
let application: Server;
let gateway: RunningGateway;

before(async () => {
  application = createServer((request, response) => {
    if (request.url === '/slow') setTimeout(() => response.end('slow'), 50);
    else response.end('in');
  }).listen(0, '127.0.0.1');
  await once(application, 'listening');
  const { port } = application.address() as AddressInfo;
  gateway = await RunningGateway.start(
    `export default { environment: 'development', origin: 'https://localhost:OWN_PORT', rateLimit: { mode: 'off' },
      gateway: { upstream: 'http://127.0.0.1:${port}', accessLog: 'stdout',
        tls: { cert: ${JSON.stringify(files.cert)}, key: ${JSON.stringify(files.key)} }, LISTENS } };`,
  );
});

after(async () => {
  await gateway?.stop();
  application?.closeAllConnections();
  application?.close();
  files.remove();
});

/**
 * A client that does as browsers do: told to go, it asks on another connection; so it does with what it had not sent by then,
 * or what nobody had looked at (RFC 9113 6.8 and 8.7).
 */
class Client {
  #session: ClientHttp2Session | undefined;
  connections = 0;
  answered = 0;

  async get(path: string): Promise<number | string> {
    let answer = await this.#ask(path);
    if (typeof answer === 'string' && answer.includes('REFUSED_STREAM')) answer = await this.#ask(path);
    this.answered += 1;
    return answer;
  }

  #ask(path: string): Promise<number | string> {
    const stream = this.#open().request({ ':path': path, ':authority': `localhost:${gateway.port}` });
    stream.resume();
    return new Promise((resolve) => {
      let status = 0;
      stream.on('response', (headers) => (status = Number(headers[':status'])));
      stream.on('error', (error) => resolve(String(error)));
      stream.on('close', () => resolve(stream.rstCode === 0 ? status : -stream.rstCode));
    });
  }

  end(): void {
    this.#session?.close();
  }

  #open(): ClientHttp2Session {
    if (this.#session !== undefined && !this.#session.closed) return this.#session;
    this.connections += 1;
    const session = connect(`https://localhost:${gateway.port}`, { rejectUnauthorized: false });
    session.on('error', () => undefined);
    session.on('goaway', () => session.close());
    this.#session = session;
    return session;
  }
}

async function total(): Promise<number> {
  const { text } = await gateway.ask('/-/metrics');
  return Number(/bulwark_answers_total\{status="2xx"\} (\d+)/.exec(text)?.[1]);
}

test('a reload under load loses no request, and no counter begins anew', async () => {
  const over = new AbortController();
  const answers: (number | string)[] = [];
  const clients = Array.from({ length: 4 }, () => new Client());
  const loads = clients.flatMap((client) =>
    ['/', '/slow', '/'].map(async (path) => {
      while (!over.signal.aborted) answers.push(await client.get(path));
    }),
  );
  // So many that each client has asked again, on a connection of its own.
  const more = async (): Promise<void> => {
    const [before, all] = [answers.length, clients.map(({ answered }) => answered)];
    await until(
      'the load goes on',
      () => answers.length > before + 40 && clients.every(({ answered }, at) => answered > (all[at] ?? 0)),
    );
  };
  const totals: number[] = [];
  for (let reload = 0; reload < 3; reload += 1) {
    await more();
    totals.push(await total());
    await gateway.reload();
    totals.push(await total());
  }
  await more();
  over.abort();
  await Promise.all(loads);
  for (const client of clients) client.end();
  assert.ok(answers.length > 100);
  assert.deepEqual([...new Set(answers)], [200]);
  // Each of them was sent away by each reload.
  assert.ok(
    clients.every(({ connections }) => connections >= 4),
    clients.map((one) => one.connections).join(),
  );
  await until('those before have ended', async () => (await gateway.workers()).length === 1);
  await until('each answer is counted', async () => (await total()) === answers.length);
  assert.deepEqual(
    totals,
    totals.toSorted((one, other) => one - other),
  );
  assert.match((await gateway.ask('/-/metrics')).text, /bulwark_reloads_total\{result="taken"\} 3/);
});

test('each answer has its line in the access log', async () => {
  const client = new Client();
  assert.equal(await client.get('/in/the/log?secret=1'), 200);
  client.end();
  await until('it is there', () => gateway.log.includes('/in/the/log'));
  const line = gateway.log.split('\n').find((one) => one.includes('/in/the/log')) ?? '';
  const {
    log,
    method,
    path,
    status,
    bytes,
    client: address,
    requestId,
  } = JSON.parse(line) as Record<string, unknown>;
  assert.deepEqual([log, method, path, status], ['access', 'GET', '/in/the/log', 200]);
  assert.equal(address, '127.0.0.1');
  assert.match(String(requestId), /^[\w-]{22}$/);
  assert.ok(Number(bytes) > 0);
});
