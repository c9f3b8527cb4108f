/** A line on which answers take their time, between a browser and a server. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A line to a server on this machine. */
export interface SlowLine {
  readonly url: string;
  /** Method and path of what was asked, in its order. */
  readonly seen: readonly string[];
  readonly stop: () => void;
}

/** Hands on what the server says a while later, and what the browser says at once. */
export async function startSlowLine(port: number, lateMs: number): Promise<SlowLine> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((browserSide) => {
    const serverSide = connect(port, '127.0.0.1');
    for (const socket of [browserSide, serverSide]) {
      sockets.add(socket);
      socket.on('error', () => {
        browserSide.destroy();
        serverSide.destroy();
      });
    }
    browserSide.on('data', (chunk: Buffer) => {
      for (const [, asked = ''] of chunk.toString('latin1').matchAll(/^(POST [^ ?]*)[^\n]* HTTP\/1\.1/gm))
        seen.push(asked);
      serverSide.write(chunk);
    });
    browserSide.on('close', () => serverSide.destroy());
    serverSide.on('data', (chunk: Buffer) => void setTimeout(() => browserSide.write(chunk), lateMs));
    serverSide.on('close', () => void setTimeout(() => browserSide.destroy(), lateMs));
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => {
    server.once('listening', resolve);
  });
  const { port: own } = server.address() as AddressInfo;
  const stop = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: `http://localhost:${own}`, seen, stop };
}
