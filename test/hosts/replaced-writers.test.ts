/**
 * Answers that the layer has replaced while their handler was at work on a long one: whoever writes it learns of it, stops
 * reading, and lets go of its source. Each by the means of its framework.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  createReadStream,
  type ReadStream,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { createAdaptorServer } from '@hono/node-server';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { stream } from 'hono/streaming';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { bulwark as honoBulwark } from '../../src/adapters/hono.ts';
import { bulwark as nodeBulwark } from '../../src/adapters/node.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { listening } from '../support/listening.ts';
import { openSocket, writeRequest } from '../../src/testing/wire.ts';
import { until } from '../support/until.ts';
import { testPolicy } from './hosts.ts';

const LARGE = 200 * 1024 * 1024;
const MOST_READ = 2 * 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), 'bulwark-replaced-'));
const FILE = join(folder, 'large');

before(() => {
  writeFileSync(FILE, '');
  truncateSync(FILE, LARGE);
});
after(() => rmSync(folder, { recursive: true }));

/** The sources of an answer, and what its writer was told. */
interface Seen {
  readonly files: ReadStream[];
  failed: string;
}

type Start = (policy: PolicyOptions, seen: Seen) => Server | Promise<Server>;

function source({ files }: Seen): Readable {
  const file = createReadStream(FILE);
  files.push(file);
  return file;
}

function webSource(seen: Seen): ReadableStream {
  return Readable.toWeb(source(seen)) as ReadableStream;
}

async function* pieces(seen: Seen): AsyncGenerator<Uint8Array> {
  for await (const piece of source(seen)) yield piece as Buffer;
}

type Write = (response: ServerResponse, seen: Seen) => Promise<unknown>;

const WRITERS: Readonly<Record<string, Write>> = {
  pipeline: (response, seen) => pipeline(source(seen), response),
  'a pipeline of an async generator': (response, seen) => pipeline(() => pieces(seen), response),
  'a pipeline that begins when the answer is out': async (response, seen) => {
    response.end('at /srv/app');
    await once(response, 'close');
    await pipeline(() => pieces(seen), response);
  },
  'a pipe that is given up when its response closes': async (response, seen) => {
    const file = source(seen);
    file.pipe(response);
    response.on('close', () => file.destroy());
    await once(file, 'close');
  },
  'a loop that waits for drain': async (response, seen) => {
    for await (const piece of pieces(seen)) if (!response.write(piece)) await once(response, 'drain');
    response.end();
  },
  'a loop that waits for callbacks': async (response, seen) => {
    const write = promisify((piece: Uint8Array, done: (error?: Error | null) => void) =>
      response.write(piece, done),
    );
    for await (const piece of pieces(seen)) await write(piece);
    response.end();
  },
};

async function noting(seen: Seen, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    seen.failed = String((error as { code?: unknown }).code);
    throw error;
  }
}

const onNode =
  (write: Write): Start =>
  (policy, seen) => {
    const layer = nodeBulwark(policy);
    const handler = layer.handler((_request: IncomingMessage, response: ServerResponse) => {
      response.statusCode = 500;
      return noting(seen, write(response, seen));
    });
    return layer.createServer(handler);
  };

const onExpress =
  (answer: (response: express.Response, seen: Seen) => unknown): Start =>
  (policy, seen) => {
    const layer = expressBulwark(policy);
    const app = express();
    app.set('env', 'test');
    app.use(layer);
    app.use((_request, response) => answer(response.status(500), seen));
    return layer.createServer(app);
  };

const onFastify =
  (body: (seen: Seen) => unknown): Start =>
  async (policy, seen) => {
    const layer = fastifyBulwark(policy);
    const app = Fastify({ serverFactory: layer.serverFactory });
    app.get('/', (_request, reply) => reply.code(500).send(body(seen)));
    await app.ready();
    return app.server;
  };

const onHono =
  (build: (app: Hono, seen: Seen) => void): Start =>
  (policy, seen) => {
    const layer = honoBulwark(policy);
    const app = new Hono();
    build(app, seen);
    return createAdaptorServer({ fetch: app.fetch, createServer: layer.createServer }) as Server;
  };

const CASES: Readonly<Record<string, Start>> = {
  ...Object.fromEntries(
    Object.entries(WRITERS).map(([name, write]) => [`node:http, ${name}`, onNode(write)]),
  ),
  'Express, res.sendFile': onExpress((response) => response.sendFile(FILE)),
  'Express, res.download': onExpress((response) => response.download(FILE)),
  'Express, pipeline': onExpress((response, seen) => noting(seen, pipeline(source(seen), response))),
  'Fastify, a stream': onFastify(source),
  'Fastify, a stream of the web': onFastify(webSource),
  'Fastify, a Response': onFastify((seen) => new Response(webSource(seen), { status: 500 })),
  'Hono, a stream of the web': onHono((app, seen) => {
    app.get('/', (context) => context.body(webSource(seen), 500));
  }),
  'Hono, stream()': onHono((app, seen) => {
    app.get('/', (context) => {
      context.status(500);
      return stream(context, async (out) => {
        for await (const piece of pieces(seen)) {
          if (out.aborted) break;
          await out.write(piece);
        }
      });
    });
  }),
};

function isOpen(): boolean {
  return readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === FILE;
    } catch {
      // Closed since it was listed.
      return false;
    }
  });
}

describe('a writer whose answer was replaced reads no further, and lets go of its source', () => {
  for (const [name, start] of Object.entries(CASES))
    test(name, async () => {
      const events: AuditEvent[] = [];
      const seen: Seen = { files: [], failed: '' };
      const server = await start(testPolicy(events), seen);
      await listening(server, async (port) => {
        const { socket, received } = await openSocket(port);
        // Kept open: what ends the source is the answer, not the end of its connection.
        socket.write(writeRequest({ headers: { connection: 'keep-alive' } }));
        await until('it is answered', () => received().includes('"status":500'));
        await until('the file is closed', () => !isOpen());
        for (const { bytesRead } of seen.files) assert.ok(bytesRead < MOST_READ, `${bytesRead} were read`);
        assert.ok(['', 'ERR_BULWARK_ANSWER_REPLACED'].includes(seen.failed), seen.failed);
        const crashes = events.filter(({ event, guard }) => event === 'sys_crash' && guard !== 'errors');
        assert.deepEqual(crashes, []);
        socket.destroy();
      });
    });
});
