import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { definePermissions } from '../controls/access/permissions.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import { testPolicy } from '../../test/hosts/hosts.ts';
import { ask, openSocket, writeRequest } from '../testing/wire.ts';
import { bulwark, type NodeHandler } from './node.ts';

/** Serves one handler, and returns the events of what `visit` does to it. */
async function eventsOf(
  handle: NodeHandler,
  visit: (port: number) => Promise<unknown>,
): Promise<readonly string[]> {
  const events: AuditEvent[] = [];
  const layer = bulwark(testPolicy(events, { body: { limit: '1KB' } }));
  const server = layer.createServer(layer.handler(handle));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    await visit((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    server.close();
    await layer.close();
  }
  return events.map(({ event }) => event).filter((event) => !/^sys_(?:startup|shutdown)$/.test(event));
}

const POST = { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } };

test('what a handler throws is a crash in the log, and a plain 500 to whoever asked', async () => {
  const events = await eventsOf(
    () => {
      throw new Error('hunter2');
    },
    async (port) => {
      const answer = await ask(port, {});
      assert.equal(answer.status, 500);
      assert.ok(!answer.body.includes('hunter2'));
    },
  );
  assert.ok(events.includes('sys_crash'));
});

const permissions = definePermissions({ 'paper:read': () => true });

test('a refusal that a handler caught does not hide what it fails of afterwards', async () => {
  const events = await eventsOf(
    (request) => {
      assert.throws(() => permissions.require(bulwark.of(request), 'paper:read'));
      throw new Error('the disk is full');
    },
    async (port) => assert.equal((await ask(port, {})).status, 500),
  );
  assert.deepEqual([...new Set(events)], ['authz_fail', 'sys_crash']);
});

test('a refusal in the middle of an answer cuts it, and is no crash', async () => {
  const events = await eventsOf(
    (request, response) => {
      response.write('half');
      permissions.require(bulwark.of(request), 'paper:read');
    },
    (port) => assert.rejects(ask(port, {})),
  );
  assert.deepEqual(events, ['authz_fail']);
});

test('a client that goes away in the middle of its body is no crash, and nobody is woken up', async () => {
  const failed = Promise.withResolvers<void>();
  const events = await eventsOf(
    async (request) => {
      try {
        for await (const _ of request);
      } finally {
        failed.resolve();
      }
    },
    async (port) => {
      const { socket } = await openSocket(port);
      socket.write(writeRequest({ ...POST, headers: { ...POST.headers, 'content-length': '100' } }));
      socket.write('half');
      setTimeout(() => socket.destroy(), 20);
      await failed.promise;
    },
  );
  assert.ok(!events.includes('sys_crash'));
});

test('a chunked body that is too large is a refusal in the log, and no crash', async () => {
  const events = await eventsOf(
    async (request, response) => {
      for await (const _ of request);
      response.end('read');
    },
    async (port) => {
      const headers = { ...POST.headers, 'transfer-encoding': 'chunked' };
      const body = `800\r\n${'a'.repeat(2048)}\r\n0\r\n\r\n`;
      assert.equal((await ask(port, { ...POST, headers, body })).status, 413);
    },
  );
  assert.deepEqual(
    events.filter((event) => event === 'sys_crash'),
    [],
  );
  assert.equal(events.length, 1);
});

test('of() asks for the layer where there is none', async () => {
  const server = createServer((request, response) => {
    try {
      bulwark.of(request);
    } catch (error) {
      response.end((error as { code?: string }).code);
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { body } = await ask((server.address() as AddressInfo).port, {});
  server.close();
  assert.ok(body.includes('ERR_BULWARK_NOT_PROTECTED'));
});
