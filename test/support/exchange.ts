/** Exchanges for unit tests: a plain GET of the public origin unless a test says otherwise. */
import { Exchange, type RequestFacts } from '../../src/core/exchange.ts';
import type { HeaderValue } from '../../src/core/head.ts';
import { ListedHead } from '../../src/core/listed-head.ts';
import { HeldBody } from '../../src/testing/held-body.ts';

export interface RequestSketch {
  method?: string;
  target?: string;
  httpVersion?: string;
  /** An array is a repeated header. */
  headers?: Record<string, string | string[]>;
  peer?: string;
  encrypted?: boolean;
  now?: number;
  body?: string | Uint8Array<ArrayBuffer>;
}

/** An exchange from a few facts. `Host: example.com` over TLS from 192.0.2.1 is there without being named. */
export function sketchExchange(sketch: RequestSketch = {}): Exchange {
  const headers: Record<string, string | string[]> = { host: 'example.com', ...sketch.headers };
  const request: RequestFacts = {
    method: sketch.method ?? 'GET',
    target: sketch.target ?? '/',
    httpVersion: sketch.httpVersion ?? '1.1',
    headers: folded(headers),
    rawHeaders: Object.entries(headers).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).flatMap((one) => [name, one]),
    ),
    peer: sketch.peer ?? '192.0.2.1',
    encrypted: sketch.encrypted ?? true,
  };
  const body = new HeldBody(request, Buffer.from(sketch.body ?? ''));
  const exchange = new Exchange(request, sketch.now ?? Date.parse('2026-01-01T00:00:00Z'), body);
  exchange.host = 'example.com';
  return exchange;
}

/** Names in lower case, as Node.js hands them on. */
function folded(headers: Record<string, string | string[]>): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** A response head without a server behind it. */
export class FakeHead extends ListedHead {
  constructor(statusCode = 200, headers: Record<string, string | string[]> = {}) {
    super(statusCode, Object.entries(headers));
  }

  /** By lower-cased names. */
  get headers(): ReadonlyMap<string, HeaderValue> {
    return new Map(this.names().map((name) => [name, this.getHeader(name) ?? '']));
  }
}
