/** Exchanges for unit tests: a plain GET of the public origin unless a test says otherwise. */
import { type Body, type DeclaredBody, declaredBody } from '../../src/core/body.ts';
import type { HeaderLine } from '../../src/core/header-line.ts';
import { Exchange, type RequestFacts, type OutgoingHead } from '../../src/core/exchange.ts';

export interface RequestSketch {
  method?: string;
  target?: string;
  httpVersion?: string;
  /** An array is a repeated header. */
  headers?: Record<string, string | string[]>;
  peer?: string;
  encrypted?: boolean;
  now?: number;
  body?: string;
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

/** A body that is there already, whatever its head says of it. */
export class HeldBody implements Body {
  readonly declared: DeclaredBody;
  readonly begun = false;
  readonly #bytes: Buffer;

  constructor({ headers }: Pick<RequestFacts, 'headers'>, bytes: Buffer = Buffer.alloc(0)) {
    this.declared = declaredBody(headers);
    this.#bytes = bytes;
  }

  peek(limit: number): Promise<Buffer | undefined> {
    const most = Math.max(this.#bytes.byteLength, this.declared.length ?? 0);
    return Promise.resolve(most <= limit ? this.#bytes : undefined);
  }
}

/** Names in lower case, as Node.js hands them on. */
function folded(headers: Record<string, string | string[]>): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** A response head without a server behind it. */
export class FakeHead implements OutgoingHead {
  statusCode: number;
  readonly headers: Map<string, number | string | readonly string[]> = new Map<
    string,
    number | string | readonly string[]
  >();

  constructor(statusCode = 200, headers: Record<string, string | string[]> = {}) {
    this.statusCode = statusCode;
    for (const [name, value] of Object.entries(headers)) this.setHeader(name, value);
  }

  getHeader(name: string): number | string | readonly string[] | undefined {
    return this.headers.get(name.toLowerCase());
  }

  setHeader(name: string, value: number | string | readonly string[]): void {
    this.headers.set(name.toLowerCase(), value);
  }

  removeHeader(name: string): void {
    this.headers.delete(name.toLowerCase());
  }

  addLine({ name, value }: HeaderLine): void {
    this.setHeader(name, value);
  }

  removeAll(names: ReadonlySet<string>): void {
    for (const name of names) this.headers.delete(name);
  }
}
