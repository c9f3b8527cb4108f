/** What is asked of a site, and what a hostile one can do about it. */
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSocketServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { check, type CheckOptions } from '../../src/check/check.ts';
import type { CheckReport } from '../../src/check/report/report.ts';
import type { Answer, Probe } from '../../src/core/answer.ts';
import { held, type Rule, type RuleContext } from '../../src/core/rule.ts';
import { makeCertificate } from '../support/certificate.ts';
import { listening } from '../support/listening.ts';
import { innocentSite } from './servers/other-sites.ts';

const LIMITS = { timeoutMs: 20_000, bodyBytes: 10_000 };
/** For what never answers. */
const QUICK = { ...LIMITS, timeoutMs: 500 };

function ruleOf(run: (context: RuleContext) => Promise<string>): Rule {
  return {
    id: 'a.rule',
    title: 'a rule',
    level: 'error',
    guide: 1,
    asvs: [],
    cwe: [],
    needs: 'site',
    run: async (context) => held(await run(context)),
  };
}

/** Runs one rule over a server of this process; what it returns, or why it saw nothing. */
async function ask(
  port: number,
  run: (context: RuleContext) => Promise<string>,
  options: Partial<CheckOptions> = {},
): Promise<string> {
  const report: CheckReport = await check({
    url: `http://127.0.0.1:${port}/`,
    ownHost: true,
    limits: LIMITS,
    rules: [ruleOf(run)],
    ...options,
  });
  const [result] = report.results;
  return result?.outcome === 'held'
    ? result.evidence
    : result?.outcome === 'not-seen'
      ? result.why
      : 'missing';
}

async function asking(
  listener: RequestListener,
  probe: Probe,
  look: (answer: Answer) => string,
): Promise<string> {
  return listening(createServer(listener), (port) => ask(port, async ({ ask }) => look(await ask(probe))));
}

/** A server that writes these bytes to whoever connects, again and again where `every` is given. */
async function raw(bytes: string, run: (port: number) => Promise<void>, every?: number): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createSocketServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', () => {
      socket.write(bytes);
      if (every === undefined) socket.end();
      else {
        const timer = setInterval(() => socket.write('x'), every);
        socket.once('close', () => clearInterval(timer));
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    await run((server.address() as AddressInfo).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

test('sends a target byte for byte, and says what it is', async () => {
  const target = '/a/%2e%2E/..//%00?x=%252f#f';
  const seen = await asking(
    (request, response) =>
      response.end(`${request.url} ${request.headers['user-agent']} ${request.headers.host}`),
    { target, headers: { host: 'other.example' } },
    ({ body }) => body,
  );
  assert.ok(seen.startsWith(`${target} bulwark-check (`) && seen.endsWith(' other.example'), seen);
});

test('follows no redirect by itself', async () => {
  let asked = 0;
  const status = await asking(
    (_request, response) => {
      asked += 1;
      response.writeHead(302, { Location: 'http://192.0.2.1/' }).end();
    },
    {},
    (answer) => String(answer.status),
  );
  assert.deepEqual([status, asked], ['302', 1]);
});

test('reads the start of an endless body, and what is packed into little', async () => {
  const endless = await asking(
    (_request, response) => {
      const more = (): void =>
        void (response.write('x'.repeat(4096)) ? setImmediate(more) : response.once('drain', more));
      more();
    },
    {},
    ({ body }) => String(body.length),
  );
  assert.equal(endless, '10000');
  const bomb = gzipSync(Buffer.alloc(5_000_000));
  const packed = await asking(
    (_request, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb),
    {},
    ({ body }) => String(body.length),
  );
  assert.equal(packed, '0');
  const page = await asking(
    (_request, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('hello')),
    {},
    ({ body }) => body,
  );
  assert.equal(page, 'hello');
});

test('slow bytes, lying lengths, bad chunks and huge headers end in time, and are no answer', async () => {
  const look = (port: number, limits = LIMITS): Promise<string> =>
    ask(port, async ({ ask }) => `${(await ask({})).status}`, { limits });
  await raw(
    'HTTP/1.1 200 OK\r\nX: ',
    async (port) => assert.match(await look(port, QUICK), /no answer \(not within 500 ms\)/),
    20,
  );
  await raw(
    'HTTP/1.1 200 OK\r\n\r\n',
    async (port) => assert.match(await look(port, QUICK), /not within 500 ms/),
    20,
  );
  await raw(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, async (port) => {
    assert.match(await look(port), /headers are longer/);
  });
  await raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', async (port) =>
    assert.match(await look(port), /no answer/),
  );
  await raw('nonsense\r\n\r\n', async (port) => assert.match(await look(port), /no answer/));
  await raw('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort', async (port) =>
    assert.equal(await look(port), '200'),
  );
});

test('a site that says "too much" is not seen, and is no refusal', async () => {
  const seen = await asking(
    (_request, response) => response.writeHead(429).end(),
    {},
    () => 'looked',
  );
  assert.match(seen, /answered 429, since too much was asked of it/);
});

test('sends no more than the bound of a run', async () => {
  let asked = 0;
  const why = await listening(
    createServer((_request, response) => {
      asked += 1;
      response.end();
    }),
    (port) =>
      ask(
        port,
        async ({ ask }) => {
          for (;;) await ask({});
        },
        { limits: { ...LIMITS, requests: 7 } },
      ),
  );
  assert.match(why, /7 requests were sent/);
  assert.equal(asked, 7);
});

test('nothing that listens is no pass for any rule, and a certificate of somebody else is none', async () => {
  const nobody = await check({ url: 'http://127.0.0.1:9/', limits: QUICK });
  assert.ok(nobody.results.length > 30);
  assert.deepEqual(
    nobody.results.filter(({ outcome }) => outcome !== 'not-seen'),
    [],
  );
  const { stop, ca: _ca, ...site } = await innocentSite();
  try {
    const other = await check({ ...site, ca: makeCertificate('example.com').cert, limits: LIMITS });
    // What TLS itself is like shows all the same, and that the certificate is nobody's above all.
    const overTls = other.results.filter(({ rule }) => !/^https\.(?:plain|tls)-/.test(rule));
    const certificate = other.results.find(({ rule }) => rule === 'https.tls-certificate');
    assert.ok(certificate?.outcome === 'fell-short' && certificate.findings[0]?.level === 'error');
    assert.deepEqual(
      overTls.filter(({ outcome }) => outcome !== 'not-seen'),
      [],
    );
  } finally {
    await stop();
  }
});

test('refuses an address that is none, has a password, or another host for plain http', async () => {
  for (const url of ['files.example', 'ftp://files.example/', 'https://u:p@files.example/']) {
    await assert.rejects(
      check({ url, rules: [] }),
      /url must be an http or https address without a password/,
    );
  }
  await assert.rejects(
    check({ url: 'https://files.example/', plain: 'http://elsewhere.example', rules: [] }),
    /plain must be the http address of the same host/,
  );
});
