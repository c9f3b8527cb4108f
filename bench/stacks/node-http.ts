/** node:http: bare, and under Bulwark. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { PolicyOptions } from 'bulwark';
import { bulwark } from 'bulwark/node';
import { ACCOUNT, dataOf, type PageFacts, renderPage } from './application.ts';
import { BULWARK_STORES, benchPolicy } from './bulwark.ts';
import { type Cleanup, listening } from './listening.ts';
import type { RunningStack, Stack } from './stack.ts';

/** A handler and no more. */
export const nodeBare: Stack = {
  name: 'node-bare',
  framework: 'node:http',
  kind: 'bare',
  parts: 'node:http',
  stores: ['memory'],
  start: () =>
    listening(
      createServer((request, response) => {
        if (request.url === '/data') sendData(response, undefined);
        else sendPage(response, { account: undefined, nonce: '', token: '' });
      }),
    ),
};

/** The same handler under the layer. */
export const nodeBulwark: Stack = {
  name: 'node-bulwark',
  framework: 'node:http',
  kind: 'bulwark',
  parts: 'bulwark/node',
  stores: BULWARK_STORES,
  start: async (options) => startNode(...(await benchPolicy(options))),
};

/** The handler under a layer of this policy. */
export function startNode(policy: PolicyOptions, ...cleanups: Cleanup[]): Promise<RunningStack> {
  const layer = bulwark(policy);
  const listener = layer.handler((request, response) => {
    const view = bulwark.of(request);
    if (request.method === 'POST') return post(request, response);
    if (request.url === '/data') return sendData(response, view.principal?.account);
    return sendPage(response, {
      account: view.principal?.account,
      nonce: view.nonce,
      token: view.csrfToken,
    });
  });
  return listening(layer.createServer(listener), () => layer.close(), ...cleanups);
}

async function post(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/sign-in') await bulwark.of(request).session.signIn({ account: ACCOUNT });
  response.end('done');
}

function sendPage(response: ServerResponse, facts: PageFacts): void {
  const page = renderPage(facts);
  response.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(page),
  });
  response.end(page);
}

function sendData(response: ServerResponse, account: string | undefined): void {
  const text = JSON.stringify(dataOf(account));
  response.writeHead(200, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}
