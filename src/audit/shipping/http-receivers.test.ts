/** Each receiver over HTTP: gone, slow, cut in its answer, and back. Nothing is lost, and what comes twice has its id twice. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../../test/support/until.ts';
import { elastic } from './elastic.ts';
import type { LogSink } from './log-sink.ts';
import { loki } from './loki.ts';
import { otlp } from './otlp.ts';
import { ShipLog } from './ship-log.ts';
import { splunk } from './splunk.ts';
import { webhook } from './webhook.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-http-receivers-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));

const TOTAL = 1200;
const LINE = JSON.stringify({
  time: '2026-01-01T00:00:00.123Z',
  level: 'warn',
  event: 'authz_fail',
  outcome: 'failure',
  service: 'files',
});

/** How it fares at the moment. `cut` takes a batch, and its receipt is lost. */
type Mode = 'takes' | 'slow' | 'busy' | 'cut';

/** A receiver that can be killed, and keeps the ids that it took. */
class HttpReceiver {
  mode: Mode = 'takes';
  port = 0;
  readonly came = new Map<string, number>();
  readonly #ids: RegExp;
  #server: Server | undefined;

  constructor(ids: RegExp) {
    this.#ids = ids;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      void text(request).then(async (body) => {
        const { mode } = this;
        if (mode === 'busy') return response.writeHead(503, { 'Retry-After': '0' }).end();
        const ids = [...body.matchAll(this.#ids)].map(([, id = '']) => id);
        for (const id of ids) this.came.set(id, (this.came.get(id) ?? 0) + 1);
        if (mode === 'cut') return request.socket.destroy();
        if (mode === 'slow') await pause(30);
        const items = ids.map(() => ({ create: { status: 201 } }));
        return response.writeHead(200).end(JSON.stringify({ errors: false, items }));
      });
    });
    this.#server = server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
  }

  async kill(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }
}

const RECEIVERS: Readonly<Record<string, readonly [ids: RegExp, sink: (url: string) => LogSink]>> = {
  Elasticsearch: [/"_id":"([^"]+)"/g, (url) => elastic({ url })],
  Loki: [/\{"id":"([^"]+)"/g, (url) => loki({ url })],
  Splunk: [/"fields":\{"id":"([^"]+)"/g, (url) => splunk({ url, token: 'made-up-token' })],
  OTLP: [/"log\.record\.uid","value":\{"stringValue":"([^"]+)"/g, (url) => otlp({ url })],
  webhook: [
    /\{"id":"([^"]+)","event"/g,
    (url) => webhook({ url, secret: Buffer.alloc(32, 5).toString('base64') }),
  ],
};

for (const [name, [ids, sinkAt]] of Object.entries(RECEIVERS))
  test(`${name}: killed, slow, busy and cut in its answer; nothing is lost, repeats have their ids, nobody waits`, async () => {
    const receiver = new HttpReceiver(ids);
    await receiver.start();
    const sink = sinkAt(`http://127.0.0.1:${receiver.port}`);
    const told: string[] = [];
    const log = new ShipLog(
      { to: [sink], folder: FOLDER, most: 16_777_216 },
      {
        failing: () => void told.push('failing'),
        recovered: (_name, _ms, lost) => void told.push(`recovered ${lost}`),
        refused: () => void told.push('refused'),
      },
      { firstMs: 5, longestMs: 20 },
    );
    const health = (): { sent: number; isFailing: boolean; lost: number } | undefined =>
      log.health.get(sink.name);
    const add = (): void => {
      for (let n = 0; n < TOTAL / 4; n += 1) log.add(LINE);
    };
    const fails = async (what: string): Promise<void> =>
      await until(what, () => health()?.isFailing === true);
    const taken = async (count: number): Promise<void> =>
      await until(
        `${count} were taken`,
        () => (health()?.sent ?? 0) >= count && health()?.isFailing === false,
      );
    await receiver.kill();
    add();
    await fails('that it is gone');
    await receiver.start();
    await taken(TOTAL / 4);
    receiver.mode = 'slow';
    add();
    await taken(TOTAL / 2);
    receiver.mode = 'busy';
    add();
    await fails('that it is busy');
    receiver.mode = 'takes';
    await taken((TOTAL / 4) * 3);
    receiver.mode = 'cut';
    add();
    await fails('that its answer is cut');
    receiver.mode = 'takes';
    await taken(TOTAL);
    await log.close();
    await receiver.kill();
    assert.equal(receiver.came.size, TOTAL);
    const repeats = [...receiver.came.values()].filter((count) => count > 1).length;
    assert.ok(repeats > 0 && repeats <= TOTAL / 4, `${repeats} came again`);
    assert.equal(health()?.lost, 0);
    const round = ['failing', 'recovered 0'];
    assert.deepEqual(told, [...round, ...round, ...round]);
  });
