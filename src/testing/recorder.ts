/** A host without a network: runs a layer over plain facts, and records what comes of it. */
import { Exchange, type RequestFacts } from '../core/exchange.ts';
import { ForwardLines } from '../core/forward-head.ts';
import type { HeaderValue } from '../core/head.ts';
import { ListedHead } from '../core/listed-head.ts';
import type { Verdict } from '../core/verdict.ts';
import type { Layer } from '../layer/layer.ts';
import { HeldBody } from './held-body.ts';

/** A request in a few words. A GET of `/` over TLS from 192.0.2.1, where nothing else is said. */
export interface Asked {
  readonly method?: string;
  readonly target?: string;
  /** A list is a header that is repeated. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly httpVersion?: string;
  readonly peer?: string;
  readonly encrypted?: boolean;
  readonly body?: string;
  /** Milliseconds since 1970; now, where nothing is said. */
  readonly now?: number;
}

/** What the application answers, before any guard looks at it. */
export interface Answered {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, HeaderValue>>;
}

/** What came of a request. */
export interface Recorded {
  readonly exchange: Exchange;
  /** Why the application was not asked, or why its answer did not leave. */
  readonly verdict: Verdict;
  /** The head of the request as an upstream would get it: names and values in turn. Nothing, where it was refused. */
  readonly forwarded: readonly string[];
  /** The head of the answer as it left, whoever gave it. */
  readonly head: ListedHead;
}

/** Runs exchanges through one layer, as hosts do. */
export class RecorderHost {
  readonly layer: Layer;

  constructor(layer: Layer) {
    this.layer = layer;
  }

  /**
   * Takes one request through the guards, the application and the guards of the answer, and resolves to all that came of it.
   *
   * @param answer - what the application does with the exchange; not called where the layer refuses the request
   */
  async run(
    asked: Asked,
    answer: (exchange: Exchange) => Answered | Promise<Answered> = () => ({}),
  ): Promise<Recorded> {
    const { layer } = this;
    const exchange = exchangeOf(asked);
    const refused = await layer.decide(exchange);
    if (refused !== undefined) return this.#replace(exchange, refused);
    const upstream = new ForwardLines(exchange.request.rawHeaders);
    const withheld = layer.forward(exchange, upstream);
    if (withheld !== undefined) return this.#replace(exchange, withheld);
    const forwarded = upstream.rawHeaders;
    const { status = 200, headers = {} } = await answer(exchange);
    const head = new ListedHead(status, Object.entries(headers));
    const verdict = layer.judge(exchange, head);
    if (verdict !== undefined) return this.#replace(exchange, verdict, forwarded);
    layer.dress(exchange, head);
    return { exchange, verdict, forwarded, head };
  }

  #replace(exchange: Exchange, verdict: NonNullable<Verdict>, forwarded: readonly string[] = []): Recorded {
    const { status, headers } = this.layer.answer(exchange, verdict);
    const head = new ListedHead(status, headers);
    this.layer.dress(exchange, head);
    return { exchange, verdict, forwarded, head };
  }
}

function exchangeOf(asked: Asked): Exchange {
  const { body = '', now = Date.now() } = asked;
  const request = requestOf(asked);
  return new Exchange(request, now, new HeldBody(request, Buffer.from(body)));
}

function requestOf(asked: Asked): RequestFacts {
  const given = { host: 'example.com', ...asked.headers };
  const fields = Object.entries(given);
  return {
    method: asked.method ?? 'GET',
    target: asked.target ?? '/',
    httpVersion: asked.httpVersion ?? '1.1',
    headers: Object.fromEntries(fields.map(([name, value]) => [name.toLowerCase(), value])),
    rawHeaders: fields.flatMap(([name, value]) =>
      (typeof value === 'string' ? [value] : value).flatMap((one) => [name, one]),
    ),
    peer: asked.peer ?? '192.0.2.1',
    encrypted: asked.encrypted ?? true,
  };
}
