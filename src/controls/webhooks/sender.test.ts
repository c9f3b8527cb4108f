import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { readSection } from '../../../test/support/read-section.ts';
import { sketchExchange } from '../../../test/support/exchange.ts';
import { until } from '../../../test/support/until.ts';
import { BulwarkError } from '../../core/errors.ts';
import { LAYER_PARTS } from '../../core/layer-parts.ts';
import type { WebhookRule } from '../../core/route-rules.ts';
import {
  type Delivery,
  type DeliveryStore,
  type WebhookEndpoint,
  Webhooks,
  type WebhookSetup,
} from './sender.ts';
import { readWebhook } from './webhook-rule.ts';
import { webhookGuard } from './webhooks.ts';

const secret = (): string => `whsec_${randomBytes(32).toString('base64')}`;
const [NEW, OLD] = [secret(), secret()];

interface Request {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A receiver that answers one after the other of these, and the last one from then on. */
function receiving(...answers: readonly (number | Error | Response)[]) {
  const asked: Request[] = [];
  const events: Readonly<Record<string, unknown>>[] = [];
  const ended: string[] = [];
  let endpoint: WebhookEndpoint | undefined = { url: 'https://example.com/hook', secrets: [NEW] };
  const setup: WebhookSetup = {
    outbound: {
      fetch: (url, init) => {
        asked.push({ url, ...(init as Omit<Request, 'url'>) });
        const answer = answers[Math.min(asked.length, answers.length) - 1] ?? 200;
        if (answer instanceof Error) return Promise.reject(answer);
        return Promise.resolve(
          typeof answer === 'number'
            ? new Response(answer < 300 ? 'thanks' : null, { status: answer })
            : answer,
        );
      },
    },
    endpoint: () => endpoint,
    retries: [0, 0, 0],
    ended: (_delivery, why) => void ended.push(why),
  };
  const layer = {
    [LAYER_PARTS]: { audit: (_kind: unknown, details: object) => void events.push({ ...details }) },
  } as never;
  return {
    asked,
    events,
    ended,
    open: (more: Partial<WebhookSetup> = {}) => Webhooks.of(layer, { ...setup, ...more }),
    change: (to: WebhookEndpoint | undefined) => void (endpoint = to),
  };
}

/** What our own guard says of it, as a receiver would that knows these secrets. */
async function isTaken({ headers, body }: Request, ...secrets: readonly string[]): Promise<boolean> {
  const table = { webhook: { default: undefined, read: readWebhook, reason: '', source: '', example: '' } };
  const { webhook } = readSection<{ webhook: WebhookRule }>('route', table as never, {
    webhook: { scheme: 'standard', secrets },
  });
  const exchange = sketchExchange({ method: 'POST', headers: { ...headers, 'content-length': '1' }, body });
  Object.assign(exchange, { now: Date.now() });
  exchange.rules = { webhook };
  return (await webhookGuard().onRequest?.(exchange)) === undefined;
}

test('a delivery arrives once, signed as the standard has it', async () => {
  const site = receiving(202);
  const webhooks = site.open();
  const id = await webhooks.send('a', 'invoice.paid', { number: 7 });
  await until('it has arrived', () => webhooks.size === 0);
  assert.equal(site.asked.length, 1);
  const [request] = site.asked as [Request];
  assert.equal(request.headers['webhook-id'], id);
  assert.match(
    request.body,
    /^\{"type":"invoice\.paid","timestamp":"[\d-]+T[\d:.]+Z","data":\{"number":7\}\}$/,
  );
  assert.ok(await isTaken(request, NEW));
  assert.ok(!(await isTaken(request, OLD)));
  assert.ok(!(await isTaken({ ...request, body: request.body.replace('7', '8') }, NEW)));
  assert.deepEqual(site.ended, []);
});

test('while a secret changes, receivers that know either take it', async () => {
  const site = receiving(200);
  site.change({ url: 'https://example.com/', secrets: [NEW, OLD] });
  const webhooks = site.open();
  await webhooks.send('a', 'b', null);
  await until('it has arrived', () => webhooks.size === 0);
  const [request] = site.asked as [Request];
  assert.ok((await isTaken(request, NEW)) && (await isTaken(request, OLD)));
  assert.ok(!(await isTaken(request, secret())));
});

test('what does not arrive is tried again under one id, with new pauses, and ends', async () => {
  const site = receiving(500, new BulwarkError('ERR_BULWARK_OUTBOUND_FAILED', ''), 302, 429, 200);
  const webhooks = site.open();
  await webhooks.send('a', 'b', 1);
  await until('it has ended', () => site.ended.length > 0);
  assert.equal(site.asked.length, 4);
  assert.equal(new Set(site.asked.map(({ headers }) => headers['webhook-id'])).size, 1);
  assert.deepEqual(site.ended, ['given-up']);
  assert.deepEqual(
    site.events.map(({ reason, tries }) => [reason, tries]),
    [['given-up', 3]],
  );
});

test('a receiver that wants no more, and an address that must not be asked, are asked once', async () => {
  for (const [answer, why] of [
    [410, 'gone'],
    [new BulwarkError('ERR_BULWARK_OUTBOUND_REFUSED', ''), 'refused'],
  ] as const) {
    const site = receiving(answer);
    await site.open().send('a', 'b', 1);
    await until('it has ended', () => site.ended.length > 0);
    assert.deepEqual([site.asked.length, site.ended], [1, [why]]);
  }
  const nobody = receiving(200);
  nobody.change(undefined);
  await nobody.open().send('a', 'b', 1);
  await until('it has ended', () => nobody.ended.length > 0);
  assert.deepEqual([nobody.asked.length, nobody.ended], [0, ['no-endpoint']]);
});

test('pauses grow and are spread, and a receiver is given the time that it asks for', async (t) => {
  const now = Date.now();
  t.mock.method(Date, 'now', () => now);
  const kept: Delivery[] = [];
  const store: DeliveryStore = { save: (one) => kept.push(one), remove: () => 0, list: () => [] };
  const pause = async (answer: Response, retries: readonly number[]): Promise<number> => {
    kept.length = 0;
    const webhooks = receiving(answer).open({ store, retries });
    await webhooks.send('a', 'b', 1);
    await until('it waits', () => kept.length > 1);
    webhooks.close();
    return (kept[1]?.due ?? 0) - now;
  };
  const failed = (after?: string): Response =>
    new Response(null, { status: 503, headers: after === undefined ? {} : { 'retry-after': after } });
  const pauses = await Promise.all(Array.from({ length: 1 }, () => pause(failed(), [10_000])));
  for (let round = 0; round < 20; round += 1) pauses.push(await pause(failed(), [10_000]));
  assert.ok(
    pauses.every((one) => one >= 10_000 && one < 13_000),
    pauses.join(),
  );
  assert.ok(new Set(pauses.map((one) => Math.round(one / 100))).size > 3);
  assert.ok((await pause(failed('60'), [0])) >= 60_000);
  assert.ok((await pause(failed(new Date(now + 90_000).toUTCString()), [0])) >= 88_000);
  assert.ok((await pause(failed('999999999'), [0])) <= 24 * 3_600_000 + 1000);
});

test('what is on its way outlives the process where there is a store, and has no secret in it', async () => {
  const kept = new Map<string, Delivery>();
  const store: DeliveryStore = {
    save: (one) => void kept.set(one.id, one),
    remove: (id) => void kept.delete(id),
    list: () => Promise.resolve([...kept.values()]),
  };
  const down = receiving(500);
  const first = down.open({ store, retries: [300] });
  const id = await first.send('a', 'b', { text: 'c' });
  await until('it waits', () => kept.get(id)?.tries === 1);
  first.close();
  assert.ok(!JSON.stringify([...kept.values()]).includes(NEW.slice(6)));
  const up = receiving(200);
  const second = up.open({ store });
  await second.resume();
  await until('it has arrived', () => kept.size === 0);
  assert.deepEqual(
    up.asked.map(({ headers }) => headers['webhook-id']),
    [id],
  );
  assert.equal(down.asked.length, 1);
});

test('no more at once than are allowed, and no more wait', async () => {
  let open = 0;
  let most = 0;
  const gate = Promise.withResolvers<void>();
  const outbound: WebhookSetup['outbound'] = {
    fetch: async () => {
      most = Math.max(most, (open += 1));
      await gate.promise;
      open -= 1;
      return new Response(null, { status: 200 });
    },
  };
  const webhooks = receiving().open({ outbound, atOnce: 3, waiting: 5 });
  for (let at = 0; at < 8; at += 1) {
    await webhooks.send('a', 'b', at);
    await until('all that may are on their way', () => open === Math.min(at + 1, 3));
  }
  await assert.rejects(webhooks.send('a', 'b', 9), { code: 'ERR_BULWARK_QUEUE_FULL' });
  gate.resolve();
  await until('all have arrived', () => webhooks.size === 0);
  assert.equal(most, 3);
});

test('a secret that could be guessed signs nothing, and what is too long is not sent', async () => {
  for (const secrets of [[], ['whsec_c2hvcnQ='], ['a password'], [NEW, OLD, secret()]]) {
    const site = receiving(200);
    site.change({ url: 'https://example.com/', secrets });
    await site.open().send('a', 'b', 1);
    await until('it is told', () => site.events.length > 0);
    assert.match(String(site.events[0]?.['reason']), /24 to 64 random bytes/);
    assert.equal(site.asked.length, 0);
  }
  await assert.rejects(receiving().open().send('a', 'b', 'x'.repeat(300_000)), /256 KB/);
});

test('what was led on has not arrived: the receiver may have been asked for a page, without a body', async () => {
  const led = Object.defineProperty(new Response('a page'), 'redirected', { value: true });
  const site = receiving(led, 202);
  const webhooks = site.open();
  await webhooks.send('a', 'invoice.paid', {});
  await until('it has arrived', () => webhooks.size === 0);
  assert.equal(site.asked.length, 2);
  assert.deepEqual(site.ended, []);
});
