/**
 * A relay on bare sockets on both sides, with the least of HTTP/1.1 that passes the page of the bench on, and no policy: the most that
 * JavaScript on Node.js does of this work. Nobody should read requests so: it believes that each comes in one piece, that an answer
 * does, and whatever either says.
 */
import { connect, createServer, type Socket } from 'node:net';

const [port = '', application = ''] = process.argv.slice(2);
const idle: Upstream[] = [];

interface Upstream {
  readonly socket: Socket;
  client: Socket | undefined;
}

function open(): Upstream {
  const room = Buffer.allocUnsafeSlow(65_536);
  const upstream: Upstream = {
    socket: connect({
      host: '127.0.0.1',
      port: Number(application),
      noDelay: true,
      // One room for all that it reads: Node.js makes one of this size for each piece otherwise.
      onread: {
        buffer: room,
        callback: (length) => {
          const { client } = upstream;
          upstream.client = undefined;
          idle.push(upstream);
          client?.write(withoutConnection(room.toString('latin1', 0, length)), 'latin1');
          return true;
        },
      },
    }),
    client: undefined,
  };
  upstream.socket.on('error', () => process.exit(1));
  return upstream;
}

/** A message without its `Connection`, line by line. */
function withoutConnection(text: string): string {
  const end = text.indexOf('\r\n\r\n');
  let at = text.indexOf('\r\n') + 2;
  let head = text.slice(0, at);
  while (at < end) {
    const next = text.indexOf('\r\n', at) + 2;
    const colon = text.indexOf(':', at);
    if (text.slice(at, colon) !== 'Connection') head += text.slice(at, next);
    at = next;
  }
  return head + text.slice(end + 2);
}

createServer({ noDelay: true }, (client) => {
  client.on('error', () => client.destroy());
  client.on('data', (bytes) => {
    const upstream = idle.pop() ?? open();
    upstream.client = client;
    upstream.socket.write(withoutConnection(bytes.toString('latin1')), 'latin1');
  });
}).listen(Number(port), '127.0.0.1');
