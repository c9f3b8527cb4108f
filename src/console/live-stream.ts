/** A stream of what is read again and again, for a while. It ends once, whatever its reader does meanwhile. */
import { Readable } from 'node:stream';

const EVERY_MS = 1_000;
/** Then the browser comes again, and is judged again: whoever is signed out elsewhere sees nothing more. */
const LONGEST_MS = 20_000;

/** What a stream is made of. */
export interface LiveSource {
  /** Where it begins. */
  readonly from: number;
  /** What came behind a place, as it is sent, and the place behind that. */
  readonly read: (from: number) => { readonly text: string; readonly to: number };
  /** Sent at once. */
  readonly opening: string;
  readonly signal: AbortSignal;
}

/** The stream. */
export function liveStream({ from, read, opening, signal }: LiveSource): Readable {
  const body = new Readable({ read: () => undefined });
  let place = from;
  const stop = (): void => {
    clearInterval(timer);
    clearTimeout(last);
  };
  // A reader who does not read leaves a stream open behind its end, and what is pushed there is an error of the process.
  const finish = (): void => {
    stop();
    body.push(null);
  };
  const tick = (): void => {
    // Whoever reads no more is sent no more: what comes meanwhile is in the index.
    if (body.readableLength > 0) return;
    let found;
    try {
      found = read(place);
    } catch {
      // A database that is closed, or busy for too long: the browser comes again.
      finish();
      return;
    }
    place = found.to;
    body.push(found.text);
  };
  const timer = setInterval(tick, EVERY_MS);
  const last = setTimeout(finish, LONGEST_MS);
  body.once('close', stop);
  signal.addEventListener('abort', () => body.destroy(), { once: true });
  body.push(opening);
  return body;
}
