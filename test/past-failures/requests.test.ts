/** What comes in: where a request is from, how it came, and how much of it there is. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { ask, openSocket, type RawRequest, valueOf, writeRequest } from '../../src/testing/wire.ts';
import { pastFailure, type Starts } from './holds.ts';
import {
  cutBodySite,
  declaredLengthSite,
  methodOnlySite,
  originOnlySite,
  redirectSite,
  trustEveryoneSite,
} from './recipes.ts';
import {
  bareSite,
  bodyOf,
  everyHost,
  everyHostWith,
  json,
  listen,
  nodeSite,
  oneHost,
  type Site,
} from './sites.ts';

const FORM = 'application/x-www-form-urlencoded';

pastFailure(2, "a page's own form passes with Origin: null, another site's does not", {
  on: everyHost(),
  off: {
    'Origin and nothing else': originOnlySite,
    "csrf mode 'off'": oneHost(() => ({ csrf: { mode: 'off' } })),
  },
  check: async ({ port }) => {
    const post = (site: string): RawRequest => ({
      method: 'POST',
      target: '/echo',
      headers: { origin: 'null', 'sec-fetch-site': site, 'content-type': FORM },
      body: 'a=1',
    });
    const own = await ask(port, post('same-origin'));
    assert.equal(own.status, 200, `the page's own form is answered ${own.status}`);
    const foreign = await ask(port, post('cross-site'));
    assert.equal(foreign.status, 403, `another site's form is answered ${foreign.status}`);
  },
  seen: /own form is answered 403|another site's form is answered 200/,
});

const LIMIT = 1024;

/** A site that tells whether its handler ever saw the end of a body. */
interface Reading extends Site {
  readonly ends: () => number;
}

function reading(start: (onEnd: () => void) => Promise<Site>): () => Promise<Reading> {
  return async () => {
    let ends = 0;
    const site = await start(() => (ends += 1));
    return { ...site, ends: () => ends };
  };
}

function readingHosts(mode: 'enforce' | 'off'): Starts<Reading> {
  let onEnd = (): void => undefined;
  const hosts = everyHostWith(
    async (request, response) => {
      const { length } = await bodyOf(request).catch(() => '');
      if (request.complete && request.errored === null) onEnd();
      json(response, { bytes: length });
    },
    () => ({ body: { mode, limit: `${LIMIT}B` } }),
  );
  return Object.fromEntries(
    Object.entries(hosts).map(([name, start]) => [
      mode === 'off' ? `body mode 'off' on ${name}` : name,
      reading(async (onEndOfBody) => {
        onEnd = onEndOfBody;
        return start();
      }),
    ]),
  );
}

/** A body in chunks of a kilobyte, which says nowhere how large it is. */
function chunked(kilobytes: number, end: '0\r\n\r\n' | ''): string {
  const head = writeRequest({
    method: 'POST',
    headers: { 'transfer-encoding': 'chunked', 'sec-fetch-site': 'same-origin' },
  });
  return head + `400\r\n${'a'.repeat(1024)}\r\n`.repeat(kilobytes) + end;
}

pastFailure(15, 'a chunked body over the limit is refused at once, and never taken for a whole one', {
  on: readingHosts('enforce'),
  off: {
    ...readingHosts('off'),
    'the limit read from Content-Length': reading((onEnd) => declaredLengthSite(LIMIT, onEnd)),
    'the body cut at the limit': reading((onEnd) => cutBodySite(LIMIT, onEnd)),
  },
  check: async ({ port, ends }) => {
    const whole = await ask(port, chunked(3, '0\r\n\r\n'));
    assert.equal(whole.status, 413, `3 KB of 1 are answered ${whole.status}`);
    assert.equal(valueOf(whole, 'connection'), 'close');
    // Without its last chunk: whoever waits for the end of this one waits for ever.
    const endless = await ask(port, chunked(3, ''));
    assert.equal(endless.status, 413);
    assert.equal(ends(), 0, 'the handler took a cut body for a whole one');
    const fitting = await ask(port, chunked(1, '0\r\n\r\n'));
    assert.deepEqual(JSON.parse(fitting.body), { bytes: 1024 });
    assert.equal(ends(), 1);
  },
  seen: /3 KB of 1 are answered 200/,
});

const PLAIN = { 'x-forwarded-proto': 'http' };

pastFailure(16, 'the redirect to https leads home whatever the Host, and an http POST is refused', {
  on: everyHost(),
  off: { 'a redirect to the Host of the request': redirectSite },
  check: async ({ port }) => {
    const forged = await ask(port, { headers: { ...PLAIN, host: 'evil.example' } });
    const location = valueOf(forged, 'location');
    assert.ok(!location?.includes('evil.example'), `a forged Host is sent to ${location}`);
    const followed = await ask(port, { target: '/a?b=1', headers: PLAIN });
    assert.equal(valueOf(followed, 'location'), 'https://example.com/a?b=1');
    const posted = await ask(port, { method: 'POST', headers: PLAIN, body: 'password=x' });
    assert.equal(posted.status, 403);
    assert.equal(valueOf(posted, 'location'), undefined);
  },
  seen: /sent to https:\/\/evil\.example/,
});

pastFailure(17, 'X-Forwarded-Proto is believed only from a proxy that the policy names', {
  on: everyHost(() => ({ proxy: { trusted: ['192.0.2.7'] } })),
  off: {
    'trust proxy for everyone': trustEveryoneSite,
    "https mode 'off'": oneHost(() => ({ proxy: { trusted: ['192.0.2.7'] }, https: { mode: 'off' } })),
  },
  check: async ({ port }) => {
    const answer = await ask(port, { target: '/json', headers: { 'x-forwarded-proto': 'https' } });
    assert.equal(answer.status, 308, `plain http that calls itself https is answered ${answer.status}`);
    assert.equal(valueOf(answer, 'strict-transport-security'), undefined);
  },
  seen: /calls itself https is answered 200/,
});

const HALF = 40;

/** Serves as many connections at a time as it has workers, and waits for each as long as it takes. */
async function fortyWorkers(): Promise<Site> {
  const server = createServer({ headersTimeout: 0, requestTimeout: 0 }, (_request, response) =>
    response.end(),
  );
  server.maxConnections = HALF;
  return listen(server);
}

pastFailure(25, '40 half-sent requests stop nobody, and are cut when their time is over', {
  on: everyHost(() => ({ timeouts: { headers: '400ms', checkEvery: '50ms' } })),
  off: {
    '40 workers and no timeout': fortyWorkers,
    "Node's own timeouts of a minute": () => bareSite((_request, response) => response.end()),
  },
  check: async ({ port }) => {
    const half = await Promise.all(Array.from({ length: HALF }, () => openSocket(port)));
    for (const { socket } of half) socket.write('GET / HTTP/1.1\r\nHost: example.com\r\nX-Wait: ');
    const other = () => ask(port, { target: '/json' }).catch(() => undefined);
    let others = await other();
    // A process that is held up is late for so short a limit by itself, and not every time.
    for (let tries = 1; others?.status === 408 && tries < 5; tries += 1) others = await other();
    const cut = Promise.all(half.map(({ closed }) => closed));
    const served = others?.status === 200;
    const inTime = served && (await withinSeconds(cut, 10));
    for (const { socket } of half) socket.destroy();
    assert.ok(served, 'others are not served');
    assert.ok(inTime, 'the half-sent requests still hold their connections');
    for (const { received } of half) assert.match(received(), /^HTTP\/1\.1 408 .*x-content-type-options/is);
  },
  seen: /others are not served|still hold their connections/,
});

/** Whether it happens at all: an upper bound far above what the policy says, not a measure. */
async function withinSeconds(event: Promise<unknown>, seconds: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), seconds * 1000);
  void event.then(() => resolve(true));
  const happened = await promise;
  clearTimeout(timer);
  return happened;
}

/** A site with a WebSocket server, which tells what reached that. */
interface Upgrading extends Site {
  readonly reached: () => readonly (string | undefined)[];
}

async function upgrading(
  start: (onUpgrade: (request: IncomingMessage) => void) => Promise<Site>,
): Promise<Upgrading> {
  const origins: (string | undefined)[] = [];
  const site = await start((request) => void origins.push(request.headers.origin));
  return { ...site, reached: () => origins };
}

async function listeningForUpgrades(start: () => Site | Promise<Site>): Promise<Upgrading> {
  return upgrading(async (onUpgrade) => {
    const site = await start();
    site.server.on('upgrade', (request, socket) => {
      onUpgrade(request);
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    });
    return site;
  });
}

function upgradingHosts(): Starts<Upgrading> {
  const hosts = everyHostWith((_request, response) => response.end());
  return Object.fromEntries(
    Object.entries(hosts).map(([name, start]) => [name, () => listeningForUpgrades(start)]),
  );
}

function handshake(origin: string): RawRequest {
  return {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      origin,
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    },
  };
}

pastFailure(31, 'a cross-site WebSocket handshake is refused before the application sees it', {
  on: upgradingHosts(),
  off: {
    "csrf mode 'off'": () =>
      listeningForUpgrades(() => nodeSite((_request, response) => response.end(), { csrf: { mode: 'off' } })),
    'a check that lets every GET pass': () => upgrading(methodOnlySite),
  },
  check: async ({ port, reached }) => {
    const foreign = await ask(port, handshake('https://evil.example'));
    assert.deepEqual(reached(), [], 'the WebSocket server saw the handshake of another site');
    assert.equal(foreign.status, 403);
    const own = await ask(port, handshake('https://example.com'));
    assert.equal(own.status, 101);
    assert.deepEqual(reached(), ['https://example.com']);
  },
  seen: /saw the handshake of another site/,
});
