/** Request bodies as they come in: counted in real bytes, and read ahead where a guard must see a field. */
import { IncomingMessage, type ServerResponse } from 'node:http';
import { bringsBody } from '../core/body.ts';
import { BulwarkError } from '../core/errors.ts';
import { isClosing, lingeringClose } from './linger.ts';

/** What to do where {@link wasRead}. */
export const LAYER_FIRST =
  'a body was read before the layer saw its request, so that its size was not limited and no form in it can be checked: mount the layer before every body parser';

/** Whether something that stands before the layer has read the body of a request, or a part of it. */
export function wasRead(request: IncomingMessage): boolean {
  return request.readableDidRead && bringsBody(request.headers);
}

/**
 * Ends a body for the handler that waits for it, as an error and not as an end. The answer is on its way: Node.js would
 * destroy the socket with the body, and the reset would overtake it.
 */
export function failBody(request: IncomingMessage, error: BulwarkError): void {
  lingeringClose(request.socket);
  if (request instanceof IncomingMessage) request._destroy = destroyBodyAlone;
  cutBody(request, error);
}

/** The same where an answer is half out, which must not look like a whole one: the connection ends with it. */
export function cutBody(request: IncomingMessage, error: BulwarkError): void {
  request.destroy(error);
}

/** The error that the reader of a body over its limit gets in place of the end. */
export function tooLarge(limit: number): BulwarkError {
  return new BulwarkError('ERR_BULWARK_BODY_TOO_LARGE', `the request body is over ${limit} bytes`);
}

/** Node's own, on a request that finds its socket destroyed already. */
function destroyBodyAlone(
  this: IncomingMessage,
  error: Error | null,
  done: (error?: Error | null) => void,
): void {
  const { socket } = this;
  this.socket = Object.create(socket, { destroyed: { value: true } }) as IncomingMessage['socket'];
  try {
    IncomingMessage.prototype._destroy.call(this, error, done);
  } finally {
    this.socket = socket;
  }
}

/**
 * Whether a body ended because it was too large, and its connection with it: what still comes of it is read no more. A second
 * of that may be gigabytes.
 */
export function isCutOff(response: ServerResponse): boolean {
  return response.statusCode === TOO_LARGE && isClosing(response.req.socket);
}

const TOO_LARGE = 413;

/**
 * Reads the rest of a body and drops it, where the answer is out and the handler does not read on: the connection is then
 * good for the next request. Node.js would do so too, but without a count, for as long as bytes come.
 */
export function readRest(request: IncomingMessage, response: ServerResponse): void {
  if (isCutOff(response)) return;
  const waits = request.readableFlowing === false && request.listenerCount('readable') === 0;
  if (request.readableFlowing === null || (waits && !request.readableDidRead)) request.resume();
}

/**
 * Reads a whole body and puts it back, so that the handler's own parser finds it untouched. Undefined: it was larger
 * than `limit`, or the client went away.
 */
export function peekBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  const chunks: Buffer[] = [];
  let bytes = 0;

  const finish = (whole: boolean): void => {
    request.off('readable', onReadable);
    request.off('close', onClose);
    request.off('error', onClose);
    const body = Buffer.concat(chunks);
    // Before `end` is emitted, which waits for a read of an empty buffer: the handler reads it all again.
    if (bytes > 0) putBack(request, body);
    resolve(whole ? body : undefined);
  };
  const onClose = (): void => finish(false);
  const onReadable = (): void => {
    for (let chunk = read(request); chunk !== null; chunk = read(request)) {
      chunks.push(chunk);
      bytes += chunk.byteLength;
      if (bytes > limit) return finish(false);
    }
    if (request.complete) finish(true);
    return undefined;
  };

  if (request.complete && request.readableLength === 0) resolve(Buffer.alloc(0));
  else {
    request.on('readable', onReadable);
    request.on('close', onClose);
    request.on('error', onClose);
    onReadable();
  }
  return promise;
}

/**
 * Puts a body back, and takes back the mark that it was read: Hono on Node.js, like `Request` itself, takes no body of
 * which a part was read before.
 */
function putBack(request: IncomingMessage, body: Buffer): void {
  request.unshift(body);
  const { _readableState: state } = request as IncomingMessage & {
    _readableState?: { dataEmitted: boolean };
  };
  if (state !== undefined) state.dataEmitted = false;
}

// Asks for no more than is there: a read of an empty, complete body would make Node emit `end`.
function read(request: IncomingMessage): Buffer | null {
  return request.readableLength === 0 ? null : (request.read() as Buffer | null);
}
