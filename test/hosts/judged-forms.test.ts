/** Forms that the layer has looked through: what the handler behind it gets of good ones, and of bad ones, on every host. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, openSocket, parseAnswer, writeRequest } from '../../src/testing/wire.ts';
import { until } from '../support/until.ts';
import { WITH_WEB } from './every-host.ts';

const HEADERS = { 'sec-fetch-site': 'same-origin', 'content-type': 'multipart/form-data; boundary=b' };
const POST = { method: 'POST', target: '/read', headers: HEADERS };

const file = (bytes: string, name = 'name="f"; filename="a"'): string =>
  `--b\r\nContent-Disposition: form-data; ${name}\r\nContent-Type: text/plain\r\n\r\n${bytes}\r\n`;
const END = '--b--\r\n';
const TWO_NAMES = 'name="f"; filename="a"; filename="b"';
/** More than is read ahead. */
const MUCH = 'some bytes '.repeat(25_000);

const chunked = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

for (const [name, host] of Object.entries(WITH_WEB)) {
  // Behind the gateway a form has another boundary.
  const seenOf = (text: string): string => text.replaceAll(/bulwark[\w-]{22}/g, 'b');

  test(`v5.0.0-1.5.3 ${name}: the handler reads the form that was judged, by length and in chunks, small and large`, async () => {
    const { port, stop } = await host({});
    try {
      for (const body of [file('small') + END, file(MUCH) + file('another') + END]) {
        const whole = await ask(port, { ...POST, body });
        assert.equal(whole.status, 200);
        assert.ok(seenOf((JSON.parse(whole.body) as { read: string }).read) === body);
        const half = Math.floor(body.length / 2);
        const inChunks = await ask(port, {
          ...POST,
          headers: { ...HEADERS, 'transfer-encoding': 'chunked' },
          body: `${chunked(body.slice(0, half))}${chunked(body.slice(half))}0\r\n\r\n`,
        });
        assert.ok(seenOf(inChunks.body) === seenOf(whole.body));
      }
    } finally {
      await stop();
    }
  });

  test(`v5.0.0-1.5.3 ${name}: a form that readers disagree on is answered in place of the handler, small and large, by length and in chunks`, async () => {
    const { port, stop, events } = await host({});
    try {
      const faulty = [file('x', TWO_NAMES) + END, file(MUCH) + file('x', TWO_NAMES) + END, file(MUCH)];
      for (const body of faulty) {
        const refused = await ask(port, { ...POST, body });
        assert.equal(refused.status, 400);
        assert.match(refused.body, /invalid-form/);
        const inChunks = await ask(port, {
          ...POST,
          headers: { ...HEADERS, 'transfer-encoding': 'chunked' },
          body: `${chunked(body)}0\r\n\r\n`,
        });
        assert.equal(inChunks.status, 400);
      }
      const told = events.filter((event) => event.guard === 'uploads');
      assert.equal(told.length, faulty.length * 2);
      assert.ok(told.every((event) => event.event === 'input_validation_fail'));
    } finally {
      await stop();
    }
  });

  test(`v5.0.0-1.5.3 ${name}: a large form is answered at its first faulty byte, however much of it is still to come`, async () => {
    const { port, stop, events } = await host({});
    try {
      const start = file(MUCH);
      const { socket, received, closed } = await openSocket(port);
      const headers = { ...HEADERS, 'content-length': '900000', connection: 'keep-alive' };
      socket.write(writeRequest({ ...POST, headers }) + start);
      // No end of it comes: what answers is the layer, at the first byte that is wrong.
      socket.write(file('x', TWO_NAMES));
      await closed;
      assert.equal(parseAnswer(Buffer.from(received())).status, 400);
      await until('it is told', () => events.some((event) => event.details?.['fault'] === 'disposition'));
    } finally {
      await stop();
    }
  });

  test(`${name}: in observe every form comes through as it is, and what would be refused is told once`, async () => {
    const { port, stop, events } = await host({ uploads: { mode: 'observe' } });
    try {
      for (const body of [file('x', TWO_NAMES) + END, file(MUCH) + file('x', TWO_NAMES) + file(MUCH) + END]) {
        const answer = await ask(port, { ...POST, body });
        assert.ok((JSON.parse(answer.body) as { read: string }).read === body);
      }
      const told = events.filter((event) => event.guard === 'uploads');
      assert.deepEqual(
        told.map((event) => event.details?.['observed']),
        [true, true],
      );
    } finally {
      await stop();
    }
  });

  test(`${name}: a client that leaves in the middle of its form leaves a host that answers the next`, async () => {
    const { port, stop, events } = await host({});
    try {
      for (const start of ['', file('small'), file(MUCH)]) {
        const { socket } = await openSocket(port);
        socket.write(writeRequest({ ...POST, headers: { ...HEADERS, 'content-length': '900000' } }) + start);
        await new Promise(setImmediate);
        socket.destroy();
        assert.equal((await ask(port, { ...POST, body: file('next') + END })).status, 200);
      }
      assert.ok(!events.some((event) => event.guard === 'uploads'));
    } finally {
      await stop();
    }
  });
}
