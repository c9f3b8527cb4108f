import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { until } from '../../test/support/until.ts';
import type { FileAnswer } from '../files/serving/file-answer.ts';
import { sendFile } from './send-file.ts';

const ANSWER: FileAnswer = { status: 200, headers: [], from: 0, to: 2 };

/** A file that is open from its first piece on. */
function openFile(first: () => Promise<void> = () => Promise.resolve()) {
  const file = { isOpen: false, wasOpen: false };
  const read = async function* (): AsyncGenerator<Uint8Array, void, void> {
    file.isOpen = true;
    file.wasOpen = true;
    try {
      await first();
      yield Buffer.from('a');
      yield Buffer.from('b');
    } finally {
      file.isOpen = false;
    }
  };
  return { file, read };
}

/** Asks, goes as soon as it is told to, and hands over what came of sending. */
async function asking(
  send: (response: ServerResponse, leave: () => Promise<void>) => Promise<unknown>,
): Promise<void> {
  const sent = Promise.withResolvers<unknown>();
  const server = createServer((_request, response) => {
    const leave = async (): Promise<void> => {
      client.destroy();
      await until('the response is closed', () => response.destroyed);
    };
    send(response, leave).then(sent.resolve, sent.reject);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => undefined);
  client.write('GET / HTTP/1.1\r\nHost: example.com\r\n\r\n');
  try {
    await sent.promise;
  } finally {
    client.destroy();
    server.close();
  }
}

test('a client that left before the first byte leaves no file open', async () => {
  await asking(async (response, leave) => {
    const { file, read } = openFile(leave);
    assert.equal(await sendFile(response, ANSWER, read, () => undefined), undefined);
    assert.deepEqual(file, { isOpen: false, wasOpen: true });
  });
});

test('a framework that fails as it is told leaves no file open, and its error is handed on', async () => {
  await asking(async (response) => {
    const { file, read } = openFile();
    const fails = (): void => {
      throw new Error('answered already');
    };
    await assert.rejects(sendFile(response, ANSWER, read, fails), /answered already/);
    assert.deepEqual(file, { isOpen: false, wasOpen: true });
  });
});
