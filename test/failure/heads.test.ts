/** Heads as `writeHead` takes them, in each of its shapes: what leaves is what Node.js makes of it. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { exchangeBytes, parseAnswer, valuesOf, writeRequest } from '../../src/testing/wire.ts';
import { type Handle, UNLIMITED, withServer } from './support.ts';

const PAIRS = [
  ['X-One', 'a'],
  ['X-Number', 7],
  ['X-Two', ['b', 'c']],
  ['X-Again', 'd'],
  ['X-Again', 'e'],
  ['Set-Cookie', ['f=1', 'g=2']],
  ['Set-Cookie', 'h=3'],
] as const;

/** Every shape that Node.js takes for headers. */
const SHAPES: Readonly<Record<string, unknown>> = {
  'an object with lists': { 'X-One': 'a', 'X-Two': ['b', 'c'], 'Set-Cookie': ['f=1', 'g=2'] },
  'an object of no prototype': Object.assign(Object.create(null), { 'X-Two': ['b', 'c'] }),
  'names and values in turn, lists among them': PAIRS.flatMap(([name, value]) => [name, value]),
  'pairs, lists among them': PAIRS,
  'a list of nothing': [],
  'an object of nothing': {},
};

for (const [shape, headers] of Object.entries(SHAPES)) {
  for (const [way, reason] of Object.entries({
    alone: [],
    'with a reason': ['Made'],
    'with none': [undefined],
  })) {
    test(`a head written with ${shape}, ${way}, is what Node.js makes of it`, async () => {
      const write = (_request: IncomingMessage, response: ServerResponse): void => {
        response.writeHead(201, ...([...reason, headers] as never[])).end('body');
      };
      const [ours, theirs] = [await layeredBytes(write), await bareBytes(write)].map((bytes) => {
        const answer = parseAnswer(bytes);
        const own = answer.headers.filter(([name]) => /^x-(?:one|number|two|again)$/.test(name));
        const cookies = valuesOf(answer, 'set-cookie').map((cookie) => cookie.split(';')[0]);
        return { line: bytes.toString().split('\r\n')[0], body: answer.body, own, cookies };
      });
      assert.deepEqual(ours, theirs);
    });
  }
}

test('names and values in turn of which one has no value are refused, as by Node.js', async () => {
  const codes: unknown[] = [];
  const write = (_request: IncomingMessage, response: ServerResponse): void => {
    try {
      response.writeHead(200, ['X-One', 'a', 'X-Two'] as never);
    } catch (error) {
      codes.push((error as { code?: unknown }).code);
    }
    response.end();
  };
  await layeredBytes(write);
  await bareBytes(write);
  assert.deepEqual(codes, ['ERR_INVALID_ARG_VALUE', 'ERR_INVALID_ARG_VALUE']);
});

function layeredBytes(handle: Handle): Promise<Buffer> {
  return withServer({ rateLimit: UNLIMITED }, handle, ({ port }) => bytesOf(port));
}

async function bareBytes(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Buffer> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    return await bytesOf((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

function bytesOf(port: number): Promise<Buffer> {
  return exchangeBytes(port, writeRequest({}));
}
