/** The checker's rules against the layer: silent where it is, loud where it is not. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
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

test('every room finds something on a server that does it all wrong', async () => {
  const server = createServer((request, response) => {
    if (request.url !== '/') response.statusCode = 500;
    response.setHeader('Set-Cookie', ['session=1', '__Host-a=1; Domain=example.com']);
    response.setHeader('Server', 'Apache/2.2.3');
    response.setHeader('Content-Security-Policy', "script-src 'unsafe-inline' *");
    response.setHeader('Content-Type', 'text/html');
    response.setHeader('Connection', 'close');
    response.end('Error: no\n    at Object.<anonymous> (/srv/app/index.js:1:1)\nBULWARK_SECRET=hunter2');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  try {
    const loud = new Set<string>();
    for (const rule of RULES) {
      if (rule.check(await observe(port, rule, 'http')).length > 0) loud.add(rule.id.split('.')[0] ?? '');
    }
    const rooms = new Set(RULES.map(({ id }) => id.split('.')[0] ?? ''));
    assert.deepEqual([...rooms.difference(loud)], ['secrets']);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
