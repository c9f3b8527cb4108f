/** Whole runs over hostile servers: each ends in bounded time, asks nobody else, and brings nothing of theirs into any report. */
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSocketServer, type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { judgeFindings, NO_BASELINE } from '../../src/check/baseline.ts';
import { check } from '../../src/check/check.ts';
import { FORMATS } from '../../src/check/report/formats.ts';
import { PLAIN } from '../../src/check/report/paint.ts';
import { allFindings, type CheckReport } from '../../src/check/report/report.ts';
import { RULES } from '../../src/check/rules.ts';
import { HANG_MS } from '../support/hang.ts';
import { EVIL } from '../support/check-report.ts';
import { listening } from '../support/listening.ts';

const LIMITS = { timeoutMs: 300, totalMs: 15_000, bodyBytes: 50_000, requests: 250, perSecond: 1000 };

async function run(port: number): Promise<CheckReport> {
  const began = performance.now();
  const report = await check({ url: `http://127.0.0.1:${port}/`, ownHost: true, limits: LIMITS });
  // Behind what a run may take in all, this much: one without bounds never ends.
  assert.ok(performance.now() - began - LIMITS.totalMs < HANG_MS);
  assert.equal(report.results.length, RULES.length);
  assert.ok(report.counts.requests <= LIMITS.requests);
  assertClean(report);
  return report;
}

/** Every format of it: no escape, no mark that turns the direction of writing, no markup that is not ours. */
function assertClean(report: CheckReport): void {
  const at = new Date();
  const judged = judgeFindings(allFindings(report.results), NO_BASELINE, at);
  for (const [name, { write }] of Object.entries(FORMATS)) {
    const text = write({ report, rules: RULES, judged, version: '1', at, verbose: true }, PLAIN);
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/, name);
    if (name === 'html' || name === 'junit') assert.doesNotMatch(text, /<script|<img|<\/td><\/code>/, name);
    assert.doesNotMatch(text, /\\u001b|\\u0007/, name);
    assert.ok(text.length < 2_000_000, name);
  }
}

const SAID = EVIL.replaceAll('\0', '').toWellFormed();
/** As much of it as a header can carry. */
const IN_HEADER =
  '\u009b31m</td></code><script>alert(1)</script><img src=x onerror=alert(1)>"\'`{0} [x](javascript:alert(1))';

const SERVERS: Readonly<Record<string, RequestListener>> = {
  'a body without end': (_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    const more = (): void =>
      void (response.write(`<a href=/${'x'.repeat(4000)}>`)
        ? setImmediate(more)
        : response.once('drain', more));
    more();
  },
  'redirects in a ring': ({ url = '/' }, response) => {
    response.writeHead(302, { Location: `/${Number(url.replaceAll(/\D/g, '').slice(0, 6)) + 1}` }).end();
  },
  'many headers, and cookies without end': (_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.setHeader(
      'Set-Cookie',
      Array.from({ length: 800 }, (_none, index) => `session${index}=${'v'.repeat(40)}`),
    );
    response.end('<title>Front</title>');
  },
  'its own text wherever it can': ({ method }, response) => {
    response.setHeader('Content-Type', 'text/html');
    for (const name of [
      'Server',
      'X-Powered-By',
      'Content-Security-Policy',
      'X-Frame-Options',
      'Referrer-Policy',
      'Strict-Transport-Security',
      'Permissions-Policy',
      'Cache-Control',
      'X-Content-Type-Options',
      'Access-Control-Allow-Origin',
    ])
      response.setHeader(name, IN_HEADER);
    response.setHeader('Set-Cookie', [`${IN_HEADER}=0123456789`, `session=${IN_HEADER}; ${IN_HEADER}`]);
    response.statusCode = method === 'GET' ? 200 : 500;
    response.end(
      `<title>${SAID}</title>Traceback (most recent call last) ${SAID}<a href="/${SAID}"><form method=post action="/${SAID}"><input name="${SAID}"></form><script src="https://x.example/${SAID}"></script>`,
    );
  },
  'a page that costs to read': (_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(
      ['<a ', '<form ', '<!--', '<meta ', "<input a='", '&#1;']
        .map((piece) => piece.repeat(8000 / piece.length))
        .join(''),
    );
  },
  'a little that unfolds to much': (_request, response) => {
    response
      .writeHead(200, { 'Content-Type': 'text/html', 'Content-Encoding': 'gzip' })
      .end(gzipSync(Buffer.alloc(20_000_000)));
  },
  'a refusal of everything': (_request, response) => {
    response.writeHead(429, { 'Retry-After': '1' }).end();
  },
};

for (const [name, listener] of Object.entries(SERVERS)) {
  test(`${name}: ends, and nothing of it gets into a report`, async () => {
    const report = await listening(createServer({ maxHeaderSize: 1_000_000 }, listener), run);
    if (name === 'a refusal of everything') assert.match(report.blind ?? '', /too much was asked/);
    if (name.startsWith('its own text')) assert.ok(report.counts.errors > 0);
  });
}

const BYTES: Readonly<Record<string, (socket: Socket) => void>> = {
  'a byte at a time': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nX: ');
    const timer = setInterval(() => socket.write('x'), 20);
    socket.once('close', () => clearInterval(timer));
  },
  'a head of a megabyte': (socket) =>
    void socket.end(`HTTP/1.1 200 OK\r\n${`X: ${'x'.repeat(1000)}\r\n`.repeat(1000)}\r\n`),
  'a length that lies': (socket) =>
    void socket.end(
      'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99999\r\n\r\n<title>x</title>',
    ),
  'chunks that are none': (socket) =>
    void socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx'),
  'no HTTP at all': (socket) => void socket.end(`\u001b[2J${'SSH-2.0\r\n'.repeat(100)}`),
  'a line that is cut': (socket) => void socket.end('HTTP/1.1 200 O'),
};

for (const [name, answer] of Object.entries(BYTES)) {
  test(`${name}: ends, and is no pass`, async () => {
    const sockets = new Set<Socket>();
    const server = createSocketServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('data', () => answer(socket));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    try {
      const report = await run((server.address() as AddressInfo).port);
      if (name !== 'a length that lies') assert.match(report.blind ?? '', /no pass/);
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });
}

test('whoever a redirect, a link, a form or a source map leads to is asked nothing', async () => {
  let asked = 0;
  await listening(
    createServer((_request, response) => {
      asked += 1;
      response.end();
    }),
    (elsewhere) =>
      listening(
        createServer(({ url }, response) => {
          const away = `http://127.0.0.1:${elsewhere}`;
          response.setHeader('Content-Type', url?.endsWith('.js') === true ? 'text/javascript' : 'text/html');
          if (url === '/away') response.writeHead(302, { Location: `${away}/x` }).end();
          else if (url === '/a.js') response.end(`1\n//# sourceMappingURL=${away}/a.js.map`);
          else
            response.end(
              `<base href="${away}/"><a href="/there"><a href="http://127.0.0.1:${elsewhere}/x"><form method=post action="${away}/y"><input name=next></form><script src="${away}/b.js"></script>`,
            );
        }),
        async (port) => void (await run(port)),
      ),
  );
  assert.equal(asked, 0);
});
