/**
 * Ten thousand connections that say nothing, or half of a handshake: they end in their time, cost a bounded amount of memory,
 * and whoever comes meanwhile is served.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:https';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { ask } from '../../src/testing/wire.ts';
import { until } from '../support/until.ts';
import { record, watchedGateway } from './recorder.ts';
import { tlsSite } from './tls-site.ts';

const COUNT = 10_000;
/** Each of them within what one client may have. */
const ADDRESSES = 50;
const MEGABYTE = 1024 * 1024;
/** More than the ten thousand, so that all are in at once. They end before the test does. */
const TIMEOUTS = { headers: '8s', maxConnections: 20_000 } as const;
/** A record of a hello in TLS that says it is 512 bytes long, and the first of them. */
const HALF_HELLO = Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]);

async function idle(t: TestContext, port: number, bytes: Buffer, addresses = ADDRESSES): Promise<void> {
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'idle-clients.ts'),
      String(port),
      String(COUNT),
      String(addresses),
      bytes.toString('base64'),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
}

interface Open {
  readonly port: number;
  /** Connections so far, and those that are open. */
  readonly came: () => number;
  readonly open: () => number;
  readonly visit: () => Promise<number>;
}

/**
 * Two floods, one after the other. Half of a handshake costs Node.js some 80 KB, which its allocator gives back late: a bare
 * server of it grows as much. What is held here is that there is an end to it.
 */
async function floodTwice(t: TestContext, site: Open, bytes: Buffer, most: number): Promise<void> {
  const before = process.memoryUsage.rss();
  const taken: number[] = [];
  for (let round = 0; round < 2; round += 1) {
    const came = site.came();
    await idle(t, site.port, bytes);
    assert.ok(site.open() > COUNT / 10, `${site.open()} are open`);
    assert.equal(await site.visit(), 200);
    assert.equal(site.came() - came, COUNT + 1);
    taken.push((process.memoryUsage.rss() - before) / MEGABYTE);
    await until('all of them were ended', () => site.open() === 0);
  }
  assert.ok(Math.max(...taken) < most, `${taken.join()} MB`);
}

function counted({ server }: Gateway): () => number {
  let came = 0;
  server.on('connection', () => (came += 1));
  return () => came;
}

test('half of a handshake, ten thousand times', { timeout: 170_000 }, async (t) => {
  const site = await tlsSite(t, (_request, response) => response.end('in'), {
    timeouts: TIMEOUTS,
    proxy: { trusted: [] },
  });
  const visit = async (): Promise<number> => {
    const agent = new Agent({ rejectUnauthorized: false });
    const asking = get({ port: site.port, host: '127.0.0.1', agent, headers: { host: 'site.example' } });
    const [response] = (await once(asking, 'response')) as [{ statusCode: number; resume(): void }];
    response.resume();
    agent.destroy();
    return response.statusCode;
  };
  const open = (): number => site.gateway.figures().held.connections;
  await floodTwice(t, { port: site.port, came: counted(site.gateway), open, visit }, HALF_HELLO, 1_500);
});

test('ten thousand connections that ask nothing', { timeout: 170_000 }, async (t) => {
  const recorder = await record(t);
  const site = await watchedGateway(t, recorder.port, {}, { timeouts: TIMEOUTS });
  const open = (): number => site.gateway.figures().held.connections;
  const visit = async (): Promise<number> => (await ask(site.port, {})).status;
  await floodTwice(t, { port: site.port, came: counted(site.gateway), open, visit }, Buffer.alloc(0), 500);
  // The application has heard of those who asked, and of nobody else.
  assert.equal(recorder.connections.length, 2);
});

test('of one client no more are let in than one may have', { timeout: 60_000 }, async (t) => {
  const site = await tlsSite(t, (_request, response) => response.end('in'), { proxy: { trusted: [] } });
  await idle(t, site.port, HALF_HELLO, 1);
  await until('the others are gone', () => site.gateway.figures().held.connections <= 256);
});
