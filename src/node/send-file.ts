/** Files on their way out, by Node's own response: as fast as they are read, and cut where they turn out to be damaged. */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileAnswer } from '../files/serving/file-answer.ts';

/**
 * Sends an answer. Its first bytes are read before its head leaves, so that a file that cannot be read is an error and no cut
 * answer.
 *
 * @param announce - tells the framework, right before the first byte leaves
 * @returns what went wrong behind the head, and cut the answer: none where all of it left, or its client went
 * @throws what reading the first bytes comes to
 */
export async function sendFile(
  response: ServerResponse,
  { status, headers, from, to }: FileAnswer,
  read: (from: number, to: number) => AsyncIterable<Uint8Array>,
  announce: () => void,
): Promise<unknown> {
  const pieces = from < to ? read(from, to)[Symbol.asyncIterator]() : undefined;
  try {
    const first = await pieces?.next();
    announce();
    response.statusCode = status;
    for (const [name, value] of headers) response.setHeader(name, value);
    if (pieces === undefined || first === undefined || first.done === true) {
      response.end();
      return undefined;
    }
    let failure: unknown;
    const body = async function* (): AsyncGenerator<Uint8Array, void, void> {
      try {
        yield first.value;
        for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield next.value;
      } catch (error) {
        failure = error;
        throw error;
      }
    };
    // Who goes in the middle of a download is nothing to tell.
    await pipeline(Readable.from(body(), { objectMode: false, highWaterMark: 1 }), response).catch(
      () => undefined,
    );
    return failure;
  } finally {
    // Also where the client left before the first byte, and nothing of the body was ever asked for: the file is open all the same.
    await pieces?.return?.().catch(() => undefined);
  }
}
