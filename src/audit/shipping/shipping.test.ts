import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { HANG_MS } from '../../../test/support/hang.ts';
import { until } from '../../../test/support/until.ts';
import { toCef } from './cef.ts';
import { toEcs } from './ecs.ts';
import { elastic } from './elastic.ts';
import { type LogSink, RefusedRecords, type ShippedRecord, TryLater } from './log-sink.ts';
import { loki } from './loki.ts';
import { toOcsf } from './ocsf.ts';
import { otlp } from './otlp.ts';
import { ShipLog } from './ship-log.ts';
import { splunk } from './splunk.ts';
import { frame, syslog } from './syslog.ts';
import { webhook } from './webhook.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-ship-'));
const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
  rmSync(FOLDER, { recursive: true, force: true });
});

const LINE = JSON.stringify({
  time: '2026-01-01T00:00:00.123Z',
  level: 'warn',
  event: 'authz_fail',
  outcome: 'failure',
  service: 'files',
  requestId: 'r1',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  client: '192.0.2.9',
  method: 'POST',
  path: '/a|b=c\\d',
  status: 403,
  guard: 'access',
  mode: 'enforce',
  account: 'ann|=\n@example.com',
  details: { needs: 'role' },
});

function record(id = 'chain.7', line = LINE): ShippedRecord {
  return { id, line, event: JSON.parse(line) as ShippedRecord['event'] };
}

interface Asked {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A receiver over HTTP that answers as it is told. */
async function receiver(
  answer: (asked: Asked) => { status: number; body?: string; headers?: object },
): Promise<{
  url: string;
  asked: Asked[];
}> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const one = { url: request.url ?? '', headers: request.headers, body };
      asked.push(one);
      const { status, body: said = '', headers = {} } = answer(one);
      response.writeHead(status, headers as Record<string, string>).end(said);
    });
  });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, asked };
}

test('Elasticsearch and OpenSearch: the id is that of the document, a repeat is none, and ECS is what is stored', async () => {
  let status = 201;
  const { url, asked } = await receiver(() => ({
    status: 200,
    body: JSON.stringify({ errors: status !== 201, items: [{ create: { status } }] }),
  }));
  const sink = elastic({ url, headers: { authorization: 'ApiKey made-up' } });
  await sink.send([record()]);
  assert.equal(asked[0]?.url, '/_bulk');
  assert.equal(asked[0]?.headers['content-type'], 'application/x-ndjson');
  assert.equal(asked[0]?.headers.authorization, 'ApiKey made-up');
  const [action, document] = (asked[0]?.body ?? '').split('\n');
  assert.deepEqual(JSON.parse(action ?? ''), {
    create: { _index: 'logs-bulwark.audit-default', _id: 'chain.7' },
  });
  assert.equal((JSON.parse(document ?? '') as Record<string, unknown>)['source.ip'], '192.0.2.9');
  assert.match(asked[0]?.body ?? '', /\n$/);
  status = 409;
  await sink.send([record()]);
  status = 429;
  await assert.rejects(sink.send([record()]), TryLater);
  status = 400;
  await assert.rejects(sink.send([record()]), RefusedRecords);
});

test('Loki: few labels whatever was sent, nanoseconds as text, the id beside the line', async () => {
  const { url, asked } = await receiver(() => ({ status: 204 }));
  await loki({ url, labels: { env: 'test' } }).send([record(), record('chain.8')]);
  assert.equal(asked[0]?.url, '/loki/api/v1/push');
  assert.deepEqual(JSON.parse(asked[0]?.body ?? ''), {
    streams: [
      {
        stream: { job: 'bulwark', service_name: 'files', level: 'warn', env: 'test' },
        values: [
          ['1767225600123000000', LINE, { id: 'chain.7', event: 'authz_fail' }],
          ['1767225600123000000', LINE, { id: 'chain.8', event: 'authz_fail' }],
        ],
      },
    ],
  });
});

test('Splunk: one JSON object an event, with its time in seconds and its id as a field', async () => {
  const { url, asked } = await receiver(() => ({ status: 200, body: '{"text":"Success","code":0}' }));
  await splunk({ url, token: 'made-up-token', index: 'main' }).send([record(), record('chain.8')]);
  assert.equal(asked[0]?.url, '/services/collector/event');
  assert.equal(asked[0]?.headers.authorization, 'Splunk made-up-token');
  const events = (asked[0]?.body ?? '').split('\n').map((one) => JSON.parse(one) as Record<string, unknown>);
  assert.equal(events.length, 2);
  assert.deepEqual(events[1], {
    time: 1767225600.123,
    source: 'files',
    sourcetype: 'bulwark:audit',
    index: 'main',
    event: JSON.parse(LINE) as object,
    fields: { id: 'chain.8', level: 'warn', outcome: 'failure' },
  });
});

test('OTLP: where it is asked, what it refuses, and a path that is given stays', async () => {
  let body = '{}';
  const { url, asked } = await receiver(() => ({ status: 200, body }));
  await otlp({ url: `${url}/own/logs` }).send([record()]);
  assert.equal(asked[0]?.url, '/own/logs');
  const { resourceLogs } = JSON.parse(asked[0]?.body ?? '') as {
    resourceLogs: { scopeLogs: { logRecords: Record<string, unknown>[] }[] }[];
  };
  const one = resourceLogs[0]?.scopeLogs[0]?.logRecords[0];
  assert.equal(one?.['timeUnixNano'], '1767225600123000000');
  assert.equal(one?.['traceId'], '4bf92f3577b34da6a3ce929d0e0e4736');
  assert.equal(one?.['severityNumber'], 13);
  body = '{"partialSuccess":{"rejectedLogRecords":"1"}}';
  await assert.rejects(otlp({ url }).send([record()]), RefusedRecords);
  // What it says in its own words is no refusal: asked again, it would have everything twice.
  for (body of [
    '',
    'OK',
    '{',
    'null',
    '{"partialSuccess":null}',
    '{"partialSuccess":{"errorMessage":"slow"}}',
  ])
    await otlp({ url }).send([record()]);
});

test('webhook: signed as Standard Webhooks says, and the same records are the same delivery', async () => {
  const { url, asked } = await receiver(() => ({ status: 200 }));
  const secret = Buffer.alloc(32, 5).toString('base64');
  const sink = webhook({ url, secret: `whsec_${secret}` });
  await sink.send([record()]);
  await sink.send([record()]);
  await sink.send([record('chain.8')]);
  const ids = asked.map(({ headers }) => headers['webhook-id']);
  assert.equal(ids[0], ids[1]);
  assert.notEqual(ids[0], ids[2]);
  const { headers, body } = asked[0] ?? assert.fail();
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const expected = createHmac('sha256', Buffer.alloc(32, 5)).update(signed).digest('base64');
  assert.equal(headers['webhook-signature'], `v1,${expected}`);
  assert.deepEqual(JSON.parse(body), { records: [{ id: 'chain.7', event: JSON.parse(LINE) as object }] });
});

test('a redirect is no receipt: it would be followed as a GET without a body', async () => {
  const { url, asked } = await receiver(() => ({ status: 302, headers: { location: '/elsewhere' } }));
  await assert.rejects(loki({ url }).send([record()]), TryLater);
  assert.equal(asked.length, 1);
});

test('addresses in clear, passwords in addresses and short secrets are refused when they are declared', () => {
  const code = { code: 'ERR_BULWARK_INVALID_ARGUMENT' };
  assert.throws(() => otlp({ url: 'http://collector.example.com' }), code);
  assert.throws(() => otlp({ url: 'https://u:p@collector.example.com' }), code);
  assert.throws(() => webhook({ url: 'https://a.example.com', secret: 'short' }), code);
  assert.throws(() => syslog({ host: 'a b' }), code);
  const url = 'https://a.example.com';
  for (const headers of [
    { a: 'x\r\ny: z' },
    { 'a b': 'x' },
    { '': 'x' },
    { authorization: 'Bearer \u2019quoted\u2019' },
    { authorization: 'a\u0001b' },
    { 'Content-Length': '1' },
  ])
    assert.throws(() => otlp({ url, headers }), code, JSON.stringify(headers));
  otlp({ url, headers: { 'X-Scope-OrgID': 'caf\u00e9|b', authorization: 'Basic YTpi==' } });
  for (const labels of [{ 'my-env': 'test' }, { '1st': 'a' }, { '': 'a' }])
    assert.throws(() => loki({ url, labels }), code, JSON.stringify(labels));
});

test('syslog: a frame counts octets, nothing of a stranger ends a field, and a long record is cut in whole characters', () => {
  const from = { facility: 13, format: 'json', host: 'h', appName: 'bulwark' } as const;
  const short = frame(record('a"]\\'), from).toString();
  const [count = ''] = short.split(' ');
  assert.equal(Number(count), Buffer.byteLength(short) - count.length - 1);
  assert.match(
    short,
    /^\d+ <108>1 2026-01-01T00:00:00\.123Z h bulwark \d+ authz_fail \[bulwark@32473 id="a\\"\\\]\\\\"/,
  );
  for (let extra = 0; extra < 4; extra += 1) {
    const line = JSON.stringify({
      ...(JSON.parse(LINE) as object),
      text: 'x'.repeat(extra) + '\u{1f600}'.repeat(3000),
    });
    const long = frame(record('a', line), from);
    assert.ok(long.byteLength <= 8006);
    const decoded = new TextDecoder('utf-8', { fatal: true }).decode(long);
    assert.ok(decoded.endsWith(' [cut]'));
  }
});

test('CEF: what a stranger wrote is no field of its own', () => {
  const line = toCef('chain.7', record().event);
  assert.match(
    line,
    /^CEF:0\|Bulwark\|Bulwark\|1\|authz_fail\|authz fail\|6\|rt=1767225600123 externalId=chain\.7 /,
  );
  assert.ok(line.includes('suser=ann|\\=\\n@example.com'));
  assert.ok(line.includes('request=/a|b\\=c\\\\d'));
  assert.doesNotMatch(line, /\n/);
});

test('ECS and OCSF have what they ask for, of every family of events', () => {
  for (const name of [
    'authn_login_fail',
    'authz_fail',
    'user_created',
    'session_created',
    'malicious_direct_reference',
    'sys_startup',
    'own_thing',
  ]) {
    const event = { ...record().event, event: name };
    const ecs = toEcs('a', event);
    for (const field of [
      '@timestamp',
      'ecs.version',
      'event.kind',
      'event.category',
      'event.type',
      'event.outcome',
    ])
      assert.ok(ecs[field] !== undefined, `${name} ${field}`);
    const ocsf = toOcsf('a', event) as Record<string, number>;
    // OCSF: type_uid is class_uid * 100 + activity_id, and the first digit of a class its category.
    assert.equal(ocsf['type_uid'], (ocsf['class_uid'] ?? 0) * 100 + (ocsf['activity_id'] ?? 0));
    assert.equal(ocsf['category_uid'], Math.floor((ocsf['class_uid'] ?? 0) / 1000));
    assert.equal(typeof ocsf['time'], 'number');
  }
});

interface Held {
  readonly sink: LogSink;
  readonly got: string[];
  mode: 'takes' | 'fails' | 'stalls' | 'refuses-bad';
}

function heldSink(name = 'held'): Held {
  const held: Held = {
    got: [],
    mode: 'takes',
    sink: {
      name,
      send: async (records) => {
        if (held.mode === 'fails') throw new TryLater('HTTP 503');
        if (held.mode === 'stalls') await new Promise(() => undefined);
        if (held.mode === 'refuses-bad' && records.some(({ id }) => id.endsWith('.3')))
          throw new RefusedRecords('HTTP 400');
        held.got.push(...records.map(({ id }) => id));
      },
    },
  };
  return held;
}

interface Told {
  readonly events: string[];
}

function shipTo(sink: LogSink, folder: string, most = 4_194_304): { log: ShipLog; told: Told } {
  const told: Told = { events: [] };
  const log = new ShipLog(
    { to: [sink], folder: join(FOLDER, folder), most },
    {
      failing: (name, error) => void told.events.push(`${name} failing ${error}`),
      recovered: (name, _ms, lost) => void told.events.push(`${name} recovered ${lost}`),
      refused: (name, count) => void told.events.push(`${name} refused ${count}`),
    },
    { firstMs: 5, longestMs: 20 },
  );
  return { log, told };
}

test('a receiver that is gone is told once, and gets everything in order when it is back', async () => {
  const held = heldSink();
  held.mode = 'fails';
  const { log, told } = shipTo(held.sink, 'gone');
  for (let n = 0; n < 1200; n += 1) log.add(LINE);
  await until('it is noticed', () => log.health.get('held')?.isFailing);
  assert.equal(log.health.get('held')?.error, 'HTTP 503');
  held.mode = 'takes';
  await until('all have come', () => held.got.length === 1200);
  const numbers = held.got.map((id) => Number(id.split('.')[1]));
  assert.deepEqual(
    numbers,
    numbers.toSorted((one, other) => one - other),
  );
  await until('it is told', () => told.events.length === 2);
  assert.deepEqual(told.events, ['held failing HTTP 503', 'held recovered 0']);
  await log.close();
  assert.deepEqual(readdirSync(join(FOLDER, 'gone', 'held')), []);
});

test('one record that a receiver will never take costs no other', async () => {
  const held = heldSink();
  held.mode = 'refuses-bad';
  const { log, told } = shipTo(held.sink, 'refused');
  for (let n = 0; n < 40; n += 1) log.add(LINE);
  await until('the others have come', () => held.got.length === 39);
  assert.deepEqual(told.events, ['held refused 1']);
  assert.equal(log.health.get('held')?.refused, 1);
  await log.close();
});

test('the spool has a bound: the oldest go, and are counted', async () => {
  const held = heldSink();
  held.mode = 'fails';
  const { log, told } = shipTo(held.sink, 'bound', 3 * 1_048_576);
  const long = JSON.stringify({ ...(JSON.parse(LINE) as object), text: 'x'.repeat(7000) });
  for (let n = 0; n < 1000; n += 1) {
    log.add(long);
    if (n % 50 === 0) await new Promise((resolve) => void setTimeout(resolve, 5));
  }
  await until('some are lost', () => (log.health.get('held')?.lost ?? 0) > 300);
  assert.ok((log.health.get('held')?.waitingBytes ?? 0) < 4.2 * 1_048_576);
  held.mode = 'takes';
  await until('the rest has come', () => (log.health.get('held')?.waitingBytes ?? 1) === 0);
  const lost = log.health.get('held')?.lost ?? 0;
  assert.ok(held.got.length + lost >= 1000, `${held.got.length} and ${lost}`);
  assert.ok(held.got.at(-1)?.endsWith('.1000'));
  await until('it is told', () => told.events.at(-1)?.startsWith('held recovered'));
  await log.close();
});

test('what a process left, the next sends', async () => {
  const held = heldSink();
  held.mode = 'stalls';
  const first = shipTo(held.sink, 'left');
  for (let n = 0; n < 10; n += 1) first.log.add(LINE);
  await first.log.close();
  const [folder = ''] = readdirSync(join(FOLDER, 'left', 'held'));
  assert.match(folder, /^\d+-/);
  // As if its process were gone: no process has this number.
  renameSync(join(FOLDER, 'left', 'held', folder), join(FOLDER, 'left', 'held', '4194304999-gone'));
  held.mode = 'takes';
  const second = shipTo(held.sink, 'left');
  await until('they have come', () => held.got.length === 10);
  await second.log.close();
});

test('a receiver that stalls keeps nobody: neither who logs, nor the end of the process', async () => {
  const held = heldSink();
  held.mode = 'stalls';
  const { log } = shipTo(held.sink, 'stalls');
  const began = performance.now();
  for (let n = 0; n < 5000; n += 1) log.add(LINE);
  await log.close();
  assert.ok(performance.now() - began < HANG_MS);
});
