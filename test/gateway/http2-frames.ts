/** HTTP/2 by hand: what no well-behaved client would send, tests do. */
import { once } from 'node:events';
import { connect as connectTls, type TLSSocket } from 'node:tls';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** Types of frames (RFC 9113 6). */
export const FRAMES = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

const END_STREAM = 1;
const END_HEADERS = 4;

/** `GET https://site.example/` by the static table of HPACK alone. */
const ASKED = Buffer.concat([Buffer.from([0x82, 0x87, 0x84, 0x41, 12]), Buffer.from('site.example')]);
const POSTED = Buffer.concat([Buffer.from([0x83, 0x87, 0x84, 0x41, 12]), Buffer.from('site.example')]);

/** A frame. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A whole request without a body. */
export function asked(stream: number): Buffer {
  return frame(FRAMES.headers, END_STREAM | END_HEADERS, stream, ASKED);
}

/** A request whose body is to come. */
export function posted(stream: number): Buffer {
  return frame(FRAMES.headers, END_HEADERS, stream, POSTED);
}

/** A head that goes on in the next frame. */
export function begun(stream: number): Buffer {
  return frame(FRAMES.headers, END_STREAM, stream, ASKED);
}

/** The client's end of a stream: code 8, CANCEL. */
export function reset(stream: number): Buffer {
  return frame(FRAMES.reset, 0, stream, Buffer.from([0, 0, 0, 8]));
}

/** A connection, after its preface. */
export interface RawHttp2 {
  readonly socket: TLSSocket;
  /** Types of the frames that came. */
  readonly received: () => readonly number[];
  /** What the server said at its end: the code of its GOAWAY, undefined where there was none. */
  readonly goneBy: () => number | undefined;
  readonly closed: Promise<void>;
}

/** Opens a connection. The server's settings are acknowledged, and nothing else is. */
export async function openHttp2(port: number): Promise<RawHttp2> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  await once(socket, 'secureConnect');
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  socket.on('error', () => socket.destroy());
  const types: number[] = [];
  let code: number | undefined;
  let rest = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const end = 9 + rest.readUIntBE(0, 3);
      const type = rest.readUInt8(3);
      types.push(type);
      if (type === FRAMES.goAway) code = rest.readUInt32BE(13);
      if (type === FRAMES.settings && (rest.readUInt8(4) & 1) === 0)
        socket.write(frame(FRAMES.settings, 1, 0));
      rest = rest.subarray(end);
    }
  });
  socket.write(Buffer.concat([Buffer.from(PREFACE), frame(FRAMES.settings, 0, 0)]));
  return { socket, received: () => types, goneBy: () => code, closed };
}
