/** What stays in memory: over many requests, of idle WebSockets, and of connections that never finish their request. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ORIGIN } from '../stacks/application.ts';
import { SERVER_CORE } from '../load/cores.ts';
import { makeLoad } from '../load/load.ts';
import { Progress } from '../report/progress.ts';
import { startApplication } from './application.ts';
import type { Program } from './processes.ts';
import { PROXIES, type Proxy, startProxy } from './proxies.ts';
import { requestHead } from './wire.ts';

/** Of the gateway alone. Bytes. */
export interface MemoryFigures {
  /** After so many requests each. */
  readonly requests: readonly { readonly count: number; readonly resident: number }[];
  readonly webSockets: PerConnection;
  readonly halfOpen: PerConnection & {
    /** Milliseconds that another visitor waits meanwhile. */
    readonly visit: number;
  };
}

interface PerConnection {
  readonly count: number;
  readonly bytesEach: number;
}

/** Measures the gateway as it comes, with connections to the application kept. */
export async function measureMemory(requests: number, connections: number): Promise<MemoryFigures> {
  const gateway = PROXIES.find(({ name, upstream }) => name === 'bulwark' && upstream === 'kept');
  if (gateway === undefined) throw new Error('there is no gateway');
  return {
    requests: await manyRequests(gateway, requests),
    webSockets: await idleWebSockets(gateway, connections),
    halfOpen: await halfOpen(gateway, connections),
  };
}

async function manyRequests(gateway: Proxy, most: number): Promise<MemoryFigures['requests']> {
  const progress = new Progress('many requests');
  const application = await startApplication();
  const program = await startProxy(gateway, application.port, SERVER_CORE);
  const rows: { count: number; resident: number }[] = [];
  try {
    for (let count = 0, next = most / 20; count < most;) {
      const { requests } = await makeLoad({ port: program.port, path: '/', cookie: '' }, 5, 32);
      count += requests;
      progress.report(Math.min(count, most), most);
      if (count < next) continue;
      rows.push({ count, resident: program.memory() });
      next = count + most / 10;
    }
    return rows;
  } finally {
    await program.stop();
    await application.stop();
  }
}

/** Takes any handshake, and never says anything again. */
async function silentApplication(): Promise<{ port: number; stop: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.once('data', () =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
    );
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
  const stop = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

async function idleWebSockets(gateway: Proxy, count: number): Promise<PerConnection> {
  const application = await silentApplication();
  const program = await startProxy(gateway, application.port, SERVER_CORE);
  const lines = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Origin: ${ORIGIN}`,
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  try {
    const open = async (): Promise<Socket> => {
      const socket = connect(program.port, '127.0.0.1');
      socket.write(requestHead('GET /', lines));
      const [answer] = (await once(socket, 'data')) as [Buffer];
      if (!answer.toString('latin1').startsWith('HTTP/1.1 101'))
        throw new Error(answer.toString('latin1', 0, 200));
      return socket;
    };
    return (await opened('idle WebSockets', program, count, open)).each;
  } finally {
    await program.stop();
    application.stop();
  }
}

async function halfOpen(gateway: Proxy, count: number): Promise<MemoryFigures['halfOpen']> {
  const application = await startApplication();
  const program = await startProxy(gateway, application.port, SERVER_CORE);
  try {
    const open = async (): Promise<Socket> => {
      const socket = connect(program.port, '127.0.0.1');
      socket.write('GET / HTTP/1.1\r\nHost: a\r\nX-Begun: ');
      await once(socket, 'connect');
      return socket;
    };
    let visit = Number.NaN;
    const { each } = await opened('half-open connections', program, count, open, async () => {
      const started = performance.now();
      const socket = connect(program.port, '127.0.0.1');
      socket.write(requestHead('GET /', ['Connection: close']));
      socket.resume();
      await once(socket, 'close');
      visit = performance.now() - started;
    });
    return { ...each, visit };
  } finally {
    await program.stop();
    await application.stop();
  }
}

const AT_ONCE = 50;

/** Opens connections, looks at the memory before and after, and closes them. */
async function opened(
  what: string,
  program: Program,
  count: number,
  open: () => Promise<Socket>,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly each: PerConnection }> {
  const progress = new Progress(what);
  const sockets: Socket[] = [];
  for (let warm = 0; warm < AT_ONCE; warm += 1) sockets.push(await open());
  const before = program.memory();
  while (sockets.length < count) {
    progress.report(sockets.length, count);
    sockets.push(...(await Promise.all(Array.from({ length: AT_ONCE }, open))));
  }
  progress.report(count, count);
  await meanwhile();
  await sleep(1000);
  const bytesEach = (program.memory() - before) / (sockets.length - AT_ONCE);
  for (const socket of sockets) socket.destroy();
  return { each: { count: sockets.length, bytesEach } };
}
