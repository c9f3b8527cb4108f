/**
 * Clients that go away while a store across a network is asked about them. Whoever is handed such a request hears of no
 * `close` any more: streams of events, and a proxy's connections, would stay open until the process ends.
 */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { memory } from '../../src/stores/memory/state.ts';
import type { State } from '../../src/stores/ports/state.ts';
import { ask, type RawRequest, writeRequest } from '../../src/testing/wire.ts';
import { until } from '../support/until.ts';
import { EVERY_HOST } from './every-host.ts';

/** A state whose counters answer when they are told to. */
class SlowState {
  readonly state: State;
  asked = 0;
  #waiting: (() => void)[] = [];

  constructor() {
    const state = memory();
    const { counters } = state;
    this.state = {
      ...state,
      counters: {
        take: async (...given) => {
          this.asked += 1;
          await new Promise<void>((resolve) => this.#waiting.push(resolve));
          return counters.take(...given);
        },
        debit: (...given) => counters.debit(...given),
        debt: (...given) => counters.debt(...given),
        sweep: (now) => counters.sweep(now),
        count: () => counters.count(),
      },
    };
  }

  answer(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

const SAME_SITE = { 'sec-fetch-site': 'same-origin', origin: 'https://example.com' };
const GONE: readonly RawRequest[] = [
  { target: '/slow/get' },
  { target: '/slow/head', method: 'HEAD' },
  { target: '/slow/post', method: 'POST', headers: SAME_SITE, body: 'a=b' },
  { target: '/slow/upgrade', headers: { ...SAME_SITE, connection: 'Upgrade', upgrade: 'websocket' } },
];

for (const [name, host] of Object.entries(EVERY_HOST)) {
  test(`${name}: a request for an answer alone is handed to nobody once its client has gone`, async () => {
    const slow = new SlowState();
    const { server, port, stop } = await host({
      state: slow.state,
      routes: { '/slow/**': { limit: '100/minute' } },
    });
    const seen: (string | undefined)[] = [];
    const open = new Set<Duplex>();
    server.on('connection', (socket: Socket) => {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
    });
    server.prependListener('request', ({ url }: IncomingMessage) => void seen.push(url));
    server.on('upgrade', ({ url }: IncomingMessage, socket: Duplex) => {
      seen.push(url);
      socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    });
    try {
      for (const request of GONE) {
        const before = slow.asked;
        const socket = connect(port, '127.0.0.1');
        socket.write(writeRequest(request));
        await until('the store is asked', () => slow.asked > before);
        socket.resetAndDestroy();
        await until('the client is gone', () => open.size === 0);
        slow.answer();
      }
      const before = slow.asked;
      const answer = ask(port, { target: '/slow/last' });
      await until('the store is asked', () => slow.asked > before);
      slow.answer();
      await answer;
      // What changes something is carried out all the same, as where no store is asked.
      assert.deepEqual(seen, ['/slow/post', '/slow/last']);
    } finally {
      await stop();
    }
  });
}
