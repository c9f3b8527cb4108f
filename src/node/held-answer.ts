/** An answer that waits for something before it leaves: its head and its bytes are kept back until then. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The methods by which an answer leaves. */
type Method = 'writeHead' | 'write' | 'end' | 'flushHeaders';
type Writer = (this: ServerResponse, ...args: readonly unknown[]) => unknown;
type Writers = Record<Method, Writer>;

const METHODS: readonly Method[] = ['writeHead', 'write', 'end', 'flushHeaders'];

/**
 * The head as Node.js has it once it is written. Node asks for it in each method that changes a head, and so do compression,
 * on-headers and express-session: all of them find an answer that has left.
 */
type WithHead = ServerResponse & { _header: string | null };
/** Text of a head: what would be sent by somebody who writes past all methods here. */
const HELD = 'HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

/** What an answer waits for. */
export interface Wait {
  /** Asked as the head leaves, and again at the end; undefined: for nothing. */
  readonly before: () => Promise<void> | undefined;
  /** It did not come about, and what was kept back of the answer does not go out. */
  readonly failed: (error: unknown) => void;
  /** It did not come about behind the head: true where the end of the answer goes out all the same. */
  readonly goesOn: (error: unknown) => boolean;
}

/**
 * Whoever writes in the meantime finds an answer that has left, as it would have without: a second answer that could still
 * change the head of the first one would give it a length that is not its own, and the next answer of the connection
 * would be read as part of it.
 */
export function holdAnswer(response: ServerResponse, { before, failed, goesOn }: Wait): void {
  const headed = response as WithHead;
  const writers = response as unknown as Writers;
  const own: Writers = {
    writeHead: writers.writeHead,
    write: writers.write,
    end: writers.end,
    flushHeaders: writers.flushHeaders,
  };
  let state: 'unasked' | 'held' | 'head out' | 'ended' = 'unasked';
  let kept: { readonly method: Method; readonly args: readonly unknown[] }[] = [];
  let isEnded = false;
  /** Of the head that was written, whatever is said of the status behind it. */
  let status: Pick<ServerResponse, 'statusCode' | 'statusMessage'> | undefined;
  let connection: Connection | undefined;

  for (const method of METHODS)
    writers[method] = function held(...args) {
      if (state === 'held') return keep(method, args);
      const isAsked = state === 'unasked' || (state === 'head out' && method === 'end');
      if (!isAsked) return own[method].call(response, ...args);
      const wait = before();
      if (wait === undefined) return pass(method, args);
      hold(wait);
      return keep(method, args);
    };

  function hold(wait: Promise<void>): void {
    state = 'held';
    freeze();
    // Also what a line of the head is refused for: the handler that wrote it has returned.
    wait.catch(goOn).then(release).catch(drop);
  }

  function freeze(): void {
    Object.defineProperty(response, 'writableEnded', { configurable: true, get: () => isEnded });
    if (response.socket !== null) connection = holdConnection(response.socket, () => isEnded);
    if (response.headersSent) return;
    status = { statusCode: response.statusCode, statusMessage: response.statusMessage };
    headed._header = HELD;
  }

  function reveal(): void {
    Reflect.deleteProperty(response, 'writableEnded');
    connection?.letGo();
    if (headed._header === HELD) headed._header = null;
  }

  function keep(method: Method, args: readonly unknown[]): unknown {
    if (method === 'writeHead' && kept.length > 0) throw headSent();
    // What follows an end is handed to Node.js behind it, which has an error for each.
    isEnded ||= method === 'end';
    kept.push({ method, args });
    return method === 'write' ? false : response;
  }

  function pass(method: Method, args: readonly unknown[]): unknown {
    // First: what Node.js calls by itself on the way, such as writeHead, waits for nothing more.
    if (state !== 'ended') state = method === 'end' ? 'ended' : 'head out';
    return own[method].call(response, ...args);
  }

  function goOn(error: unknown): void {
    if (headed._header === HELD || !goesOn(error)) throw error;
  }

  function release(): void {
    reveal();
    if (status !== undefined) Object.assign(response, status);
    status = undefined;
    const all = kept;
    kept = [];
    for (const [at, { method, args }] of all.entries()) {
      if (method === 'end' && at > 0 && holdsAgain(all.slice(at))) return;
      pass(method, args);
    }
    if (connection?.isCut) response.socket?.destroySoon();
    if (all.some(({ method }) => method === 'write') && !response.writableNeedDrain) response.emit('drain');
  }

  /** What the handler changed between what was kept first and its end is in none of what was waited for. */
  function holdsAgain(rest: typeof kept): boolean {
    const wait = before();
    if (wait === undefined) return false;
    const isCut = connection?.isCut === true;
    kept = rest;
    hold(wait);
    if (connection !== undefined) connection.isCut ||= isCut;
    return true;
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
    if (connection?.isCut) response.socket?.destroy();
    failed(error);
  }
}

interface Connection {
  /** Whether somebody wanted to be rid of it meanwhile. */
  isCut: boolean;
  letGo(): void;
}

/** Express destroys the connection for an error behind an answer that has left. What is held has yet to leave. */
function holdConnection(socket: Socket, isWhole: () => boolean): Connection {
  const before = Object.getOwnPropertyDescriptor(socket, 'destroy');
  const destroy = socket.destroy.bind(socket);
  const connection: Connection = {
    isCut: false,
    letGo() {
      if (before === undefined) Reflect.deleteProperty(socket, 'destroy');
      else Object.defineProperty(socket, 'destroy', before);
    },
  };
  socket.destroy = function held(error) {
    if (!isWhole()) return destroy(error);
    connection.isCut = true;
    return socket;
  };
  return connection;
}

function headSent(): Error {
  const error = new Error('Cannot write headers after they are sent to the client');
  return Object.assign(error, { code: 'ERR_HTTP_HEADERS_SENT' });
}
