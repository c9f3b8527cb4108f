/** A proxy in front that comes over a Unix socket, where no connection has an address. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import {
  parseAnswer,
  type RawAnswer,
  type RawRequest,
  valueOf,
  writeRequest,
} from '../../src/testing/wire.ts';
import { HOSTS, type Host, type Running } from './hosts.ts';

interface Site extends Running {
  readonly ask: (request: RawRequest) => Promise<RawAnswer>;
}

/** A host that listens on a path in place of a port. */
async function withSite(
  start: Host,
  policy: PolicyOptions,
  use: (site: Site) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-unix-'));
  const path = join(folder, 'app.sock');
  const running = await start(policy);
  const { server } = running;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  try {
    await use({ ...running, ask: (request) => askAt(path, request) });
  } finally {
    await running.stop();
    rmSync(folder, { recursive: true });
  }
}

function askAt(path: string, request: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const socket = connect(path, () => socket.write(writeRequest(request)));
    socket.on('data', (piece) => pieces.push(piece));
    socket.on('error', reject);
    socket.on('close', () => {
      try {
        resolve(parseAnswer(Buffer.concat(pieces)));
      } catch (error) {
        reject(error);
      }
    });
  });
}

for (const [host, start] of Object.entries(HOSTS)) {
  describe(host, () => {
    test("with trusted: ['unix'] scheme and client are what the proxy says", async () => {
      const policy: PolicyOptions = {
        proxy: { trusted: ['unix'] },
        rateLimit: { perClient: '2/1h' },
        timeouts: { connectionsPerClient: 2 },
      };
      await withSite(start, policy, async ({ ask, events }) => {
        const of = (client: string): RawRequest => ({
          target: '/json',
          headers: { 'x-forwarded-for': client },
        });
        const statuses = await Promise.all(
          ['192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'].map(async (client) => {
            return (await ask(of(client))).status;
          }),
        );
        assert.deepEqual(statuses, [200, 200, 200, 200, 200], 'the cap on connections is not for the proxy');
        assert.equal((await ask(of('192.0.2.1'))).status, 429);
        assert.equal((await ask(of('192.0.2.2'))).status, 200);
        const plain = {
          target: '/json',
          headers: { 'x-forwarded-for': '192.0.2.9', 'x-forwarded-proto': 'http' },
        };
        assert.equal(valueOf(await ask(plain), 'location'), 'https://example.com/json');
        assert.deepEqual(
          events.filter(({ event }) => event === 'sys_misconfigured'),
          [],
        );
      });
    });

    test('where the policy does not name it, it is told once, with the word to write', async () => {
      await withSite(start, { proxy: { trusted: ['127.0.0.1'] } }, async ({ ask, events }) => {
        for (const headers of [{}, { 'x-forwarded-for': null, 'x-forwarded-proto': null }])
          assert.equal((await ask({ target: '/json', headers })).status, 308);
        const told = events.filter(({ event }) => event === 'sys_misconfigured');
        assert.deepEqual(
          told.map(({ details }) => details?.['code']),
          ['ERR_BULWARK_PROXY_NOT_TRUSTED'],
        );
        assert.match(String(told[0]?.details?.['message']), /trusted: \['unix'\]/);
      });
    });
  });
}
