/** Handlers under the layer, whose heads are written in the fast way or in the plain one. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { protect } from '../../src/node/protector.ts';
import { viewOf } from '../../src/layer/view.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { exchangeBytes, type RawRequest, writeRequest } from '../../src/testing/wire.ts';
import { fixedSecrets, TEST_SECRET } from './secrets.ts';

/** A handler that knows nothing of the layer. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** How a handler is asked. */
export interface Way {
  readonly policy?: PolicyOptions;
  readonly request?: RawRequest | string;
  /** Called before the layer, as middleware mounted ahead of it would be. */
  readonly before?: Handler;
  /** Whether the server is one that the layer does not know: it meets the request where a framework hands it on. */
  readonly inside?: boolean;
}

/** All that comes back for one request to a handler under the layer. */
export async function bytesOf(handler: Handler, way: Way): Promise<string> {
  const [bytes = ''] = await answersOf([handler], way);
  return bytes;
}

/** What comes back for a request to each of the handlers, on connections of their own. */
export async function answersOf(
  handlers: readonly Handler[],
  { policy, request = {}, before, inside = false }: Way,
): Promise<readonly string[]> {
  const layer = protect({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    proxy: { trusted: ['127.0.0.1'] },
    audit: { sink: () => undefined },
    ...policy,
  });
  let current: Handler = () => undefined;
  const listener: Handler = (incoming, response) => {
    before?.(incoming, response);
    layer(incoming, response, () => void current(incoming, response));
  };
  const server = inside ? createServer(listener) : layer.createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    const { port } = server.address() as AddressInfo;
    const answers: string[] = [];
    for (const handler of handlers) {
      current = handler;
      const bytes = await exchangeBytes(port, typeof request === 'string' ? request : writeRequest(request));
      answers.push(bytes.toString('latin1'));
    }
    return answers;
  } finally {
    server.closeAllConnections();
    server.close();
    await layer.close();
  }
}

/** A method of one's own over Node's: from here on the head is written by documented methods alone. */
export const goPlain: Handler = (_request, response) => {
  response.setHeader = response.setHeader.bind(response);
};

/** A page that uses its nonce. */
export const page: Handler = (request, response) => {
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.end(`<script nonce="${viewOf(request, '').nonce}">1</script>`);
};
