/** `bulwark/outbound`: requests to addresses that users give. */
import { BulwarkError } from '../../core/errors.ts';
import type { Audit } from '../../core/events.ts';
import { LAYER_PARTS } from '../../core/layer-parts.ts';
import { tendMethods } from '../../core/tended.ts';
import { boundedBody } from './bounded-answer.ts';
import { failure, noAnswer, tooLarge } from './failure.ts';
import { judgeUrl } from './destination.ts';
import { Forbidden, guardedLookup } from './guarded-lookup.ts';
import { type Answer, ask } from './hop.ts';
import { afterRedirect, type Asked, bodyOf, headersOf } from './request.ts';
import { OUTBOUND_CALLS } from './outbound.calls.ts';
import { OUTBOUND_EVENTS } from './outbound.events.ts';
import type { OutboundSettings } from './outbound.options.ts';

export type { OutboundOptions } from './outbound.options.ts';

/** What goes with a request. As of `fetch`, of which it is a part. */
export interface OutboundInit {
  /** Default GET. `CONNECT`, `TRACE` and `TRACK` are refused. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>> | Headers;
  /** Held in memory, so that a redirect can send it again. */
  readonly body?: string | Uint8Array | URLSearchParams;
  /** Ends it before its time. */
  readonly signal?: AbortSignal;
  /** Of the request that brought the address, for the log: `bulwark.of(request).requestId`. */
  readonly requestId?: string;
}

/** What it needs of a layer: what `bulwark(policy)` gives back has it. */
export interface OutboundLayer {
  readonly [LAYER_PARTS]: { readonly policy: { readonly outbound: OutboundSettings }; readonly audit: Audit };
}

/** Requests of an application to addresses that its users give, by the section `outbound` of its policy. */
export class Outbound {
  readonly #settings: OutboundSettings;
  readonly #audit: Audit;
  readonly #lookup: ReturnType<typeof guardedLookup>;

  private constructor({ policy, audit }: OutboundLayer[typeof LAYER_PARTS]) {
    this.#settings = policy.outbound;
    this.#audit = audit;
    this.#lookup = guardedLookup(policy.outbound);
  }

  /**
   * Of a layer.
   *
   * @example
   * ```ts
   * const outbound = Outbound.of(bulwark(policy));
   * const answer = await outbound.fetch(addressThatSomebodyTyped);
   * ```
   */
  static of(layer: OutboundLayer): Outbound {
    OUTBOUND_CALLS.of(layer);
    return new Outbound(layer[LAYER_PARTS]);
  }

  /**
   * Asks an address that somebody gave (CWE-918; OWASP Server-Side Request Forgery Prevention). Scheme, port and host are
   * held to the policy, and each IP address that the name leads to is judged as it is connected to; so is each redirect.
   * Credentials stay with the origin that they were given for. Proxies of the environment are not asked.
   *
   * @returns the answer as `fetch` gives it, of any status but a redirect's; its body ends in an error where it is larger
   *   than the policy allows, or takes longer
   * @throws BulwarkError ERR_BULWARK_OUTBOUND_REFUSED where the address, or one that it leads to, must not be asked;
   *   ERR_BULWARK_OUTBOUND_LIMIT where it took too long, was too large, or led on too often;
   *   ERR_BULWARK_OUTBOUND_FAILED where no answer came
   */
  async fetch(address: string | URL, init: OutboundInit = {}): Promise<Response> {
    OUTBOUND_CALLS.fetch(address, init);
    const deadline = AbortSignal.timeout(this.#settings.timeout);
    const signal = init.signal === undefined ? deadline : AbortSignal.any([deadline, init.signal]);
    let asked: Asked = {
      url: this.#judge(address, false, init),
      method: (init.method ?? 'GET').toUpperCase(),
      headers: headersOf(init.headers, init.body),
      body: bodyOf(init.body),
    };
    for (let redirects = 0; ; redirects += 1) {
      const answer = await this.#ask(asked, signal, redirects > 0, init);
      const location = answer.headers.location;
      if (!REDIRECTS.has(answer.statusCode ?? 0) || location === undefined)
        return this.#respond(answer, asked, redirects > 0, signal);
      answer.destroy();
      if (redirects === this.#settings.redirects)
        throw new BulwarkError(
          'ERR_BULWARK_OUTBOUND_LIMIT',
          'It leads on more often than outbound.redirects allows.',
        );
      const next = URL.canParse(location, asked.url.href) ? new URL(location, asked.url) : location;
      asked = this.#follow(asked, this.#judge(next, true, init), answer.statusCode ?? 0, init);
    }
  }

  async #ask(asked: Asked, signal: AbortSignal, redirect: boolean, init: OutboundInit): Promise<Answer> {
    try {
      return await ask({ ...asked, lookup: this.#lookup, signal });
    } catch (error) {
      if (error instanceof Forbidden) throw this.#refuse(asked.url.hostname, error.message, redirect, init);
      throw failure(error, signal);
    }
  }

  #judge(address: string | URL, redirect: boolean, init: OutboundInit): URL {
    const destination = judgeUrl(address, this.#settings);
    if (destination.ok) return destination.url;
    const host = URL.canParse(String(address)) ? new URL(address).hostname : '';
    throw this.#refuse(host, destination.reason, redirect, init);
  }

  #follow(asked: Asked, url: URL, status: number, init: OutboundInit): Asked {
    const next = afterRedirect(asked, url, status);
    if (typeof next !== 'string') return next;
    throw this.#refuse(url.hostname, next, true, init);
  }

  #refuse(host: string, reason: string, redirect: boolean, { requestId }: OutboundInit): BulwarkError {
    this.#audit(OUTBOUND_EVENTS.refused, { host, reason, redirect, requestId });
    const what = redirect ? 'A redirect of this address' : 'This address';
    return new BulwarkError('ERR_BULWARK_OUTBOUND_REFUSED', `${what} is not asked: ${reason}.`);
  }

  #respond(answer: Answer, { url, method }: Asked, redirected: boolean, signal: AbortSignal): Response {
    const status = answer.statusCode ?? 0;
    const isBare = method === 'HEAD' || NO_BODY.has(status);
    const { size } = this.#settings;
    try {
      if (!isBare && Number(answer.headers['content-length'] ?? 0) > size) throw tooLarge();
      const body = isBare ? null : boundedBody(answer, size, signal);
      if (isBare) answer.resume();
      const response = new Response(body, {
        status,
        statusText: answer.statusMessage ?? '',
        headers: answerHeaders(answer),
      });
      // Of a response that is made here, the platform leaves these empty.
      return Object.defineProperties(response, {
        url: { value: url.href, enumerable: true },
        redirected: { value: redirected, enumerable: true },
      });
    } catch (error) {
      answer.destroy();
      throw error instanceof BulwarkError ? error : noAnswer('The answer is none that HTTP has.', error);
    }
  }

  static {
    tendMethods(Outbound);
  }
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const NO_BODY = new Set([204, 205, 304]);
/** What was true of the bytes that came, and is not of those that are handed on; and what is nobody's but the sender's. */
const DROPPED = new Set([
  'content-encoding',
  'content-length',
  'transfer-encoding',
  'connection',
  'set-cookie',
]);

function answerHeaders(answer: Answer): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(answer.headersDistinct)) {
    if (!DROPPED.has(name)) for (const value of values) headers.append(name, value);
  }
  return headers;
}
