/** Shipping to real receivers: killed, slow and back. Nothing is lost, and what comes twice has its id twice. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { otlp } from '../../src/audit/shipping/otlp.ts';
import { syslog } from '../../src/audit/shipping/syslog.ts';
import type { LogSink } from '../../src/audit/shipping/log-sink.ts';
import { ShipLog } from '../../src/audit/shipping/ship-log.ts';
import { findSyslogNg } from '../../tools/syslog-ng.ts';
import { installRequirements } from '../../tools/requirements.ts';
import { until } from '../support/until.ts';
import { type Certificate, Collector, type Receiver, Rsyslog, SyslogNgReceiver } from './receivers.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-shipping-'));
const TOTAL = 6000;
const running: Receiver[] = [];

before(() => installRequirements());
after(async () => {
  for (const receiver of running) await receiver.kill();
  rmSync(FOLDER, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

function folderFor(name: string): string {
  const folder = join(FOLDER, name);
  mkdirSync(folder);
  return folder;
}

function line(n: number): string {
  // What breaks frames, fields and terminals, in every record.
  const text = `"]\\ =| ${n} \u00e4\u{1f600}\n<13>1 forged`;
  const event = {
    time: '2026-01-01T00:00:00.123Z',
    level: 'warn',
    event: 'authz_fail',
    outcome: 'failure',
    service: 'app',
  };
  return JSON.stringify({ ...event, details: { n, text } });
}

interface Told {
  readonly failing: string[];
  readonly recovered: number[];
}

function shipTo(sink: LogSink): { log: ShipLog; told: Told } {
  const told: Told = { failing: [], recovered: [] };
  const log = new ShipLog(
    { to: [sink], folder: join(FOLDER, 'spool'), most: 64 * 1024 * 1024 },
    {
      failing: (_name, error) => void told.failing.push(error),
      recovered: (_name, _gone, lost) => void told.recovered.push(lost),
      refused: (name, count) => assert.fail(`${name} refused ${count}`),
    },
    { firstMs: 20, longestMs: 200 },
  );
  return { log, told };
}

/** Sends 6,000 records, and kills the receiver twice meanwhile. */
async function storm(receiver: Receiver, sink: LogSink, ids: RegExp): Promise<Map<string, number>> {
  running.push(receiver);
  await receiver.start();
  const { log, told } = shipTo(sink);
  const health = () => log.health.get(sink.name);
  for (let n = 1; n <= TOTAL; n += 1) {
    log.add(line(n));
    if (n % 2000 === 1000) {
      // Back from the kill before: what is still told as one outage is not told as two.
      await until('some have come', () => (health()?.sent ?? 0) >= n / 2 && health()?.isFailing === false);
      await receiver.kill();
    }
    if (n % 2000 === 1999) {
      await until('it is noticed', () => health()?.isFailing === true);
      await receiver.start();
    }
  }
  await until('all were taken', () => (health()?.sent ?? 0) >= TOTAL && health()?.isFailing === false);
  const came = (): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const [, id = ''] of receiver.text().matchAll(ids)) counts.set(id, (counts.get(id) ?? 0) + 1);
    return counts;
  };
  await until('all are there', () => came().size >= TOTAL);
  await log.close();
  assert.ok(told.failing.length >= 3 && told.recovered.length >= 3, JSON.stringify(told));
  assert.equal(health()?.lost, 0);
  return came();
}

/** Every record is there, and one that came again, as after each of three kills, has the id that it had. */
function nothingLost(came: Map<string, number>): void {
  assert.equal(came.size, TOTAL);
  assert.ok([...came.values()].every((count) => count <= 4));
}

test('rsyslog over TCP, killed three times: nothing is lost, and no record begins another', async () => {
  const receiver = new Rsyslog(folderFor('rsyslog'), await freePort());
  const came = await storm(
    receiver,
    syslog({ host: '127.0.0.1', port: receiver.port, transport: 'tcp', name: 'rsyslog' }),
    /\[bulwark@32473 id="([^"]+)"/g,
  );
  nothingLost(came);
  const lines = receiver.text().split('\n').slice(0, -1);
  for (const one of lines)
    assert.match(
      one,
      /\|\[bulwark@32473 id="[^"]+" event="authz_fail"\]\|bulwark\|2026-01-01T00:00:00\.123.*\|108$/,
    );
});

test('rsyslog over TLS, killed three times: nothing is lost', async () => {
  const folder = folderFor('rsyslog-tls');
  const certificate: Certificate = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  const made = spawnSync('openssl', [
    ...'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost'.split(
      ' ',
    ),
    ...['-keyout', certificate.key, '-out', certificate.cert],
  ]);
  assert.equal(made.status, 0);
  const receiver = new Rsyslog(folder, await freePort(), certificate);
  const sink = syslog({ host: 'localhost', port: receiver.port, ca: certificate.cert, name: 'rsyslog-tls' });
  nothingLost(await storm(receiver, sink, /\[bulwark@32473 id="([^"]+)"/g));
  // A receiver that shows another certificate gets nothing.
  const wrong = syslog({ host: 'localhost', port: receiver.port, name: 'wrong' });
  await assert.rejects(wrong.send([{ id: 'a', line: line(1), event: JSON.parse(line(1)) as never }]));
});

test('syslog-ng, killed three times: nothing is lost', { skip: findSyslogNg() === undefined }, async () => {
  const receiver = new SyslogNgReceiver(folderFor('syslog-ng'), await freePort());
  const sink = syslog({ host: '127.0.0.1', port: receiver.port, transport: 'tcp', name: 'syslog-ng' });
  nothingLost(await storm(receiver, sink, /\[bulwark@32473 id="([^"]+)"/g));
});

test('an OpenTelemetry Collector, killed three times: nothing is lost, and severities and traces are understood', async () => {
  const receiver = new Collector(folderFor('otlp'), await freePort());
  const sink = otlp({ url: `http://127.0.0.1:${receiver.port}` });
  nothingLost(await storm(receiver, sink, /log\.record\.uid: Str\(([^)]+)\)/g));
  assert.match(receiver.text(), /SeverityNumber: Warn\(13\)/);
  assert.match(receiver.text(), /service\.name: Str\(app\)/);
});
