/** HTTP by hand: bytes out, bytes in. What a well-behaved client would never send, these tests do. */
import { connect, type Socket } from 'node:net';

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Names (lower case) and values, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** A request, written out. `Host: example.com` and the forwarding headers of the test proxy are there without being named. */
export interface RawRequest {
  readonly method?: string;
  readonly target?: string;
  /** Further lines; a name that is given replaces the default of that name, null removes it. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly body?: string;
}

const DEFAULT_HEADERS: Readonly<Record<string, string>> = {
  host: 'example.com',
  'x-forwarded-for': '192.0.2.1',
  'x-forwarded-proto': 'https',
  accept: 'application/json',
  connection: 'close',
};

/** A request as text. */
export function writeRequest({ method = 'GET', target = '/', headers = {}, body }: RawRequest): string {
  const all: Record<string, string | readonly string[] | null> = { ...DEFAULT_HEADERS, ...headers };
  if (body !== undefined && !('transfer-encoding' in all))
    all['content-length'] ??= String(Buffer.byteLength(body));
  const lines = Object.entries(all).flatMap(([name, value]) => {
    if (value === null) return [];
    return (typeof value === 'string' ? [value] : value).map((one) => `${name}: ${one}`);
  });
  return `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

/** Sends a request and reads until the server closes, at most ten seconds. */
export async function ask(port: number, request: RawRequest | string): Promise<RawAnswer> {
  const bytes = await exchangeBytes(port, typeof request === 'string' ? request : writeRequest(request));
  return parseAnswer(bytes);
}

/** Sends bytes and returns everything that comes back before the connection is closed. */
export function exchangeBytes(port: number, bytes: string | Buffer, deadlineMs = 10_000): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
  const timer = setTimeout(() => {
    socket.destroy();
    reject(
      new Error(`no end of the answer after ${deadlineMs} ms; so far: ${Buffer.concat(chunks).toString()}`),
    );
  }, deadlineMs);
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    clearTimeout(timer);
    resolve(Buffer.concat(chunks));
  });
  return promise;
}

/** An open connection whose coming bytes are kept. */
export function openSocket(
  port: number,
): Promise<{ socket: Socket; received: () => string; closed: Promise<void> }> {
  const { promise, resolve, reject } = Promise.withResolvers<{
    socket: Socket;
    received: () => string;
    closed: Promise<void>;
  }>();
  let text = '';
  const socket = connect(port, '127.0.0.1');
  const closed = new Promise<void>((done) => {
    socket.once('close', () => done());
  });
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.once('connect', () => resolve({ socket, received: () => text, closed }));
  socket.once('error', reject);
  socket.on('error', () => socket.destroy());
  return promise;
}

/** Takes an answer apart. The body is unchunked. */
export function parseAnswer(bytes: Buffer): RawAnswer {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) throw new Error(`this is no answer: ${JSON.stringify(text.slice(0, 200))}`);
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const status = Number(statusLine.split(' ')[1]);
  if (status === 100) return parseAnswer(bytes.subarray(end + 4));
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const raw = text.slice(end + 4);
  const chunked = headers.some(([name, value]) => name === 'transfer-encoding' && value === 'chunked');
  return { status, headers, body: Buffer.from(chunked ? unchunk(raw) : raw, 'latin1').toString('utf8') };
}

/** The values of a header, in order. */
export function valuesOf(answer: RawAnswer, name: string): string[] {
  return answer.headers.filter(([one]) => one === name).map(([, value]) => value);
}

/** The one value of a header, or undefined. */
export function valueOf(answer: RawAnswer, name: string): string | undefined {
  const values = valuesOf(answer, name);
  if (values.length > 1) throw new Error(`${name} is there ${values.length} times`);
  return values[0];
}

/** The `name=value` of the session cookie an answer sets. */
export function sessionCookieOf(answer: RawAnswer): string | undefined {
  const line = valuesOf(answer, 'set-cookie').find((value) => /^__Host-sid=[\w-]+;/.test(value));
  return line?.split(';')[0];
}

function unchunk(text: string): string {
  let rest = text;
  let body = '';
  for (;;) {
    const lineEnd = rest.indexOf('\r\n');
    const length = Number.parseInt(rest.slice(0, lineEnd), 16);
    if (lineEnd === -1 || Number.isNaN(length) || length === 0) return body;
    body += rest.slice(lineEnd + 2, lineEnd + 2 + length);
    rest = rest.slice(lineEnd + 4 + length);
  }
}
