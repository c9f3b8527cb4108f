/** Routes that say what they take, by schemas of three libraries, on every host and behind its own body parser. */
import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { describe, test } from 'node:test';
import { createAdaptorServer } from '@hono/node-server';
import { type } from 'arktype';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import * as v from 'valibot';
import { z } from 'zod';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { bulwark as honoBulwark } from '../../src/adapters/hono.ts';
import {
  formFaults,
  type InputFault,
  type InputShapes,
  route,
  type StandardSchema,
} from '../../src/adapters/input.ts';
import { bulwark as nodeBulwark } from '../../src/adapters/node.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { ask, type RawAnswer, type RawRequest } from '../../src/testing/wire.ts';
import { listening } from '../support/listening.ts';
import { testPolicy } from './hosts.ts';

/** Serves one route, `POST /notes/:id`, which answers with what it was given. */
type Serve = (policy: PolicyOptions, shapes: InputShapes) => Server | Promise<Server>;

const HOSTS: Readonly<Record<string, Serve>> = {
  'node:http': (policy, shapes) => {
    const layer = nodeBulwark(policy);
    const notes = route(shapes, (input, _request: object, response: { end: (text: string) => void }) =>
      response.end(JSON.stringify(input)),
    );
    return layer.createServer(
      layer.handler((request, response) =>
        notes(Object.assign(request, { params: { id: request.url?.split(/[/?]/)[2] } }), response),
      ),
    );
  },
  'Express, without a parser': (policy, shapes) => expressWith([], policy, shapes),
  'Express, behind its parsers': (policy, shapes) =>
    expressWith([express.json(), express.urlencoded({ extended: false })], policy, shapes),
  Fastify: async (policy, shapes) => {
    const layer = fastifyBulwark(policy);
    const app = Fastify({ serverFactory: layer.serverFactory });
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string' },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body as string))),
    );
    app.post(
      '/notes/:id',
      route(shapes, (input, _request: object, _reply: object) => input),
    );
    await app.ready();
    return app.server;
  },
  'Fastify, without a parser': async (policy, shapes) => {
    const layer = fastifyBulwark(policy);
    const app = Fastify({ serverFactory: layer.serverFactory });
    app.addContentTypeParser('application/x-www-form-urlencoded', (_request, _payload, done) => done(null));
    app.post(
      '/notes/:id',
      route(shapes, (input, _request: object, _reply: object) => input),
    );
    await app.ready();
    return app.server;
  },
  Hono: (policy, shapes) => {
    const layer = honoBulwark(policy);
    const app = new Hono();
    app.post(
      '/notes/:id',
      route(shapes, (input, context: { json: (value: object) => Response }) => context.json(input)),
    );
    return createAdaptorServer({ fetch: app.fetch, createServer: layer.createServer }) as Server;
  },
};

function expressWith(
  parsers: readonly express.RequestHandler[],
  policy: PolicyOptions,
  shapes: InputShapes,
): Server {
  const layer = expressBulwark(policy);
  const app = express();
  app.set('env', 'test');
  app.use(layer, ...parsers);
  app.post(
    '/notes/:id',
    route(
      shapes,
      (input, _request: express.Request, response: express.Response, _next: express.NextFunction) =>
        response.json(input),
    ),
  );
  return layer.createServer(app);
}

/** The same note, as each library says it. */
const NOTES: Readonly<Record<string, NonNullable<InputShapes['body']>>> = {
  zod: z.object({ title: z.string().max(10), stars: z.number().int().optional() }),
  valibot: v.object({
    title: v.pipe(v.string(), v.maxLength(10)),
    stars: v.optional(v.pipe(v.number(), v.integer())),
  }),
  arktype: type({ title: 'string <= 10', 'stars?': 'number.integer' }),
};

const POST: RawRequest = {
  method: 'POST',
  target: '/notes/7',
  headers: {
    'sec-fetch-site': 'same-origin',
    'content-type': 'application/json',
    accept: 'application/json',
  },
};

interface Problem {
  readonly type: string;
  readonly errors?: readonly InputFault[];
}

function problemOf({ body }: RawAnswer): Problem {
  return JSON.parse(body) as Problem;
}

for (const [host, serve] of Object.entries(HOSTS)) {
  describe(`input on ${host}`, () => {
    const withRoute = async (
      shapes: InputShapes,
      use: (
        send: (body: string, request?: Partial<RawRequest>) => Promise<RawAnswer>,
        events: readonly AuditEvent[],
      ) => Promise<void>,
      policy: PolicyOptions = {},
    ): Promise<void> => {
      const events: AuditEvent[] = [];
      const server = await serve(testPolicy(events, policy), shapes);
      await listening(server, (port) =>
        use((body, request) => ask(port, { ...POST, ...request, body }), events),
      );
    };

    for (const [library, body] of Object.entries(NOTES)) {
      test(`v5.0.0-2.2.1 ${library}: the handler gets what fits, and is not called for anything else`, async () => {
        await withRoute({ body }, async (send, events) => {
          const good = await send('{"title":"a note","stars":3}');
          assert.equal(good.status, 200, good.body);
          assert.deepEqual(JSON.parse(good.body), { body: { title: 'a note', stars: 3 } });
          const bad = await send('{"title":"hunter2 and more","stars":"many"}');
          assert.equal(bad.status, 422);
          const { type: kind, errors = [] } = problemOf(bad);
          assert.equal(kind, 'urn:bulwark:problem:invalid-input');
          assert.deepEqual(errors.map((one) => `${one.in}${one.pointer}`).sort(), [
            'body/stars',
            'body/title',
          ]);
          assert.ok(!bad.body.includes('hunter2') && !bad.body.includes('many'), bad.body);
          const { details } = events.find((one) => one.event === 'input_validation_fail') ?? {};
          assert.deepEqual([...((details?.['at'] ?? []) as string[])].sort(), ['body/stars', 'body/title']);
          assert.ok(!JSON.stringify(events).includes('hunter2'));
        });
      });

      test(`v5.0.0-15.3.3 ${library}: a field that the schema does not name is refused, and nobody's console is filled by it`, async (t) => {
        const printed = t.mock.method(console, 'error', () => undefined);
        await withRoute({ body }, async (send) => {
          const answer = await send('{"title":"a","role":"operator"}');
          assert.equal(answer.status, 422);
          assert.deepEqual(problemOf(answer).errors, [
            { in: 'body', pointer: '/role', detail: 'There is no field of this name.' },
          ]);
        });
        assert.deepEqual(printed.mock.calls, []);
      });
    }

    test('query and parameters have their schemas too, and everything wrong is told at once', async () => {
      const shapes = {
        body: z.object({ title: z.string() }),
        query: z.object({ tag: z.array(z.string().max(3)), page: z.coerce.number().int().optional() }),
        params: z.object({ id: z.coerce.number().int() }),
        lists: ['tag'],
      };
      await withRoute(shapes, async (send) => {
        const good = await send('{"title":"a"}', { target: '/notes/7?tag=a&tag=b&page=2' });
        assert.deepEqual(JSON.parse(good.body), {
          body: { title: 'a' },
          query: { tag: ['a', 'b'], page: 2 },
          params: { id: 7 },
        });
        const bad = await send('{"title":1}', { target: '/notes/x?tag=long&admin=1' });
        assert.deepEqual(
          problemOf(bad)
            .errors?.map((one) => `${one.in}${one.pointer}`)
            .sort(),
          ['body/title', 'params/id', 'query/admin', 'query/tag/0'],
        );
        const twice = await send('{"title":"a"}', { target: '/notes/7?tag=a&page=1&page=2' });
        assert.deepEqual(problemOf(twice).errors, [
          { in: 'query', pointer: '/page', detail: 'This is there more than once.' },
        ]);
      });
    });

    test('v5.0.0-3.5.2 JSON is taken as JSON and forms as forms, and nothing that a page of another site could send for them', async () => {
      await withRoute({ body: NOTES['zod'] as StandardSchema }, async (send) => {
        for (const kind of [
          'text/plain',
          'application/x-www-form-urlencoded',
          'multipart/form-data; boundary=a',
        ]) {
          const answer = await send('title=a', { headers: { ...POST.headers, 'content-type': kind } });
          assert.ok([400, 415].includes(answer.status), `${kind} is answered ${answer.status}`);
        }
        assert.equal((await send('{"title":"a"}')).status, 200);
      });
      await withRoute({ form: NOTES['zod'] as StandardSchema }, async (send) => {
        const form = await send('title=gr%C3%BC%C3%9Fe+a', {
          headers: { ...POST.headers, 'content-type': 'application/x-www-form-urlencoded' },
        });
        assert.deepEqual(JSON.parse(form.body), { body: { title: 'grüße a' } });
        assert.equal((await send('{"title":"a"}')).status, 415);
      });
    });

    test('a whole number past 2^53 is no other number: it is its text, or refused', async () => {
      await withRoute({ body: z.object({ id: z.string() }) }, async (send) => {
        const answer = await send('{"id":9007199254740993}');
        assert.deepEqual(JSON.parse(answer.body), { body: { id: '9007199254740993' } });
      });
      await withRoute({ body: z.object({ id: z.number() }) }, async (send) => {
        assert.equal((await send('{"id":9007199254740993}')).status, 422);
      });
    });

    test('a page is told in words, with its reasons', async () => {
      await withRoute({ body: NOTES['zod'] as StandardSchema }, async (send) => {
        const page = await send('{"title":1,"<b>":2}', { headers: { ...POST.headers, accept: 'text/html' } });
        assert.equal(page.status, 422);
        assert.match(page.body, /<li><code>title<\/code>: /);
        assert.match(page.body, /<code>&lt;b&gt;<\/code>/);
      });
    });
  });
}

test('a form is shown again with its reasons beside the fields', async () => {
  const layer = nodeBulwark(testPolicy([]));
  const handler = route(
    { form: z.object({ email: z.email(), age: z.coerce.number().min(18) }) },
    (_input, _request: object, response: { end: (text: string) => void }) => response.end('done'),
    {
      invalid: (found, _request, response: { statusCode?: number; end: (text: string) => void }) => {
        const faults = formFaults(found);
        response.statusCode = 422;
        response.end(
          `<input name="email" ${faults.attributes('email')}>${faults.reasons('email')}|${faults.attributes('age')}|`,
        );
      },
    },
  );
  const server = layer.createServer(layer.handler((request, response) => handler(request, response)));
  await listening(server, async (port) => {
    const headers = { ...POST.headers, 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await ask(port, { ...POST, headers, body: 'email=%3Cb%3E&age=20' });
    assert.equal(answer.status, 422);
    assert.match(
      answer.body,
      /<input name="email" aria-invalid="true" aria-describedby="email-fault"><span id="email-fault">[^<]+<\/span>\|\|/,
    );
  });
});
