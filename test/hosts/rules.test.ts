/** The checker's rules against the layer: silent where it is, loud where it is not. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { RULES } from '../../src/check/rules.ts';
import type { Observation, Rule } from '../../src/core/finding.ts';
import { ask } from '../support/raw-http.ts';
import { HOSTS } from './hosts.ts';

async function observe(port: number, { probe }: Rule, scheme = 'https'): Promise<Observation> {
  const target = probe.target === '' ? '/' : probe.target;
  const { method, headers, body } = probe;
  const answer = await ask(port, { method, target, headers, ...(body !== undefined && { body }) });
  return {
    method,
    url: `${scheme}://example.com${target}`,
    status: answer.status,
    rawHeaders: answer.headers.flat(),
    body: answer.body,
  };
}

test('every rule has an id of its own, a title and a fix', () => {
  const ids = RULES.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { id, title } of RULES) assert.ok(/^[a-z-]+\.[a-z0-9-]+$/.test(id) && title.length > 0, id);
});

for (const [name, host] of Object.entries(HOSTS)) {
  test(`no rule finds anything under the layer on ${name}`, async () => {
    const { port, stop } = await host();
    try {
      for (const rule of RULES) assert.deepEqual(rule.check(await observe(port, rule)), [], rule.id);
    } finally {
      await stop();
    }
  });
}

/** Servers that have everything wrong between them: what one hides behind another mistake, the next one shows. */
const WRONG: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  'says nothing and serves everything': (request, response) => {
    response.setHeader('Content-Type', 'text/html');
    if (request.url === '/.env') response.end('BULWARK_SECRET=hunter2');
    else if (request.url === '/.git/HEAD') response.end('ref: refs/heads/main');
    else response.end('<p>Hello');
  },
  'says it wrongly': (_request, response) => {
    response.setHeader('Set-Cookie', [
      'session=1; Domain=example.com',
      '__Host-a=1; Domain=example.com',
      `sid=${'x'.repeat(5000)}; SameSite=None`,
    ]);
    response.setHeader('Server', 'Apache/2.2.3');
    response.setHeader('Cache-Control', 'public');
    response.setHeader('Content-Security-Policy', "script-src 'unsafe-inline' *; img-src 'nonce-short'");
    response.setHeader('Content-Type', 'text/html');
    response.end();
  },
  'tells how it fails': (_request, response) => {
    response.statusCode = 500;
    response.setHeader('Content-Type', 'text/html');
    response.end('Error: no\n    at Object.<anonymous> (/srv/app/index.js:1:1)');
  },
  'believes whoever asks': ({ headers }, response) => {
    response.statusCode = 302;
    const host = headers['x-forwarded-host'] ?? headers.host;
    response.setHeader('Location', `http://${String(host)}/`);
    if (headers['x-forwarded-proto'] === 'https')
      response.setHeader('Strict-Transport-Security', 'max-age=1');
    response.end();
  },
};

test('every rule finds something on servers that have everything wrong', async () => {
  const loud = new Set<string>();
  for (const answer of Object.values(WRONG)) {
    const server = createServer((request, response) => {
      response.setHeader('Connection', 'close');
      answer(request, response);
    });
    server.on('upgrade', (request, socket) => {
      socket.end(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${request.headers.upgrade}\r\nConnection: Upgrade\r\n\r\n`,
      );
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    try {
      for (const rule of RULES) {
        for (const scheme of ['http', 'https']) {
          if (rule.check(await observe(port, rule, scheme)).length > 0) loud.add(rule.id);
        }
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }
  assert.deepEqual(
    RULES.map(({ id }) => id).filter((id) => !loud.has(id)),
    [],
  );
});
