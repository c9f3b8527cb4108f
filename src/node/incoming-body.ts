/** The body of a request of Node.js, as guards and pages of ours are given it. */
import type { IncomingMessage } from 'node:http';
import { type Body, bringsBody, type DeclaredBody, declaredBody } from '../core/body.ts';
import { BulwarkError } from '../core/errors.ts';
import { tellToContinue } from './expectation.ts';
import { LAYER_FIRST, peekBody, wasRead } from './request-body.ts';

/** One is made for each exchange: it keeps the request, and finds out the rest when it is asked. */
export class IncomingBody implements Body {
  readonly #request: IncomingMessage;
  #declared: DeclaredBody | undefined = undefined;

  constructor(request: IncomingMessage) {
    this.#request = request;
  }

  get declared(): DeclaredBody {
    return (this.#declared ??= declaredBody(this.#request.headers));
  }

  get begun(): boolean {
    const { readableDidRead, readableFlowing } = this.#request;
    if (!bringsBody(this.#request.headers)) return false;
    // Attached, and not given anything yet: a pipe, a stream of the web.
    return readableDidRead || readableFlowing === true || this.#request.listenerCount('data') > 0;
  }

  async peek(limit: number): Promise<Buffer | undefined> {
    const request = this.#request;
    if (!bringsBody(request.headers)) return Buffer.alloc(0);
    // Empty, it would look like a form with nothing in it, and whoever sent it would be told so.
    if (wasRead(request)) throw new BulwarkError('ERR_BULWARK_BODY_READ', LAYER_FIRST);
    if ((this.declared.length ?? 0) > limit) return undefined;
    tellToContinue(request);
    return peekBody(request, limit);
  }
}
