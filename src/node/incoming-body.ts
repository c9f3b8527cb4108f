/** The body of a request of Node.js, as guards and pages of ours are given it, and whether anyone still waits for its answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Body, type DeclaredBody, declaredBody, NO_BODY, type PieceJudge } from '../core/body.ts';
import { BulwarkError } from '../core/errors.ts';
import type { Exchange, Lifeline } from '../core/exchange.ts';
import type { Guard } from '../core/guard.ts';
import type { Refusal, Verdict } from '../core/verdict.ts';
import { THROWN } from '../controls/access/permissions.ts';
import { bodyLimitOf, bodyTooLarge } from '../controls/firewall/body.ts';
import { attachedView, View } from '../layer/view.ts';
import { flowOf } from './body-flow.ts';
import { endBody } from './end-body.ts';
import { continuationOf, tellToContinue } from './expectation.ts';
import { watchOver } from './lifeline.ts';
import { LAYER_FIRST, peekBody, tooLarge, wasRead } from './request-body.ts';

/** One is made for each exchange: it keeps the request, and finds out the rest when it is asked. */
export class IncomingBody implements Body, Lifeline {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse | undefined;
  #declared: DeclaredBody | undefined = undefined;
  #taken = false;
  #peeks = 0;

  /** @param response - none where nothing answers yet, as of an upgrade */
  constructor(request: IncomingMessage, response: ServerResponse | undefined) {
    this.#request = request;
    this.#response = response;
  }

  get declared(): DeclaredBody {
    return (this.#declared ??= declaredBody(this.#request.headers));
  }

  get begun(): boolean {
    if (this.#taken || !this.declared.present) return false;
    const request = this.#request;
    if (request.readableDidRead || request.readableFlowing === true) return true;
    // Attached, and not given anything yet: a pipe, a stream of the web, a loop over its pieces.
    return request.listenerCount('data') > 0 || request.listenerCount('readable') > 0;
  }

  async peek(limit: number): Promise<Buffer | undefined> {
    const { present, length = 0 } = this.declared;
    if (this.#taken) throw new BulwarkError('ERR_BULWARK_BODY_TAKEN', TAKEN);
    if (!present) return Buffer.alloc(0);
    // Empty, it would look like a form with nothing in it, and the client would be told so.
    if (wasRead(this.#request)) throw new BulwarkError('ERR_BULWARK_BODY_READ', LAYER_FIRST);
    if (length > limit) return undefined;
    tellToContinue(this.#request);
    this.#peeks += 1;
    const peeked = await peekBody(this.#request, limit);
    this.#peeks -= 1;
    return peeked;
  }

  judge(guard: Pick<Guard, 'name' | 'mode'>, look: PieceJudge): Verdict {
    if (this.#taken) throw new BulwarkError('ERR_BULWARK_BODY_TAKEN', TAKEN);
    const request = this.#request;
    const flow = flowOf(request);
    const early = flow.early();
    const verdict = (early === null ? undefined : look(early)) ?? (request.complete ? look(null) : undefined);
    if (verdict !== undefined || request.complete) return verdict;
    let looks = true;
    flow.judge((piece) => {
      const refusal = looks ? look(piece) : undefined;
      if (refusal === undefined) return false;
      looks = false;
      return this.#refuse(guard, refusal);
    });
    return undefined;
  }

  take(): AsyncIterable<Uint8Array> {
    if (this.#taken || this.#peeks > 0) throw new BulwarkError('ERR_BULWARK_BODY_TAKEN', TAKEN);
    if (this.begun) throw new BulwarkError('ERR_BULWARK_BODY_READ', LAYER_FIRST);
    const { present, length = 0 } = this.declared;
    refuseOver(this.#request, length);
    this.#taken = true;
    if (!present) return NO_BODY.take();
    const flow = flowOf(this.#request);
    const taken = flow.take(continuationOf(this.#request));
    hideBody(this.#request);
    // Before Node's own, which lets the rest come uncounted.
    const response = this.#response;
    response?.prependOnceListener('finish', () => flow.readAway(response));
    return taken;
  }

  /** Whether the body ends with it. */
  #refuse({ name, mode }: Pick<Guard, 'name' | 'mode'>, refusal: Refusal): boolean {
    const view = attachedView(this.#request);
    const observed = mode === 'observe';
    if (view !== undefined) View.layerOf(view).report(View.exchangeOf(view), name, refusal, observed);
    if (observed) return false;
    const error = new BulwarkError('ERR_BULWARK_BODY_REFUSED', `the guard ${name} refused the request body`);
    if (this.#response === undefined) this.#request.destroy(error);
    else endBody(this.#request, this.#response, refusal, error);
    return true;
  }

  watch(exchange: Exchange): void {
    const view = attachedView(this.#request);
    if (view === undefined) return;
    watchOver(exchange, View.layerOf(view).sessions, this.#request.socket, this.#response);
  }
}

const TAKEN =
  'the body of this request was taken already, or is being looked at: have one guard take it, after what peeks, and put what it made of it into a slot';

/** The body guard judges the declared length, but it is the last guard: a body that is taken before is judged here. */
function refuseOver(request: IncomingMessage, length: number): void {
  const view = attachedView(request);
  if (view === undefined) return;
  const layer = View.layerOf(view);
  const exchange = View.exchangeOf(view);
  const { mode } = layer.policy.body;
  const limit = bodyLimitOf(exchange, layer.policy.body);
  if (mode === 'off' || length <= limit) return;
  const refusal = bodyTooLarge(limit);
  layer.report(exchange, 'body', refusal, mode === 'observe');
  if (mode === 'observe') return;
  exchange.set(THROWN, refusal);
  throw tooLarge(limit);
}

const OF_A_BODY: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'content-type',
  'content-encoding',
  'expect',
  'trailer',
]);

/**
 * To the handler it is a request without a body: a parser that is told of one would wait for it, or answer that it is shorter
 * than declared. Guards have the head as it came.
 */
function hideBody(request: IncomingMessage): void {
  const { headers, rawHeaders } = request;
  request.headers = Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_A_BODY.has(name)));
  request.rawHeaders = rawHeaders.filter((_line, at) => {
    const name = rawHeaders[at - (at % 2)] ?? '';
    return !OF_A_BODY.has(name.toLowerCase());
  });
}
