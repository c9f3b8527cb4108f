/** What is made of answers that a clamd gives by mistake, or that something else gives in its place. The real one: test/uploads/. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { until } from '../../../../test/support/until.ts';
import { heldFile } from '../content/whole-file.ts';
import { clamd, watchSignatures } from './clamd.ts';

/** @param answer - to a whole stream; `early` to its first bytes */
async function reasonBy(
  answer: (socket: Socket) => void,
  early = false,
  timeout: number = 60_000,
): Promise<string> {
  const server = createServer((socket) => {
    let seen = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      seen = Buffer.concat([seen, bytes]);
      if (early || seen.subarray(-4).equals(Buffer.alloc(4))) answer(socket);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const scanner = clamd({ host: '127.0.0.1', port, timeout });
    const found = await scanner.scan({
      ...heldFile(Buffer.alloc(early ? 4 * 1024 ** 2 : 10, 'a')),
      type: '',
    });
    return found.verdict === 'clean' ? 'clean' : `${found.verdict} ${found.reason}`;
  } finally {
    server.close();
  }
}

const saying =
  (text: string, end = true) =>
  (socket: Socket): void =>
    void (end ? socket.end(text) : socket.write(text));

test('good is one answer, whole, to a whole file, and no other', async () => {
  for (const end of [true, false]) assert.equal(await reasonBy(saying('stream: OK\0', end)), 'clean');
  for (const [text, expected] of [
    ['stream: Some.Name FOUND\0', 'refused virus'],
    ['stream: A OK FOUND\0', 'refused virus'],
    ['stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND\0', 'wait too-large'],
    ['INSTREAM size limit exceeded. ERROR\0', 'wait too-large'],
    ['stream: OK', 'wait failed'],
    ['stream: OK\0stream: OK\0', 'wait failed'],
    ['stream: OK \0', 'wait failed'],
    [' stream: OK\0', 'wait failed'],
    ['stream: ok\0', 'wait failed'],
    ['other: OK\0', 'wait failed'],
    ['stream: Some.Name FOUND OK\0', 'wait failed'],
    ['COMMAND READ TIMED OUT\n', 'wait failed'],
    ['UNKNOWN COMMAND\0', 'wait failed'],
    ['', 'wait failed'],
    ['x'.repeat(10_000), 'wait failed'],
  ] as const)
    assert.equal(await reasonBy(saying(text)), expected, JSON.stringify(text.slice(0, 60)));
  assert.equal(await reasonBy(saying('stream: OK', false), false, 50), 'wait slow');
  assert.equal(await reasonBy(() => undefined, false, 50), 'wait slow');
  assert.equal(await reasonBy((socket) => socket.resetAndDestroy()), 'wait failed');
});

test('an answer before the last byte is no "good"', async () => {
  assert.equal(await reasonBy(saying('stream: OK\0'), true), 'wait failed');
  assert.equal(await reasonBy(saying('INSTREAM size limit exceeded. ERROR\0'), true), 'wait too-large');
});

test('nobody listens there', async () => {
  const found = await clamd({ socket: '/nowhere/clamd.ctl' }).scan({
    ...heldFile(Buffer.from('a')),
    type: '',
  });
  assert.equal(found.verdict === 'wait' && found.reason, 'down');
});

test('who watches is told once of each change, after the time that reading it takes', async () => {
  const versions = ['1', '1', undefined, '1', '2', '2'];
  let asked = 0;
  const told: number[] = [];
  const stop = watchSignatures(
    { version: () => Promise.resolve(versions[Math.min(asked++, 5)]) },
    () => told.push(asked),
    { every: 5, after: 5 },
  );
  await until('it has asked often enough', () => Promise.resolve(asked >= 8));
  stop();
  assert.deepEqual(told, [4, 5]);
  const after = asked;
  await new Promise((resolve) => setTimeout(resolve, 40));
  assert.equal(asked, after);
});

test('a scanner or a look that fails ends no watch: the change is told again', async () => {
  const lost: unknown[] = [];
  const note = (error: unknown): void => void lost.push(error);
  process.on('unhandledRejection', note);
  let asked = 0;
  const told: number[] = [];
  const stop = watchSignatures(
    {
      version: () => {
        if ((asked += 1) === 2) throw new Error('no scanner');
        return Promise.resolve(asked < 4 ? '1' : '2');
      },
    },
    () => {
      told.push(asked);
      if (told.length === 1) throw new Error('no store');
      return told.length === 2 ? Promise.reject(new Error('no store')) : undefined;
    },
    { every: 5, after: 5 },
  );
  await until('it has asked often enough', () => Promise.resolve(asked >= 9));
  stop();
  process.off('unhandledRejection', note);
  assert.deepEqual(told, [3, 4, 5]);
  assert.deepEqual(lost, []);
});

test('a place is named, and one', () => {
  for (const options of [{}, { port: 3310 }, { socket: '/a', host: 'b' }, { socket: '/a', port: 1 }])
    assert.throws(() => clamd(options), /either a socket, or a host/);
});
