/** What a receiver says of a batch, and what of it is sent to it again: nothing twice that it has, and nothing for ever. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { until } from '../../../test/support/until.ts';
import { elastic } from './elastic.ts';
import { type LogSink, TryLater } from './log-sink.ts';
import { otlp } from './otlp.ts';
import { ShipLog } from './ship-log.ts';
import { splunk } from './splunk.ts';
import { syslog } from './syslog.ts';
import { webhook } from './webhook.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-answers-'));
const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
  rmSync(FOLDER, { recursive: true, force: true });
});

const EVENT = {
  time: '2026-01-01T00:00:00.123Z',
  level: 'warn',
  event: 'authz_fail',
  outcome: 'failure',
  service: 'files',
} as const;
const LINE = JSON.stringify(EVENT);

/** A receiver that says the same to everything, and what it was sent. */
async function receiver(said: string): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push(body);
      response.end(said);
    });
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function shipTo(sink: LogSink, folder: string): { log: ShipLog; told: string[] } {
  const told: string[] = [];
  const log = new ShipLog(
    { to: [sink], folder: join(FOLDER, folder), most: 4_194_304 },
    {
      failing: (name, error) => void told.push(`${name} failing ${error}`),
      recovered: (name) => void told.push(`${name} recovered`),
      refused: (name, count) => void told.push(`${name} refused ${count}`),
    },
    { firstMs: 5, longestMs: 20 },
  );
  return { log, told };
}

test('what a receiver took beside a record that it refused is not sent to it again', async () => {
  const bodies = {
    otlp: '{"partialSuccess":{"rejectedLogRecords":"1"}}',
    elastic: JSON.stringify({
      items: Array.from({ length: 9 }, (_, at) => ({ create: { status: at === 4 ? 400 : 201 } })),
    }),
  };
  for (const [name, sinkAt] of [
    ['otlp', (url: string) => otlp({ url })],
    ['elastic', (url: string) => elastic({ url })],
  ] as const) {
    const { url, asked } = await receiver(bodies[name]);
    const { log, told } = shipTo(sinkAt(url), 'partial');
    for (let n = 0; n < 9; n += 1) log.add(LINE);
    await until('they are sent', () => log.health.get(name)?.waitingBytes === 0);
    const { sent, refused } = log.health.get(name) ?? assert.fail();
    assert.deepEqual([asked.length, sent, refused, told], [1, 8, 1, [`${name} refused 1`]]);
    await log.close();
  }
});

test('syslog over TLS to an address: it is sent as no server name, of which Node.js warns', async () => {
  const warnings: string[] = [];
  const warned = (warning: Error): void =>
    void warnings.push(String((warning as NodeJS.ErrnoException).code));
  process.on('warning', warned);
  const server = createTcpServer((socket) => void socket.end());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await assert.rejects(
    syslog({ host: '127.0.0.1', port }).send([{ id: 'a.1', line: LINE, event: EVENT }]),
    /ECONNRESET|disconnected/,
  );
  await nextTurn();
  process.off('warning', warned);
  server.close();
  assert.deepEqual(warnings, []);
});

test('Elasticsearch: a page in front of it that answers 200 has stored nothing', async () => {
  const { url } = await receiver('{}');
  await assert.rejects(elastic({ url }).send([{ id: 'a.1', line: LINE, event: EVENT }]), TryLater);
});

test('a line of the spool that a power cut spoiled keeps none behind it from leaving', async () => {
  for (const [name, sinkAt] of [
    ['splunk', (url: string) => splunk({ url, token: 'made-up-token' })],
    ['webhook', (url: string) => webhook({ url, secret: Buffer.alloc(32, 5).toString('base64') })],
  ] as const) {
    const { url, asked } = await receiver('');
    const left = join(FOLDER, 'spoiled', name, '999999999-earlier');
    mkdirSync(left, { recursive: true });
    writeFileSync(join(left, '000000000.log'), `a.1 ${LINE}\na.2 {"time":"20\0\0\0\na.3 ${LINE}\n`);
    const { log, told } = shipTo(sinkAt(url), 'spoiled');
    await until('all have left', () => log.health.get(name)?.sent === 3);
    assert.match(asked[0] ?? '', /"a\.1".*"a\.2".*"a\.3"/s);
    assert.deepEqual(told, []);
    await log.close();
  }
});
