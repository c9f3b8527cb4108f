/** An answer that waits for something before it leaves: its head and its bytes are kept back until then. */
import type { ServerResponse } from 'node:http';

/** The methods by which an answer leaves. */
type Method = 'writeHead' | 'write' | 'end' | 'flushHeaders';
type Writer = (this: ServerResponse, ...args: readonly unknown[]) => unknown;
type Writers = Record<Method, Writer>;

const METHODS: readonly Method[] = ['writeHead', 'write', 'end', 'flushHeaders'];

/** What an answer waits for. */
export interface Wait {
  /** Asked as the head leaves, and again at the end; undefined: for nothing. */
  readonly before: () => Promise<void> | undefined;
  /** It did not come about, and nothing of the answer went out. */
  readonly failed: (error: unknown) => void;
}

/** Whoever writes in the meantime finds an answer that has left, as it would have without. */
export function holdAnswer(response: ServerResponse, { before, failed }: Wait): void {
  const writers = response as unknown as Writers;
  const own: Writers = {
    writeHead: writers.writeHead,
    write: writers.write,
    end: writers.end,
    flushHeaders: writers.flushHeaders,
  };
  let state: 'unasked' | 'held' | 'head out' | 'ended' = 'unasked';
  let kept: { readonly method: Method; readonly args: readonly unknown[] }[] = [];

  for (const method of METHODS)
    writers[method] = function held(...args) {
      if (state === 'held') return keep(method, args);
      const isAsked = state === 'unasked' || (state === 'head out' && method === 'end');
      if (!isAsked) return own[method].call(response, ...args);
      const wait = before();
      if (wait === undefined) return pass(method, args);
      state = 'held';
      Object.defineProperty(response, 'headersSent', { configurable: true, get: () => true });
      // Also what a line of the head is refused for: the handler that wrote it has returned.
      wait.then(release).catch(drop);
      return keep(method, args);
    };

  function keep(method: Method, args: readonly unknown[]): unknown {
    kept.push({ method, args });
    return method === 'write' ? false : response;
  }

  function pass(method: Method, args: readonly unknown[]): unknown {
    // First: what Node.js calls by itself on the way, such as writeHead, waits for nothing more.
    state = method === 'end' ? 'ended' : 'head out';
    return own[method].call(response, ...args);
  }

  function release(): void {
    reveal();
    const all = kept;
    kept = [];
    for (const { method, args } of all) pass(method, args);
    if (all.some(({ method }) => method === 'write') && !response.writableNeedDrain) response.emit('drain');
  }

  function drop(error: unknown): void {
    reveal();
    kept = [];
    state = 'ended';
    if (!response.headersSent) {
      // They were of an answer that is none any more: where it led to, how long it was.
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      response.statusCode = 500;
    }
    failed(error);
  }

  function reveal(): void {
    Reflect.deleteProperty(response, 'headersSent');
  }
}
