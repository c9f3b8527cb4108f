/** A stream whose end somebody is told of, whichever of its three ends that is. */

/** How a stream ended: it was read to its end, or its source failed or its reader left. */
export type StreamEnd = 'whole' | 'broken';

/**
 * The same stream, with a word at its end. No TransformStream: of one that is broken off not every runtime tells, and what is
 * kept until the end would be kept for good.
 *
 * @param onEnd - what it throws at the end of a whole stream breaks that off
 */
export function watched(
  stream: ReadableStream<Uint8Array>,
  onEnd: (end: StreamEnd) => void,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await reader.read().catch((error: unknown) => {
          onEnd('broken');
          throw error;
        });
        if (!next.done) {
          controller.enqueue(next.value);
          return;
        }
        onEnd('whole');
        controller.close();
      },
      async cancel(reason) {
        onEnd('broken');
        await reader.cancel(reason);
      },
    },
    // A piece is made when it is asked for, as without it.
    { highWaterMark: 0 },
  );
}
