/** Sites for the past failures: the same few handlers under the layer on every host, and bare. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as nodeBulwark } from '../../src/adapters/node.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import type { View } from '../../src/layer/view.ts';
import { HOSTS, nodeHost, type Running, testPolicy } from '../hosts/hosts.ts';
import { ask, type RawAnswer, type RawRequest } from '../../src/testing/wire.ts';
import type { Starts } from './holds.ts';

/** A server that listens on loopback. */
export interface Site {
  readonly port: number;
  readonly server: Server;
  readonly stop: () => Promise<void>;
}

/** Answers a request of a site under the layer. */
export type Handle = (request: IncomingMessage, response: ServerResponse, view: View) => unknown;

/** A policy, made anew for each host: a closed store is of no use to the next one. */
export type MakePolicy = () => PolicyOptions;

const NO_OPTIONS: MakePolicy = () => ({});

/** The test application of the conformance suite on every host. */
export function everyHost(policy: MakePolicy = NO_OPTIONS): Starts<Running> {
  return Object.fromEntries(
    Object.entries(HOSTS).map(([name, host]) => [`the layer on ${name}`, () => host(policy())]),
  );
}

/** The test application on one host, for the side on which a control is off. */
export function oneHost(policy: MakePolicy): () => Promise<Running> {
  return () => nodeHost(policy());
}

/** One handler of a test's own under the layer, on every host. */
export function everyHostWith(handle: Handle, policy: MakePolicy = NO_OPTIONS): Starts<Site> {
  return {
    'the layer on node:http': () => nodeSite(handle, policy()),
    'the layer on Express': () => expressSite(handle, policy()),
  };
}

/** A handler under the layer on node:http. */
export function nodeSite(handle: Handle, policy: PolicyOptions = {}): Promise<Site> {
  const layer = nodeBulwark(testPolicy([] as AuditEvent[], policy));
  const listener = layer.handler((request, response) => handle(request, response, nodeBulwark.of(request)));
  return listen(layer.createServer(listener), () => layer.close());
}

function expressSite(handle: Handle, policy: PolicyOptions): Promise<Site> {
  const layer = expressBulwark(testPolicy([] as AuditEvent[], policy));
  const app = express();
  app.set('env', 'test');
  app.use(layer);
  app.use((request, response) => handle(request, response, expressBulwark.of(request)));
  return listen(layer.createServer(app), () => layer.close());
}

/** A handler with nothing in front of it. What it throws is a 500, as frameworks have it. */
export function bareSite(
  handle: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<Site> {
  const run = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      await handle(request, response);
    } catch (error) {
      response.statusCode = 500;
      response.end(String(error));
    }
  };
  return listen(createServer((request, response) => void run(request, response)));
}

/** Lets a server listen. */
export async function listen(server: Server, close: () => unknown = () => undefined): Promise<Site> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
    await close();
  };
  return { port: (server.address() as AddressInfo).port, server, stop };
}

/** The path a request asks for. */
export function pathOf(request: IncomingMessage): string {
  return request.url?.split('?')[0] ?? '';
}

/** A whole body, as text. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

/** Ends with JSON. */
export function json(response: ServerResponse, value: unknown): void {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(value));
}

/** Sends a form from one of the site's own pages. */
export function postForm(
  port: number,
  target: string,
  body: string,
  more: RawRequest = {},
): Promise<RawAnswer> {
  const headers = {
    'sec-fetch-site': 'same-origin',
    'content-type': 'application/x-www-form-urlencoded',
    ...more.headers,
  };
  return ask(port, { method: 'POST', target, body, headers });
}
