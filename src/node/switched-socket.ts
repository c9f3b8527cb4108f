/**
 * What answers a handshake writes its head straight to the socket: a 101, or a no of its own. Until that head is out the
 * socket is under the layer, so that the guards see it like any other: a cookie in it would be kept by the browser, and a
 * session that ended meanwhile would have a channel.
 */
import type { Duplex } from 'node:stream';
import type { Exchange } from '../core/exchange.ts';
import type { HeaderValue } from '../core/head.ts';
import { headerKey } from '../core/header-line.ts';
import { ListedHead } from '../core/listed-head.ts';
import type { Layer } from '../layer/layer.ts';
import { refuseOnSocket, writeFields } from './raw-answer.ts';

/** More than any head: what comes to that without an end of one is no HTTP, and passes as it is. */
const MOST_HEAD_BYTES = 64 * 1024;
const END_OF_HEAD = '\r\n\r\n';

type Write = (this: Duplex, chunk: unknown, encoding?: unknown, callback?: unknown) => boolean;
type End = (this: Duplex, chunk?: unknown, encoding?: unknown, callback?: unknown) => unknown;
type Writers = { write: Write; end: End };

/** Holds back the bytes written to a socket until they make a head, and has the guards look at that. Once for an upgrade. */
export function sealSwitch(layer: Layer, exchange: Exchange, socket: Duplex): void {
  // A tunnel's answer has no head that anyone stores.
  if (exchange.request.method === 'CONNECT') return;
  const writers = socket as unknown as Writers;
  const { write, end } = writers;
  let held: Buffer = Buffer.alloc(0);
  const release = (): void => {
    writers.write = write;
    writers.end = end;
  };
  const letGo = (): Buffer => {
    release();
    return held;
  };
  /** What may leave now; undefined: nothing yet, or nothing any more. */
  const take = (chunk: unknown, encoding: unknown, isLast: boolean): Buffer | undefined => {
    held = Buffer.concat([held, bytesOf(chunk, encoding)]);
    // The application made a response of its own on this socket, whose head the guards have dressed.
    if (exchange.headSent) return letGo();
    const ahead: string[] = [];
    for (let at = held.indexOf(END_OF_HEAD); at !== -1; at = held.indexOf(END_OF_HEAD)) {
      const read = readHead(held.toString('latin1', 0, at));
      if (read === undefined) break;
      held = held.subarray(at + END_OF_HEAD.length);
      const { head, statusLine } = read;
      if (head.part === 'hints') layer.dressSide(exchange, head);
      else {
        release();
        const refusal = layer.judge(exchange, head);
        if (refusal !== undefined) {
          refuseOnSocket(layer, exchange, refusal, socket);
          swallowOn(writers);
          return undefined;
        }
        layer.dress(exchange, head);
        ahead.push(written(statusLine, head));
        return Buffer.concat([Buffer.from(ahead.join(''), 'latin1'), held]);
      }
      ahead.push(written(statusLine, head));
    }
    const told = Buffer.from(ahead.join(''), 'latin1');
    if (isLast || held.byteLength > MOST_HEAD_BYTES || !mayBeHead(held))
      return Buffer.concat([told, letGo()]);
    return told.byteLength === 0 ? undefined : told;
  };
  writers.write = function sealedWrite(chunk, encoding, callback) {
    const leaving = take(chunk, encoding, false);
    if (leaving !== undefined) return write.call(this, leaving, callbackOf(encoding, callback));
    tell(callbackOf(encoding, callback));
    return true;
  };
  writers.end = function sealedEnd(chunk, encoding, callback) {
    const told = [chunk, encoding, callback].find((one) => typeof one === 'function');
    const leaving = take(typeof chunk === 'function' ? undefined : chunk, encoding, true);
    if (leaving !== undefined) return end.call(this, leaving, told);
    tell(told);
    return this;
  };
}

/** Ours is out, and closes the connection: what the application goes on to write there is read by nobody. */
function swallowOn(writers: Writers): void {
  writers.write = (_chunk, encoding, callback) => {
    tell(callbackOf(encoding, callback));
    return true;
  };
  writers.end = function swallowed(...args) {
    tell(args.find((one) => typeof one === 'function'));
    return this;
  };
}

function callbackOf(encoding: unknown, callback: unknown): unknown {
  return typeof encoding === 'function' ? encoding : callback;
}

function tell(callback: unknown): void {
  if (typeof callback === 'function') process.nextTick(callback);
}

function bytesOf(chunk: unknown, encoding: unknown): Buffer {
  if (chunk === undefined || chunk === null) return Buffer.alloc(0);
  if (typeof chunk === 'string')
    return Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  return Buffer.from(chunk as Uint8Array);
}

const START = 'HTTP/1.';

function mayBeHead(bytes: Buffer): boolean {
  if (bytes.includes(END_OF_HEAD)) return false;
  return START.startsWith(bytes.toString('latin1', 0, START.length));
}

interface ReadHead {
  readonly statusLine: string;
  readonly head: ListedHead;
}

function written(statusLine: string, head: ListedHead): string {
  return `${statusLine}\r\n${writeFields(head)}\r\n`;
}

/** A head as it was written; undefined where it is none. */
function readHead(text: string): ReadHead | undefined {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine)?.[1];
  if (status === undefined) return undefined;
  const fields = new Map<string, [name: string, values: string[]]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) return undefined;
    const name = line.slice(0, colon);
    const field = fields.get(headerKey(name));
    const value = line.slice(colon + 1).trim();
    if (field === undefined) fields.set(headerKey(name), [name, [value]]);
    else field[1].push(value);
  }
  const pairs = [...fields.values()].map(([name, values]): readonly [string, HeaderValue] => [
    name,
    values.length === 1 ? (values[0] ?? '') : values,
  ]);
  const part = status === '101' ? 'switch' : status.startsWith('1') ? 'hints' : 'answer';
  return { statusLine, head: new ListedHead(Number(status), pairs, part) };
}
