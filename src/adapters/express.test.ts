import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import express from 'express';
import { testPolicy } from '../../test/hosts/hosts.ts';
import { listening } from '../../test/support/listening.ts';
import { ask, type RawAnswer } from '../testing/wire.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import { bulwark } from './express.ts';

const FORM = {
  method: 'POST',
  target: '/login',
  headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' },
  body: 'email=ann@example.com',
} as const;

/** Posts a form to an application whose body parser stands where `order` has it, on a server that Node.js made. */
async function post(
  order: 'parser first' | 'layer first',
): Promise<{ answer: RawAnswer; events: AuditEvent[] }> {
  const events: AuditEvent[] = [];
  const layer = bulwark(testPolicy(events));
  const app = express();
  app.set('env', 'test');
  const parser = express.urlencoded({ extended: false });
  if (order === 'parser first') app.use(parser, layer);
  else app.use(layer, parser);
  app.post('/login', (request, response) => void response.json(request.body));
  // Wrapped: a server whose listener is the application is found as it listens, and judged before any parser.
  const server = createServer((request, response) => app(request, response));
  const answer = await listening(
    server,
    async (port) => ask(port, FORM),
    async () => layer.close(),
  );
  return { answer, events };
}

test('a body parser before the layer is told as that, and is no fault of whoever sent the form', async () => {
  const { answer, events } = await post('parser first');
  assert.equal(answer.status, 500);
  const told = events.filter(({ details }) => details?.['code'] === 'ERR_BULWARK_BODY_READ');
  assert.deepEqual(
    told.map(({ event }) => event),
    ['sys_misconfigured'],
  );
  assert.match(String(told[0]?.details?.['message']), /mount the layer before every body parser/);
  assert.ok(!events.some(({ event }) => event === 'input_validation_fail'));
});

test('a body parser behind the layer finds the form whole, and nothing is told', async () => {
  const { answer, events } = await post('layer first');
  assert.deepEqual([answer.status, JSON.parse(answer.body)], [200, { email: 'ann@example.com' }]);
  assert.ok(!events.some(({ details }) => details?.['code'] === 'ERR_BULWARK_BODY_READ'));
});

test('a template finds the view of its request, and no other, as res.locals.bulwark', async () => {
  const layer = bulwark(testPolicy([]));
  const app = express();
  app.use(layer);
  app.get('/', (request, response) => {
    const view = bulwark.of(request);
    const { bulwark: found } = response.locals;
    response.json({ same: found === view, nonce: view.nonce });
  });
  const server = layer.createServer(app);
  await listening(
    server,
    async (port) => {
      const headers = { host: 'example.com', 'x-forwarded-proto': 'https' };
      const bodies: { same: boolean; nonce: string }[] = [];
      for (let index = 0; index < 2; index += 1) {
        bodies.push(JSON.parse((await ask(port, { headers })).body) as (typeof bodies)[number]);
      }
      assert.deepEqual(
        bodies.map(({ same }) => same),
        [true, true],
      );
      assert.notEqual(bodies[0]?.nonce, bodies[1]?.nonce);
    },
    async () => layer.close(),
  );
});
