/** Handlers that fail in every way there is: the process lives, the answer is the one we state. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import express from 'express';
import { bulwark } from '../../src/adapters/express.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { hasTheHeaders } from '../../src/testing/hosts/cases.ts';
import { listen, testPolicy } from '../hosts/hosts.ts';
import { parseAnswer, type RawAnswer } from '../../src/testing/wire.ts';
import {
  connectionsOf,
  countAnswers,
  type Handle,
  othersAreServed,
  pause,
  RawClient,
  UNLIMITED,
  withServer,
} from './support.ts';
import { until } from '../support/until.ts';

const POLICY = { rateLimit: UNLIMITED };
const SECRET = 'the database password is hunter2';

/** A handler for `/fail`; everything else is served. */
function failing(fail: Handle): Handle {
  return (request, response, view) =>
    request.url === '/fail' ? fail(request, response, view) : response.end('fine');
}

/** What comes of one request to `/fail`, on node:http and on Express, which has error handling of its own. */
async function whatComesOf(
  fail: Handle,
  look: (received: string, events: AuditEvent[]) => void,
): Promise<void> {
  await withServer(POLICY, failing(fail), async ({ port, events }) => {
    look(await receive(port), events);
    await othersAreServed(port);
  });
  const events: AuditEvent[] = [];
  const layer = bulwark(testPolicy(events, POLICY));
  const app = express();
  app.set('env', 'test');
  app.use(layer);
  app.use((request, response) => failing(fail)(request, response, bulwark.of(request)));
  const running = await listen(layer, layer.createServer(app), events);
  try {
    look(await receive(running.port), events);
    await othersAreServed(running.port);
  } finally {
    await running.stop();
  }
}

async function receive(port: number): Promise<string> {
  const client = await RawClient.open(port);
  client.request({ target: '/fail' });
  await client.closed;
  // What a handler does after its answer has time to go wrong.
  await pause(20);
  return client.received;
}

function answerIn(received: string): RawAnswer {
  assert.equal(countAnswers(received), 1, received);
  const answer = parseAnswer(Buffer.from(received, 'latin1'));
  hasTheHeaders(answer);
  assert.ok(!received.includes('hunter2'));
  return answer;
}

const PLAIN_500: readonly (readonly [name: string, fail: Handle])[] = [
  [
    'throws',
    () => {
      throw new Error(SECRET);
    },
  ],
  ['rejects', () => Promise.reject(new Error(SECRET))],
  [
    'rejects later',
    async () => {
      await pause(5);
      throw new Error(SECRET);
    },
  ],
  [
    'throws what is no error',
    () => {
      // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error
      throw SECRET;
    },
  ],
  [
    'throws after it set headers',
    (_request, response) => {
      response.setHeader('Set-Cookie', 'half=1');
      response.setHeader('Content-Length', '5');
      response.setHeader('Location', '/elsewhere');
      throw new Error(SECRET);
    },
  ],
  [
    'sets a header that cannot be one',
    (_request, response) => {
      response.setHeader('X-Split', `a\r\nSet-Cookie: planted=1`);
      response.end();
    },
  ],
  [
    'writes a head that cannot be one',
    (_request, response) => {
      response.writeHead(200, { 'X-Split': 'a\r\nb' });
      response.end();
    },
  ],
  [
    'gives a reason that cannot be one',
    (_request, response) => {
      response.writeHead(200, 'a\r\nSet-Cookie: planted=1');
      response.end();
    },
  ],
  [
    'sets a reason that cannot be one',
    (_request, response) => {
      response.statusMessage = 'a\r\nSet-Cookie: planted=1';
      response.end('x');
    },
  ],
  [
    'answers with a status that is none',
    (_request, response) => {
      response.writeHead(99);
      response.end();
    },
  ],
];

for (const [name, fail] of PLAIN_500) {
  test(`v5.0.0-16.5.4 a handler that ${name} becomes a plain 500`, async () => {
    await whatComesOf(fail, (received) => {
      const answer = answerIn(received);
      assert.equal(answer.status, 500);
      assert.match(answer.body, /urn:bulwark:problem:internal-error/);
      for (const gone of ['half=1', 'planted', '/elsewhere', SECRET]) assert.ok(!received.includes(gone));
    });
  });
}

test('a handler that throws after the head was sent: the answer is cut, and looks cut', async () => {
  await whatComesOf(
    (_request, response) => {
      response.write('the first half');
      throw new Error(SECRET);
    },
    (received) => {
      assert.ok(countAnswers(received) <= 1);
      assert.ok(!received.includes('hunter2') && !received.endsWith('0\r\n\r\n'), received);
    },
  );
});

test('a handler that throws after its answer: the answer stands, the error is in the log', async () => {
  await withServer(
    POLICY,
    (_request, response) => {
      response.end('whole');
      throw new Error(SECRET);
    },
    async ({ port, events }) => {
      const answer = answerIn(await receive(port));
      assert.equal(answer.status, 200);
      assert.equal(answer.body, 'whole');
      assert.equal(events.filter(({ event }) => event === 'sys_crash').length, 1);
    },
  );
});

test('a handler that answers twice: the first one counts', async () => {
  const twice: readonly Handle[] = [
    (_request, response) => {
      response.end('first');
      response.end('second');
    },
    (_request, response) => {
      response.writeHead(200).end('first');
      response.writeHead(404).end('second');
    },
    (_request, response) => {
      response.end('first');
      response.setHeader('X-Late', '1');
    },
  ];
  for (const handle of twice) {
    await whatComesOf(handle, (received) => {
      const answer = answerIn(received);
      assert.equal(answer.status, 200);
      assert.equal(answer.body, 'first');
    });
  }
});

test('a handler that writes on after its end does not end the process', async () => {
  await whatComesOf(
    (_request, response) => {
      response.end('whole');
      response.write('more');
      setImmediate(() => response.write('and more'));
    },
    (received, events) => {
      assert.equal(answerIn(received).body, 'whole');
      assert.ok(events.some(({ event }) => event === 'sys_crash'));
    },
  );
});

test('nor does one that writes on after its answer was replaced', async () => {
  await whatComesOf(
    (_request, response) => {
      response.statusCode = 500;
      response.write(SECRET);
      setImmediate(() => {
        response.write(SECRET);
        response.end(SECRET);
        response.write(SECRET);
      });
    },
    (received) => assert.equal(answerIn(received).status, 500),
  );
});

test('a handler that never answers holds its own client and nobody else, until that client goes', async () => {
  let arrived = 0;
  await withServer(
    POLICY,
    failing(() => {
      arrived += 1;
      return new Promise(() => undefined);
    }),
    async ({ port, server }) => {
      const waiting = await Promise.all(Array.from({ length: 50 }, () => RawClient.open(port)));
      for (const client of waiting) client.request({ target: '/fail' });
      await until('all wait', () => arrived === 50);
      await othersAreServed(port);
      for (const client of waiting) client.reset();
      await until('all are gone', async () => (await connectionsOf(server)) === 0);
    },
  );
});

test('a handler that destroys the socket under its answer harms nobody else', async () => {
  await whatComesOf(
    (request, response) => {
      response.write('half');
      request.socket.destroy();
      response.write('more');
      response.end('end');
    },
    (received) => assert.ok(countAnswers(received) <= 1),
  );
});
