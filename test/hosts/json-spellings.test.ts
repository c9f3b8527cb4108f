/** Whatever real parsers take for JSON has been judged before they read it, however its type is spelled. */
import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { test } from 'node:test';
import express from 'express';
import Fastify from 'fastify';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { exchangeBytes, parseAnswer, type RawAnswer, writeRequest } from '../../src/testing/wire.ts';
import { listening } from '../support/listening.ts';
import { WITH_WEB } from './every-host.ts';
import { testPolicy } from './hosts.ts';

const TWICE = '{"role":"member","role":"operator"}';
const SPELLINGS = [
  'application/json',
  'Application/JSON ; a=b',
  '\u00a0application/json',
  'application/json\u00a0',
  `application/${'a'.repeat(120)}+json`,
  "application/a'b+json",
  'application/+json',
  'text/x-json',
];
/** In UTF-8 these are two names; in UTF-7 it is one that is there twice, or that of a prototype. */
const UTF_7 = ['{"role":"member","+AHI-ole":"operator"}', '{"+AF8AXw-proto+AF8AXw-":{"admin":true}}'];

/** As one byte a character: a no-break space is one on the wire. */
async function post(port: number, type: string, body: string): Promise<RawAnswer> {
  const request = writeRequest({
    method: 'POST',
    target: '/read',
    headers: { 'sec-fetch-site': 'same-origin', 'content-type': type },
    body,
  });
  return parseAnswer(await exchangeBytes(port, Buffer.from(request, 'latin1')));
}

for (const [name, host] of Object.entries(WITH_WEB)) {
  test(`v5.0.0-1.5.3 ${name}: a body is judged by whatever name parsers know JSON`, async () => {
    const { port, stop } = await host({});
    try {
      for (const type of SPELLINGS) {
        const { status, body } = await post(port, type, TWICE);
        assert.deepEqual([status, body.includes('invalid-json')], [400, true], type);
        assert.equal((await post(port, type, '{"role":"member"}')).status, 200, type);
      }
      for (const body of UTF_7) {
        assert.equal((await post(port, 'application/json; charset=utf-7', body)).status, 400, body);
      }
    } finally {
      await stop();
    }
  });
}

/** Applications that read JSON as their frameworks do: for each, the names that were in a body. */
const PARSERS: Readonly<Record<string, () => Promise<{ server: Server; close: () => Promise<void> }>>> = {
  'Express and its parser': async () => {
    const layer = expressBulwark(testPolicy([]));
    const app = express();
    app.set('env', 'test');
    app.use(layer, express.json({ type: ['application/json', '+json', '*/x-json'] }));
    app.post('/read', (request, response) => void response.json({ body: request.body as unknown }));
    return await Promise.resolve({
      server: layer.createServer(app),
      close: async () => layer.close(),
    });
  },
  'Fastify and its parser': async () => {
    const layer = fastifyBulwark(testPolicy([]));
    const app = Fastify({ serverFactory: layer.serverFactory });
    app.post('/read', (request) => ({ body: request.body }));
    await app.ready();
    return {
      server: app.server,
      close: async () => {
        await app.close();
        await layer.close();
      },
    };
  },
};

for (const [name, start] of Object.entries(PARSERS)) {
  test(`v5.0.0-1.5.3 ${name}: nothing that can be read two ways comes in, in any spelling or charset`, async () => {
    const { server, close } = await start();
    await listening(
      server,
      async (port) => {
        const read = await post(port, 'application/json', '{"role":"member"}');
        assert.equal(read.body, '{"body":{"role":"member"}}');
        for (const type of SPELLINGS) {
          const { status, body } = await post(port, type, TWICE);
          assert.ok(status >= 400 && !body.includes('operator'), `${type}: ${status} ${body}`);
        }
        for (const sent of UTF_7) {
          const { status, body } = await post(port, 'application/json; charset=utf-7', sent);
          assert.ok(status >= 400, `${status} ${body}`);
        }
      },
      close,
    );
  });
}
