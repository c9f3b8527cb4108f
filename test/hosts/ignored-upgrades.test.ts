/** Clients that ask for h2c or TLS with every request on plain http, as those of Java do, are answered like any other. */
import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, test } from 'node:test';
import express from 'express';
import { bulwark } from '../../src/adapters/express.ts';
import { exchangeBytes, parseAnswer, valueOf } from '../../src/testing/wire.ts';
import { gatewayHost } from './gateway-host.ts';
import { type Host, HOSTS, type Running, testPolicy } from './hosts.ts';

/** A server that Express makes by itself. */
const foundHost: Host = (policy) => {
  const layer = bulwark(testPolicy([], policy));
  const app = express().use(layer);
  app.post('/echo', express.text({ type: '*/*' }), (request, response) => {
    response.json({ bytes: (request.body as string).length });
  });
  const { promise, resolve } = Promise.withResolvers<Running>();
  const server: Server = app.listen(0, '127.0.0.1', () => {
    const stop = async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await layer.close();
    };
    resolve({ port: (server.address() as AddressInfo).port, server, layer, events: [], stop });
  });
  return promise;
};

const FORWARDED = 'Host: example.com\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 192.0.2.1\r\n';
const JAVA =
  'Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nUpgrade: h2c\r\n';
const APACHE = 'Upgrade: TLS/1.2\r\nConnection: Upgrade\r\n';

function post(lines: string, site = 'same-origin'): string {
  return `POST /echo HTTP/1.1\r\n${FORWARDED}Sec-Fetch-Site: ${site}\r\nContent-Type: text/plain\r\n${lines}Content-Length: 5\r\n\r\nhello`;
}

for (const [name, host] of Object.entries({
  ...HOSTS,
  'a server that Express made': foundHost,
  'the gateway': gatewayHost,
}))
  describe(name, () => {
    for (const [client, lines] of Object.entries({ Java: JAVA, Apache: APACHE }))
      test(`what ${client} sends is judged and answered with its body`, async () => {
        const running = await host();
        const upgraded: string[] = [];
        if (host !== gatewayHost)
          running.server.on('upgrade', (request, socket: Duplex) => {
            upgraded.push(String(request.headers.upgrade));
            socket.destroy();
          });
        try {
          const own = parseAnswer(await exchangeBytes(running.port, post(lines)));
          assert.equal(own.status, 200);
          assert.deepEqual(JSON.parse(own.body), { bytes: 5 });
          assert.equal(valueOf(own, 'connection'), 'close');
          const crossSite = await exchangeBytes(running.port, post(lines, 'cross-site'));
          assert.equal(parseAnswer(crossSite).status, 403);
          assert.deepEqual(upgraded, []);
          const mixed = await exchangeBytes(running.port, post(lines.replace('Upgrade: ', 'Upgrade: foo, ')));
          if (host === gatewayHost || client === 'Java') assert.equal(parseAnswer(mixed).status, 400);
          else assert.deepEqual(upgraded, ['foo, TLS/1.2']);
        } finally {
          await running.stop();
        }
      });
  });
