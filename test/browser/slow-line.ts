/** A line on which answers can be held back, between a browser and a server. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A line to a server on this machine. */
export interface SlowLine {
  readonly url: string;
  /** Method and path of what was asked, in its order. */
  readonly seen: readonly string[];
  /** Keeps back what the server says from now on, until the function is called that it returns. */
  readonly hold: () => () => void;
  readonly stop: () => void;
}

/** Hands on what either side says, at once unless it is held. */
export async function startSlowLine(port: number): Promise<SlowLine> {
  const seen: string[] = [];
  let gate: Promise<void> | undefined;
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
    const inTurn = (hand: () => void): void => void (gate === undefined ? hand() : gate.then(hand));
    serverSide.on('data', (chunk: Buffer) => inTurn(() => browserSide.write(chunk)));
    serverSide.on('close', () => inTurn(() => browserSide.destroy()));
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
  const hold = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    return () => {
      gate = undefined;
      resolve();
    };
  };
  return { url: `http://localhost:${own}`, seen, hold, stop };
}
