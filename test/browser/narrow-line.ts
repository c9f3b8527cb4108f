/** A line that takes only so much at once from a browser, and can be cut: uploads on it last long enough to be looked at. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A line to a server on this machine. */
export interface NarrowLine {
  readonly url: string;
  /** Bytes a second from now on. */
  readonly widen: (rate: number) => void;
  /** Breaks every connection that is there. */
  readonly cut: () => void;
  readonly stop: () => void;
}

/** Hands on what the browser says piece by piece, and what the server says at once. */
export async function startNarrowLine(port: number, bytesPerSecond: number): Promise<NarrowLine> {
  let rate = bytesPerSecond;
  const sockets = new Set<Socket>();
  const server: Server = createServer((browserSide) => {
    const serverSide = connect(port, '127.0.0.1');
    for (const socket of [browserSide, serverSide]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => {
        browserSide.destroy();
        serverSide.destroy();
      });
    }
    browserSide.on('data', (chunk: Buffer) => {
      serverSide.write(chunk);
      browserSide.pause();
      setTimeout(() => browserSide.resume(), (chunk.length / rate) * 1000);
    });
    browserSide.on('close', () => serverSide.destroy());
    serverSide.pipe(browserSide);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => {
    server.once('listening', resolve);
  });
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    widen: (next) => {
      rate = next;
    },
    cut,
    stop: () => {
      cut();
      server.close();
    },
  };
}
