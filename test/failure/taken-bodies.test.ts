/** A guard of an application that takes bodies, and clients that do not behave. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange } from '../../src/core/exchange.ts';
import { type Slot, slot } from '../../src/core/slot.ts';
import { View } from '../../src/layer/view.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import type { Running } from '../hosts/hosts.ts';
import { ask, openSocket, parseAnswer, writeRequest } from '../../src/testing/wire.ts';
import { until } from '../support/until.ts';
import { SHORT, start } from './support.ts';

const SUM: Slot<number> = slot();

interface Taking {
  pieces: number;
  bytes: number;
  failed: string;
}

/** Puts into a slot how many bytes there were, before the body guard has seen what was declared. */
function taker(taking: Taking, place: 'after' | 'before'): PolicyOptions {
  const guard = {
    name: 'byte-count',
    onRequest: async (exchange: Exchange) => {
      if (exchange.request.method !== 'POST') return undefined;
      try {
        for await (const piece of exchange.body.take()) {
          taking.pieces += 1;
          taking.bytes += piece.byteLength;
        }
      } catch (error) {
        taking.failed = String((error as { code?: unknown }).code);
        throw error;
      }
      exchange.set(SUM, taking.bytes);
      return undefined;
    },
  };
  const placed = place === 'before' ? { before: 'csrf', guard } : { after: 'body', guard };
  return { guards: [placed], body: { limit: '1KB' } };
}

async function withTaker(
  use: (running: Running, taking: Taking) => Promise<void>,
  place: 'after' | 'before' = 'before',
  timeouts: PolicyOptions['timeouts'] = {},
): Promise<void> {
  const taking: Taking = { pieces: 0, bytes: 0, failed: '' };
  const running = await start({ ...taker(taking, place), timeouts }, async (request, response, view) => {
    let rest = 0;
    for await (const piece of request) rest += (piece as Buffer).byteLength;
    response.end(`${View.exchangeOf(view).get(SUM)} and ${rest}`);
  });
  try {
    await use(running, taking);
  } finally {
    await running.stop();
  }
}

const SAME_SITE = { 'sec-fetch-site': 'same-origin', origin: 'https://example.com' };
const POST = { method: 'POST', headers: SAME_SITE };
const CHUNKED = { method: 'POST', headers: { ...SAME_SITE, 'transfer-encoding': 'chunked' } };

function crashes({ events }: Running): readonly unknown[] {
  return events.filter(({ event }) => event === 'sys_crash');
}

test('what a guard made of a body is in its slot, and the handler reads nothing more', async () => {
  await withTaker(async ({ port }) => {
    assert.equal((await ask(port, { ...POST, body: 'hello' })).body, '5 and 0');
    assert.equal((await ask(port, {})).body, 'undefined and 0');
  });
});

test('more than the limit is 413 before a byte is read, also for a guard in front of the body guard', async () => {
  await withTaker(async (running, taking) => {
    const answer = await ask(running.port, { ...POST, body: 'a'.repeat(2000) });
    assert.equal(answer.status, 413);
    assert.deepEqual(taking, { pieces: 0, bytes: 0, failed: 'ERR_BULWARK_BODY_TOO_LARGE' });
    assert.deepEqual(crashes(running), []);
    assert.equal(running.events.filter(({ event }) => event === 'input_validation_fail').length, 1);
  });
});

test('of one in chunks no more than the limit is taken, and it is 413', async () => {
  for (const place of ['before', 'after'] as const)
    await withTaker(async (running, taking) => {
      const { socket, received, closed } = await openSocket(running.port);
      socket.write(writeRequest({ ...CHUNKED, body: `200\r\n${'a'.repeat(0x200)}\r\n` }));
      await until('a part was taken', () => taking.bytes === 0x200);
      socket.write(`400\r\n${'b'.repeat(0x400)}\r\n0\r\n\r\n`);
      await closed;
      assert.equal(parseAnswer(Buffer.from(received())).status, 413);
      await until('the guard knows', () => taking.failed === 'ERR_BULWARK_BODY_TOO_LARGE');
      assert.equal(taking.bytes, 0x200);
      assert.deepEqual(crashes(running), []);
    }, place);
});

test('a client that sends byte by byte is waited for as long as a request may take, and no longer', async () => {
  await withTaker(async (running, taking) => {
    const { socket, received, closed } = await openSocket(running.port);
    socket.write(writeRequest({ ...POST, headers: { ...SAME_SITE, 'content-length': '5' } }));
    for (const letter of 'hello') {
      await sleep(20);
      socket.write(letter);
    }
    await closed;
    assert.match(received(), /5 and 0$/);
    assert.ok(taking.pieces > 1);
  });
  const inShort = async (running: Running, taking: Taking): Promise<void> => {
    const slow = await openSocket(running.port);
    slow.socket.write(writeRequest({ ...POST, headers: { ...SAME_SITE, 'content-length': '50' } }));
    const dripping = setInterval(() => slow.socket.writable && slow.socket.write('x'), 100);
    await slow.closed;
    clearInterval(dripping);
    assert.match(slow.received(), /^HTTP\/1\.1 408 /);
    await until('the guard knows', () => taking.failed === 'ERR_BULWARK_CLIENT_GONE');
    assert.deepEqual(crashes(running), []);
  };
  await withTaker(inShort, 'before', { ...SHORT, headers: '900ms' });
});

test('a client that goes in the middle leaves nothing behind: no slot, no handler, no crash', async () => {
  await withTaker(async (running, taking) => {
    const socket = connect(running.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(writeRequest({ ...POST, headers: { ...SAME_SITE, 'content-length': '50' }, body: 'half' }));
    await until('a part was taken', () => taking.bytes === 4);
    socket.resetAndDestroy();
    await until('the guard knows', () => taking.failed === 'ERR_BULWARK_CLIENT_GONE');
    assert.equal((await ask(running.port, {})).body, 'undefined and 0');
    assert.deepEqual(crashes(running), []);
  });
});

test('what was refused before the guard is never asked for', async () => {
  await withTaker(async ({ port }, taking) => {
    const { socket, received, closed } = await openSocket(port);
    const headers = {
      ...SAME_SITE,
      'sec-fetch-site': 'cross-site',
      expect: '100-continue',
      'content-length': '5',
    };
    socket.write(writeRequest({ method: 'POST', headers }));
    await until('it is refused', () => received().includes('"status":403'));
    socket.destroy();
    await closed;
    assert.doesNotMatch(received(), /100 Continue/);
    assert.equal(taking.pieces, 0);
  }, 'after');
});
