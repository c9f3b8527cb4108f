/** What the gateway answers an authority that asks whether a name is ours, while it asks. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { KeyPair } from '../certificate.ts';

const PATH = '/.well-known/acme-challenge/';

/** The answers that are out now: none but during an order. */
export class Challenges {
  readonly #texts = new Map<string, string>();
  readonly #pairs = new Map<string, KeyPair>();

  /** RFC 8555 8.3. */
  addText(token: string, text: string): void {
    this.#texts.set(token, text);
  }

  /** RFC 8737. */
  addPair(name: string, pair: KeyPair): void {
    this.#pairs.set(name, pair);
  }

  remove(tokenOrName: string): void {
    this.#texts.delete(tokenOrName);
    this.#pairs.delete(tokenOrName);
  }

  pairFor(name: string): KeyPair | undefined {
    return this.#pairs.get(name);
  }

  /** Has a server of plain http answer them, ahead of the guards: what is asked for by no other path is judged as ever. */
  answerOn(server: Server): void {
    const emit = server.emit.bind(server);
    server.emit = (event: string, ...args: unknown[]): boolean => {
      if (event === 'request' && this.#answers(args[0] as IncomingMessage, args[1] as ServerResponse))
        return true;
      return emit(event, ...args);
    };
  }

  #answers({ method, url = '' }: IncomingMessage, response: ServerResponse): boolean {
    const text =
      method === 'GET' && url.startsWith(PATH) ? this.#texts.get(url.slice(PATH.length)) : undefined;
    if (text === undefined) return false;
    response.writeHead(200, {
      'Content-Type': 'application/octet-stream',
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
    });
    response.end(text);
    return true;
  }
}
