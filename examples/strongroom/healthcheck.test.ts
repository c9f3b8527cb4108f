import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { type Ended, runToEnd, startProgram, temporaryDirectory } from './testing/running.ts';

/** What the check says of a server of the test's own. */
async function checkAgainst(answer: RequestListener): Promise<Ended> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await runToEnd('healthcheck.ts', [], { PORT: String((server.address() as AddressInfo).port) });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('ends with 0 where Strongroom answers, whatever it listens on', async (t) => {
  const directory = temporaryDirectory();
  t.after(directory.remove);
  const program = await startProgram(directory.path, { HOST: '0.0.0.0' });
  t.after(program.stop);
  const { port } = new URL(program.url);
  for (const HOST of ['127.0.0.1', '0.0.0.0']) {
    assert.deepEqual(await runToEnd('healthcheck.ts', [], { HOST, PORT: port }), {
      code: 0,
      out: '',
      err: '',
    });
  }
});

test('ends with 1 where nobody answers, and says so in a line', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const { code, err } = await runToEnd('healthcheck.ts', [], { PORT: String(port) });
  assert.equal(code, 1);
  assert.match(err, /^connect ECONNREFUSED.*\n$/);
});

test('ends with 1 where the answer is another, or none', async () => {
  const broken = await checkAgainst((_request, response) => response.writeHead(503).end());
  assert.deepEqual([broken.code, broken.err], [1, 'Strongroom answers with 503.\n']);
  const silent = await checkAgainst(() => undefined);
  assert.equal(silent.code, 1);
  assert.match(silent.err, /^.*(abort|timeout).*\n$/i);
});

test('asks for the public name, since the policy answers for no other', async () => {
  const hosts: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    hosts.push(request.headers.host);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const PORT = String((server.address() as AddressInfo).port);
  const origins = ['https://files.example.com', 'https://files.example.com:8443'];
  for (const STRONGROOM_ORIGIN of origins) await runToEnd('healthcheck.ts', [], { PORT, STRONGROOM_ORIGIN });
  server.close();
  assert.deepEqual(hosts, ['files.example.com', 'files.example.com:8443']);
});
