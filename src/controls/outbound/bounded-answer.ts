/** The body of an answer, held to a number of bytes, as sent and as inflated. */
import { addAbortSignal, pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import type { Answer } from './hop.ts';
import { failure, noAnswer, tooLarge } from './failure.ts';

/**
 * The body of an answer, inflated. Whoever stops reading ends the connection.
 *
 * @param size - in bytes
 * @throws BulwarkError ERR_BULWARK_OUTBOUND_FAILED where its coding was not asked for
 */
export function boundedBody(answer: Answer, size: number, signal: AbortSignal): ReadableStream<Uint8Array> {
  const coding = (answer.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const body = inflated(answer, coding, size);
  if (body === undefined) throw noAnswer('The answer came in a coding that was not asked for.');
  return ReadableStream.from(told(bounded(addAbortSignal(signal, body), size), signal));
}

function inflated(answer: Answer, coding: string, size: number): Readable | undefined {
  if (coding === 'identity') return answer;
  const inflate = coding === 'gzip' ? createGunzip() : coding === 'br' ? createBrotliDecompress() : undefined;
  // What breaks in one part of the way ends all of it; who reads is told.
  return (
    inflate &&
    pipeline(
      answer,
      (sent: AsyncIterable<Buffer>) => bounded(sent, size),
      inflate,
      () => undefined,
    )
  );
}

async function* bounded(chunks: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let left = size;
  for await (const chunk of chunks) {
    left -= chunk.length;
    if (left < 0) throw tooLarge();
    yield chunk;
  }
}

async function* told(chunks: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw failure(error, signal);
  }
}
