/**
 * A framework as nobody has heard of, and its adapter as somebody else would write one: both live in this file, and know
 * public subpaths only. No file of ours changes for it. `test/consumers` runs this file against the packed package as well.
 */
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PolicyOptions } from 'bulwark';
import { bulwark, type NodeProtector } from 'bulwark/node';
import { hostConformance, NOTHING, type Reply, type StartHost } from 'bulwark/testing';

/** What a page of the tiny framework is given. */
interface TinyContext {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly text: () => Promise<string>;
}

/** Pages by method and path. What a page returns is its answer; one that returns nothing has written it. */
class Tiny {
  readonly #pages = new Map<string, (context: TinyContext) => Promise<Reply | undefined>>();

  on(line: string, page: (context: TinyContext) => Promise<Reply | undefined>): void {
    this.#pages.set(line, page);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const page = this.#pages.get(`${method} ${request.url?.split('?')[0]}`);
    const text = async (): Promise<string> => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString();
    };
    const reply = page === undefined ? NOTHING : await page({ request, response, text });
    if (reply === undefined) return;
    response.statusCode = reply.status ?? 200;
    for (const [name, value] of reply.headers ?? []) response.appendHeader(name, value);
    response.end(reply.body);
  }
}

/** The adapter. */
function guard(app: Tiny, policy: PolicyOptions): { readonly server: Server; readonly layer: NodeProtector } {
  const layer = bulwark(policy);
  return {
    layer,
    server: layer.createServer(layer.handler((request, response) => app.answer(request, response))),
  };
}

const start: StartHost = async (policy, routes) => {
  const app = new Tiny();
  for (const route of routes) {
    app.on(`${route.method} ${route.path}`, async ({ request, response, text }) => {
      if ('raw' in route) {
        await route.raw(request, response);
        return undefined;
      }
      const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
      return route.answer({ query, view: bulwark.of(request), body: text });
    });
  }
  const { server, layer } = guard(app, policy);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await layer.close();
  };
  return { port: (server.address() as AddressInfo).port, stop };
};

hostConformance('a framework nobody has heard of', start);
