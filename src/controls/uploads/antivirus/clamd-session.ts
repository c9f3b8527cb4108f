/** One connection to clamd, for one command (clamd(8)): what it answers is believed when it is whole, and in no other case. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Where clamd listens. */
export type ClamdPlace = { readonly socket: string } | { readonly host: string; readonly port: number };

/** Why there is no answer: nobody listens there; it took too long; it ended in the middle. */
export type NoAnswer = 'down' | 'slow' | 'failed';

/** What came of a command: its answer without the end mark, or why there is none. */
export type ClamdAnswer = { readonly text: string } | { readonly none: NoAnswer };

/** Of one command. */
export interface ClamdCommand {
  readonly place: ClamdPlace;
  readonly command: string;
  /** Milliseconds for all of it. */
  readonly timeout: number;
  /** What is sent after it, in pieces, ended by one of no bytes. */
  readonly pieces?: AsyncIterable<Uint8Array>;
}

/** Longer than any name of a signature with a path. */
const LONGEST_ANSWER = 4096;
/** Milliseconds to be let in: it is on this machine or in the next room. */
const LET_IN = 5000;

/**
 * Asks.
 *
 * @throws what reading the pieces throws
 */
export async function askClamd({ place, command, timeout, pieces }: ClamdCommand): Promise<ClamdAnswer> {
  const socket = connect('socket' in place ? { path: place.socket } : { host: place.host, port: place.port });
  const late = setTimeout(() => socket.destroy(new Late()), Math.min(LET_IN, timeout));
  // Told by what follows; without a listener it would end this process.
  socket.on('error', () => undefined);
  try {
    if (!(await isConnected(socket))) return { none: socket.errored instanceof Late ? 'slow' : 'down' };
    clearTimeout(late);
    const ended = setTimeout(() => socket.destroy(new Late()), timeout);
    try {
      return await talk(socket, command, pieces);
    } finally {
      clearTimeout(ended);
    }
  } finally {
    clearTimeout(late);
    socket.destroy();
  }
}

class Late extends Error {}

async function isConnected(socket: Socket): Promise<boolean> {
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  }
}

async function talk(
  socket: Socket,
  command: string,
  pieces: AsyncIterable<Uint8Array> | undefined,
): Promise<ClamdAnswer> {
  const answer = readAnswer(socket);
  socket.write(`z${command}\0`);
  const isSent = pieces === undefined || (await sendAll(socket, pieces));
  const text = await answer;
  if (socket.errored instanceof Late) return { none: 'slow' };
  if (text === undefined) return { none: 'failed' };
  // Before all was sent it can only be a complaint: a "good" there is no answer to what was asked.
  return isSent || !GOOD.test(text) ? { text } : { none: 'failed' };
}

const GOOD = / OK$/;

/** Undefined where the connection ended before the end mark. Complaints of clamd itself end with a line break. */
function readAnswer(socket: Socket): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  let text = '';
  const look = (): void => {
    const end = /[\0\n]/.exec(text)?.index;
    // Whatever stands behind the end mark makes it another answer.
    if (end !== undefined && end === text.length - 1) resolve(text.slice(0, end));
    else if (end !== undefined || text.length > LONGEST_ANSWER) resolve(undefined);
  };
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
    look();
  });
  socket.on('close', () => resolve(undefined));
  return promise;
}

/** @returns false where the other side went away, or has answered, before the last byte */
async function sendAll(socket: Socket, pieces: AsyncIterable<Uint8Array>): Promise<boolean> {
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += PIECE) {
      if (socket.destroyed || socket.readableEnded) return false;
      const part = piece.subarray(at, at + PIECE);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      socket.write(length);
      if (!socket.write(part) && !(await drained(socket))) return false;
    }
  }
  return !socket.destroyed && socket.write(Buffer.alloc(4)) !== undefined;
}

const PIECE = 64 * 1024;

async function drained(socket: Socket): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const onDrain = (): void => resolve(true);
  const onClose = (): void => resolve(false);
  socket.once('drain', onDrain);
  socket.once('close', onClose);
  try {
    return await promise;
  } finally {
    socket.off('drain', onDrain);
    socket.off('close', onClose);
  }
}
