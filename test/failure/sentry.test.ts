/** What Sentry's own SDK sends to a receiver on loopback, of what an application under the layer fails with. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import * as Sentry from '@sentry/node';
import { bulwark } from '../../src/adapters/node.ts';
import { type SentryRedaction, sentryRedaction } from '../../src/audit/sentry/sentry.ts';
import { BulwarkError } from '../../src/core/errors.ts';
import { ask } from '../../src/testing/wire.ts';
import { testPolicy } from '../hosts/hosts.ts';
import { listening } from '../support/listening.ts';

// Put together here: Sentry sends the lines of source around a failure, and these would be found there.
const [PASSWORD, TOKEN, COOKIE, IBAN, QUERY] = ['pass', 'tok', 'cookie', 'iban', 'query'].map(
  (word) => `${word}-${'made'.length}-up`,
) as [string, string, string, string, string];
const SECRETS = [PASSWORD, TOKEN, COOKIE, IBAN, QUERY];

let received = '';
const receiver = createServer((request, response) => {
  request.setEncoding('utf8');
  request.on('data', (text: string) => (received += text));
  request.on('end', () => response.end('{}'));
});

before(async () => {
  await new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => {
  received = '';
});
after(async () => {
  await Sentry.close();
  receiver.closeAllConnections();
  receiver.close();
});

async function start(redaction: Partial<SentryRedaction>): Promise<void> {
  await Sentry.close();
  const { port } = receiver.address() as AddressInfo;
  Sentry.init({ dsn: `http://public@127.0.0.1:${port}/1`, ...redaction });
}

/** All that Sentry has sent of an error with secrets in every place that an event has. */
async function sentOf(redaction: Partial<SentryRedaction>): Promise<string> {
  await start(redaction);
  Sentry.withScope((scope) => {
    scope.setExtra('form', {
      name: 'Ann',
      password: PASSWORD,
      iban: IBAN,
      at: { deep: ['tok=1'] },
    });
    scope.setTag('api_token', TOKEN);
    scope.addBreadcrumb({
      category: 'http',
      message: 'asked',
      data: { url: `https://a.example.com/b?t=${QUERY}` },
    });
    scope.addEventProcessor((event) => ({
      ...event,
      request: {
        url: `https://example.com/reset?key=${QUERY}`,
        query_string: `key=${QUERY}`,
        cookies: { theme: COOKIE },
        headers: { cookie: `theme=${COOKIE}`, accept: 'text/html' },
        data: `{"password":"${PASSWORD}"}`,
      },
    }));
    Sentry.captureException(new Error(`no row for password=${PASSWORD}`));
  });
  assert.ok(await Sentry.flush(5000));
  return received;
}

test('what Sentry is sent has no secret that the log would not have', async () => {
  const sent = await sentOf(sentryRedaction({ redact: ['iban'] }));
  for (const secret of SECRETS) assert.ok(!sent.includes(secret), secret);
  for (const kept of [
    'no row for password=[redacted]',
    'Ann',
    'text/html',
    'https://example.com/reset',
    'sentry.test.ts',
  ])
    assert.ok(sent.includes(kept), kept);
});

test('without it each of these is sent', async () => {
  const sent = await sentOf({});
  for (const secret of SECRETS) assert.ok(sent.includes(secret), secret);
});

test('a no of Bulwark is no error, and what breaks is', async () => {
  await start(sentryRedaction());
  Sentry.captureException(new BulwarkError('ERR_BULWARK_FORBIDDEN', `refused ${TOKEN}`));
  Sentry.captureException(new BulwarkError('ERR_BULWARK_STORE', 'a store that broke'));
  await Sentry.flush(5000);
  assert.ok(!received.includes(`refused ${TOKEN}`));
  assert.ok(received.includes('a store that broke'));
});

test('a request that a guard refuses reaches no handler, and Sentry hears nothing of it', async () => {
  await start(sentryRedaction());
  const layer = bulwark(testPolicy([]));
  const server = layer.createServer(
    layer.handler(() => {
      const error = new Error('the handler broke');
      Sentry.captureException(error);
      throw error;
    }),
  );
  await listening(
    server,
    async (port) => {
      const headers = {
        origin: 'https://evil.example',
        'sec-fetch-site': 'cross-site',
        'content-type': 'text/plain',
      };
      assert.equal((await ask(port, { method: 'POST', headers, body: 'a' })).status, 403);
      await Sentry.flush(5000);
      assert.ok(!received.includes('"exception"'), received);
      assert.equal((await ask(port, {})).status, 500);
      await Sentry.flush(5000);
      assert.ok(received.includes('the handler broke'));
    },
    async () => await layer.close(),
  );
});

test('an event of any size is walked in bounded work, and what the application holds stays as it is', () => {
  const { beforeSend } = sentryRedaction();
  const many = Array.from({ length: 30_000 }, () => ({ password: PASSWORD }));
  const circle: Record<string, unknown> = { password: PASSWORD };
  circle['again'] = circle;
  const sent = JSON.stringify(beforeSend({ extra: { many, circle } }));
  assert.ok(!sent.includes(PASSWORD));
  assert.ok(sent.split('[cut]').length > 10_000, 'what is behind the first 20,000 values is cut');
  assert.equal(many[0]?.password, PASSWORD);
});
