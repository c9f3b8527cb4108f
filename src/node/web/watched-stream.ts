/** A stream whose end somebody is told of, whichever of its three ends that is. */

/** How a stream ended: it was read to its end, or its source failed or its reader left. */
export type StreamEnd = 'whole' | 'broken';

/** Of streams that nobody has read to an end and nobody has any more: theirs is the third. */
const left = new FinalizationRegistry<(end: StreamEnd) => void>((onEnd) => onEnd('broken'));

/**
 * The same stream, with a word at its end. No TransformStream: of one that is broken off not every runtime tells, and what is
 * kept until the end would be kept for good. One that is neither read nor cancelled ends when it is collected.
 *
 * @param onEnd - what it throws at the end of a whole stream breaks that off
 */
export function watched(
  stream: ReadableStream<Uint8Array>,
  onEnd: (end: StreamEnd) => void,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  const tell = (end: StreamEnd): void => {
    left.unregister(reader);
    onEnd(end);
  };
  const told = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await reader.read().catch((error: unknown) => {
          tell('broken');
          throw error;
        });
        if (!next.done) {
          controller.enqueue(next.value);
          return;
        }
        tell('whole');
        controller.close();
      },
      async cancel(reason) {
        tell('broken');
        await reader.cancel(reason);
      },
    },
    // A piece is made when it is asked for, as without it.
    { highWaterMark: 0 },
  );
  left.register(told, onEnd, reader);
  return told;
}
