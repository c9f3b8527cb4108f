/**
 * Clients of HTTP/2 that only cost: each of the floods that servers have fallen to is ended, by a bound on what it may cost,
 * and whoever else asks meanwhile is served.
 */
import assert from 'node:assert/strict';
import { Agent, get } from 'node:https';
import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { type TestContext, test } from 'node:test';
import { until } from '../support/until.ts';
import { asked, begun, frame, FRAMES, openHttp2, posted, type RawHttp2, reset } from './http2-frames.ts';
import { askHttp2, tlsSite, type TlsSite } from './tls-site.ts';

const CALM = 11;

async function site(t: TestContext): Promise<TlsSite & { readonly reached: () => number }> {
  let reached = 0;
  const started = await tlsSite(
    t,
    (request, response) => {
      reached += 1;
      request.resume();
      response.end('in');
    },
    { timeouts: { checkEvery: '100ms' }, proxy: { trusted: [] } },
  );
  return { ...started, reached: () => reached };
}

/** Writes the same again and again until the server ends the connection; answers how many bytes it took. */
async function flood({ socket, closed }: RawHttp2, piece: (round: number) => Buffer): Promise<number> {
  for (let round = 0; !socket.destroyed; round += 1) {
    if (!socket.write(piece(round)))
      await Promise.race([once(socket, 'drain').catch(() => undefined), closed]);
    else await new Promise(setImmediate);
    if (socket.bytesWritten > 60_000_000) throw new Error('the server takes as much as one likes');
  }
  return socket.bytesWritten;
}

/** Asks as somebody else does while the flood comes in: over HTTP/1.1, on a connection of its own. */
async function isServed(port: number): Promise<boolean> {
  const agent = new Agent({ rejectUnauthorized: false });
  const request = get({ port, host: '127.0.0.1', agent, headers: { host: 'site.example' } });
  const [response] = (await once(request, 'response')) as [{ statusCode: number; resume(): void }];
  response.resume();
  agent.destroy();
  return response.statusCode === 200;
}

async function chosen(port: number): Promise<string | false | null> {
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  await once(socket, 'secureConnect');
  socket.destroy();
  return socket.alpnProtocol;
}

const times = (count: number, one: (at: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, at) => one(at)));

/** By the names under which they are known. */
const FLOODS: Readonly<Record<string, (round: number) => Buffer>> = {
  'rapid reset (CVE-2023-44487)': (round) =>
    times(50, (at) => {
      const stream = 1 + 2 * (round * 50 + at);
      return Buffer.concat([asked(stream), reset(stream)]);
    }),
  'PING (CVE-2019-9512)': () => times(200, () => frame(FRAMES.ping, 0, 0, Buffer.alloc(8))),
  'SETTINGS (CVE-2019-9515)': () => times(200, () => frame(FRAMES.settings, 0, 0)),
  'empty DATA (CVE-2019-9518)': (round) =>
    Buffer.concat([round === 0 ? posted(1) : Buffer.alloc(0), times(200, () => frame(FRAMES.data, 0, 1))]),
  'CONTINUATION (CVE-2024-27983)': (round) =>
    Buffer.concat([
      round === 0 ? begun(1) : Buffer.alloc(0),
      times(50, () => frame(FRAMES.continuation, 0, 1, literal('x', 'y'.repeat(80)))),
    ]),
  'a window that is opened byte by byte': () =>
    times(500, () => frame(FRAMES.windowUpdate, 0, 0, Buffer.from([0, 0, 0, 1]))),
};

function literal(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([0x10, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
}

for (const [name, piece] of Object.entries(FLOODS)) {
  test(`${name}: the connection is ended, and others are served`, async (t) => {
    const { port, reached } = await site(t);
    const before = process.memoryUsage().rss;
    const raw = await openHttp2(port);
    const taken = flood(raw, piece);
    assert.ok(await isServed(port));
    const bytes = await taken;
    assert.ok(bytes < 20_000_000, `${bytes} bytes`);
    // What the client writes into the dark after its end is in here too: this is no measurement, but a bound.
    assert.ok(process.memoryUsage().rss - before < 150_000_000);
    assert.ok(await isServed(port));
    assert.ok(reached() < 2_100);
  });
}

test('a client that floods is spoken HTTP/1.1 with for a minute, and the log says so', async (t) => {
  const { port, events } = await site(t);
  assert.equal(await chosen(port), 'h2');
  const raw = await openHttp2(port);
  await flood(raw, () => times(200, () => frame(FRAMES.ping, 0, 0, Buffer.alloc(8))));
  await until('it is told', () => events.some(({ event }) => event === 'excess_rate_limit_exceeded'));
  assert.equal(raw.goneBy() ?? CALM, CALM);
  assert.equal(await chosen(port), 'http/1.1');
  assert.ok(await isServed(port));
});

test('calling requests off is counted by client, over its connections', async (t) => {
  const { port, events } = await site(t);
  let stream = 0;
  for (let connection = 0; connection < 5; connection += 1) {
    const raw = await openHttp2(port).catch(() => undefined);
    if (raw === undefined) break;
    stream = 1;
    for (let round = 0; round < 8; round += 1, stream += 100) {
      const from = stream;
      raw.socket.write(times(50, (at) => Buffer.concat([asked(from + 2 * at), reset(from + 2 * at)])));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    raw.socket.destroy();
  }
  await until('it is told', () => events.some(({ event }) => event === 'excess_rate_limit_exceeded'));
});

test('who leaves a page while it loads, or asks for a hundred things at once, floods nobody', async (t) => {
  const { connect, port, events } = await site(t);
  const session = await connect();
  for (let page = 0; page < 3; page += 1) {
    const streams = Array.from({ length: 100 }, () => session.request({ ':authority': 'site.example' }));
    for (const stream of streams) {
      stream.on('error', () => undefined);
      stream.close(8);
    }
    await new Promise((resolve) => session.ping(resolve));
  }
  const answers = await Promise.all(Array.from({ length: 100 }, () => askHttp2(session, {})));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  assert.equal(await chosen(port), 'h2');
  assert.deepEqual(
    events.filter(({ event }) => event === 'excess_rate_limit_exceeded'),
    [],
  );
});

test('a download of many frames is no flood, however often its window is opened', async (t) => {
  const big = Buffer.alloc(80_000_000);
  const started = await tlsSite(t, (_request, response) => response.end(big), {
    timeouts: { checkEvery: '50ms' },
  });
  const session = await started.connect();
  const { body, code } = await askHttp2(session, {});
  assert.deepEqual([body.length, code], [80_000_000, 0]);
});
