/**
 * A relay on node:http and bare sockets that passes on what it gets, and judges nothing: what a request costs Node.js itself. Only
 * for the page of the bench: it takes no bodies, and believes that an answer comes in one piece.
 */
import { createServer, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';

const [port = '', application = ''] = process.argv.slice(2);
const idle: Upstream[] = [];

interface Upstream {
  readonly socket: Socket;
  response: ServerResponse | undefined;
}

function open(): Upstream {
  const upstream: Upstream = {
    socket: connect({ host: '127.0.0.1', port: Number(application), noDelay: true }),
    response: undefined,
  };
  upstream.socket.on('error', () => process.exit(1));
  upstream.socket.on('data', (bytes: Buffer) => {
    const { response } = upstream;
    const end = bytes.indexOf('\r\n\r\n');
    const lines: string[] = [];
    for (const line of bytes.toString('latin1', 0, end).split('\r\n').slice(1)) {
      const colon = line.indexOf(': ');
      const name = line.slice(0, colon);
      if (name !== 'Connection') lines.push(name, line.slice(colon + 2));
    }
    upstream.response = undefined;
    idle.push(upstream);
    response?.writeHead(200, lines);
    response?.end(bytes.toString('latin1', end + 4), 'latin1');
  });
  return upstream;
}

createServer({ keepAliveTimeout: 60_000 }, ({ method, url, rawHeaders }, response) => {
  let head = `${method} ${url} HTTP/1.1\r\n`;
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at] !== 'Connection') head += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`;
  const upstream = idle.pop() ?? open();
  upstream.response = response;
  upstream.socket.write(`${head}\r\n`, 'latin1');
}).listen(Number(port), '127.0.0.1');
