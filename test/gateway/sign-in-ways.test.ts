/** Ways round sign-in protection, and what it must leave as it is: before an upstream that answers as a test says. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { GatewayOptions } from '../../src/gateway/options/gateway.options.ts';
import { KNOWN_BROWSER_COOKIE } from '../../src/gateway/sign-in/known-browser.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { until } from '../support/until.ts';
import { type Site, startGateway } from './sign-in/sites.ts';

const FORM =
  '<form method=post action=/login><input name=username><input type=password name=password></form>';
const RATES = { perPair: '5/day', perAccount: '10/day', perClient: '20/day' } as const;
const FORM_TYPE = 'application/x-www-form-urlencoded';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const wrongPassword: Answer = (_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/html' }).end(FORM);
};

interface Tested extends Site {
  readonly state: ReturnType<typeof memory>;
  readonly asked: () => number;
}

async function open(t: TestContext, answer: Answer, signIn: GatewayOptions['signIn'] = {}): Promise<Tested> {
  let asked = 0;
  const upstream = createServer((request, response) => {
    if (request.method === 'POST') asked += 1;
    request.resume().on('end', () => answer(request, response));
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const state = memory();
  const site = await startGateway(
    (upstream.address() as AddressInfo).port,
    { signIn: { ...RATES, ...signIn } },
    { state },
  );
  t.after(async () => {
    await site.stop();
    upstream.closeAllConnections();
    upstream.close();
  });
  return { ...site, state, asked: () => asked };
}

async function send(
  site: Site,
  body: string,
  way: { client?: string; path?: string; headers?: Record<string, string> } = {},
): Promise<Response> {
  return fetch(`http://localhost:${site.port}${way.path ?? '/login'}`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      'content-type': FORM_TYPE,
      'sec-fetch-site': 'same-origin',
      'x-forwarded-for': way.client ?? '203.0.113.1',
      ...way.headers,
    },
    body,
  });
}

const GUESS = 'username=ann&password=wrong';
const WAYS: Readonly<
  Record<
    string,
    (number: number) => Parameters<typeof send>[1] | readonly [string, Parameters<typeof send>[2]]
  >
> = {
  'a decoy in a second field': (number) => `${GUESS}&email=decoy${number}`,
  'the name twice': (number) => `username=decoy${number}&${GUESS}`,
  'the name twice, in two spellings': (number) => `Username=decoy${number}&${GUESS}`,
  'a body that is longer than what is read': (number) => `${GUESS}&a=${number}&b=${'x'.repeat(70_000)}`,
  'another spelling of the path': (number) => [GUESS, { path: number % 2 === 0 ? '/LOGIN' : '/login/' }],
  'another type of body': (number) => [GUESS, { headers: { 'content-type': `text/x-${number}` } }],
  'a body of another charset': () => [GUESS, { headers: { 'content-type': `${FORM_TYPE}; charset=utf-16` } }],
  'the name in the address': () => ['password=wrong', { path: '/login?username=ann' }],
  'another spelling of the name': (number) =>
    `username=${number % 2 === 0 ? 'ANN' : '%20a%CC%81nn%C2%AD'}&password=wrong`,
};

for (const [way, of] of Object.entries(WAYS)) {
  test(`no way round the limit of an account: ${way}`, async (t) => {
    const site = await open(t, wrongPassword);
    await (await fetch(`http://localhost:${site.port}/login`)).text();
    const tries = Array.from({ length: 40 }, async (_, number) => {
      const made = of(number);
      const [body, more] = typeof made === 'string' ? [made, {}] : made;
      return (await send(site, body, { client: `203.0.113.${number + 1}`, ...more })).status;
    });
    const statuses = await Promise.all(tries);
    assert.equal(statuses.filter((status) => status === 200).length, 10);
    assert.equal(site.asked(), 10);
  });
}

test('forms of another site, which are refused, cost nobody a try', async (t) => {
  const site = await open(t, wrongPassword);
  for (let number = 0; number < 30; number += 1)
    assert.equal((await send(site, GUESS, { headers: { 'sec-fetch-site': 'cross-site' } })).status, 403);
  assert.equal((await send(site, GUESS)).status, 200);
});

test('a client that leaves before the answer is counted as wrong', async (t) => {
  const waiting: ServerResponse[] = [];
  const site = await open(t, (_request, response) => void waiting.push(response));
  const socket = connect(site.port, '127.0.0.1');
  socket.write(
    `POST /login HTTP/1.1\r\nHost: localhost:${site.port}\r\nSec-Fetch-Site: same-origin\r\nX-Forwarded-For: 203.0.113.1\r\nContent-Type: ${FORM_TYPE}\r\nContent-Length: ${GUESS.length}\r\n\r\n${GUESS}`,
  );
  await until('the application is asked', () => waiting.length === 1);
  const owed = (): unknown => site.state.counters.debt('sign-in/wrong/client/203.0.113.1', Date.now());
  assert.equal(owed(), 0);
  socket.destroy();
  await until('it is counted', () => Number(owed()) > 0);
});

test('an answer to a sign-in comes whole, however long it is, and a cut one cut', async (t) => {
  const page = `${FORM}${'x'.repeat(300_000)}`;
  const site = await open(t, (request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' });
    if (request.url !== '/cut') response.end(page);
    else response.write(page, () => response.destroy());
  });
  assert.equal(await (await send(site, GUESS)).text(), page);
  await assert.rejects(async () => (await send(site, GUESS, { path: '/cut' })).text());
});

test('other requests with bodies are left as they are, and an upload of any size passes', async (t) => {
  const site = await open(t, (_request, response) => void response.writeHead(200).end('kept'));
  const paths = ['/notes', '/files'];
  for (let number = 0; number < 30; number += 1)
    assert.equal(
      (await send(site, `text=${'x'.repeat(number * 5_000)}`, { path: paths[number % 2] ?? '' })).status,
      200,
    );
  // Nor can anybody have them counted by sending them what looks like a sign-in.
  assert.equal((await send(site, GUESS, { path: '/files' })).status, 200);
  for (let number = 0; number < 30; number += 1)
    assert.equal(
      (await send(site, 'x'.repeat(70_000), { path: '/files', headers: { 'content-type': 'a/b' } })).status,
      200,
    );
});

test('a form is named, and how its answers are told apart, and what is no sign-in', async (t) => {
  const site = await open(
    t,
    (request, response) => {
      const isRight = request.headers['x-right'] !== undefined;
      response.writeHead(200, { 'Content-Type': 'text/plain' }).end(isRight ? 'hello' : 'no');
    },
    {
      find: false,
      forms: [{ path: '/enter', account: 'n', password: 'p', success: { body: 'hello' } }],
    },
  );
  const right = await send(site, 'n=ann&p=x', { path: '/enter', headers: { 'x-right': '1' } });
  assert.match(right.headers.getSetCookie().join(), new RegExp(`^${KNOWN_BROWSER_COOKIE}=`));
  for (let number = 0; number < 8; number += 1) await send(site, 'n=ann&p=x', { path: '/enter' });
  for (let number = 0; number < 8; number += 1) assert.equal((await send(site, GUESS)).status, 200);
  const told = site.events.map(({ event }) => event).filter((event) => event.startsWith('authn'));
  assert.deepEqual(told, ['authn_login_success', ...Array(4).fill('authn_login_fail')]);
  const excepted = await open(t, wrongPassword, { except: ['/api/users/'] });
  for (let number = 0; number < 30; number += 1)
    assert.equal((await send(excepted, GUESS, { path: '/api/users' })).status, 200);
});

test('the application never sees the cookie of a known browser, and an answer that it packs all the same is read', async (t) => {
  const seen: (string | undefined)[] = [];
  const site = await open(t, (request, response) => {
    seen.push(request.headers.cookie, request.headers['accept-encoding']);
    response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Encoding': 'gzip' }).end(gzipSync(FORM));
  });
  const cookie = `a=1; ${KNOWN_BROWSER_COOKIE}=x; b=2`;
  assert.equal(await (await send(site, GUESS, { headers: { cookie } })).text(), FORM);
  assert.deepEqual(seen, ['a=1; b=2', 'identity']);
  assert.equal(site.events.filter(({ event }) => event === 'authn_login_fail').length, 1);
});

test('an outcome that nobody can tell is told once an hour, and makes no browser known', async (t) => {
  const site = await open(t, (_request, response) => void response.writeHead(200).end('hm'));
  for (let number = 0; number < 3; number += 1)
    assert.deepEqual((await send(site, GUESS)).headers.getSetCookie(), []);
  const told = site.events.map(({ event }) => event).filter((event) => event !== 'sys_startup');
  assert.deepEqual(told, ['sign_in_outcome_unknown']);
});
