/**
 * A process that opens connections and leaves them so: `node idle-clients.ts PORT COUNT ADDRESSES BYTES`, with as many
 * addresses of this machine to come from, and what each sends, in base64. Says `open` once all were tried.
 */
import { connect, type Socket } from 'node:net';

const [port, count, addresses] = process.argv.slice(2, 5).map(Number);
const bytes = Buffer.from(process.argv[5] ?? '', 'base64');
const AT_ONCE = 500;

const sockets: Socket[] = [];

function open(index: number): Promise<void> {
  return new Promise((resolve) => {
    const address = index % (addresses ?? 1);
    const socket = connect({ port: port ?? 0, host: '127.0.0.1', localAddress: `127.1.0.${address + 1}` });
    socket.on('connect', () => {
      if (bytes.length > 0) socket.write(bytes);
      resolve();
    });
    // Whoever is turned away stays away.
    socket.on('error', () => resolve());
    socket.resume();
    sockets.push(socket);
  });
}

for (let from = 0; from < (count ?? 0); from += AT_ONCE)
  await Promise.all(Array.from({ length: AT_ONCE }, (_, at) => open(from + at)));
process.stdout.write('open\n');
// Until it is killed.
setInterval(() => undefined, 60_000);
