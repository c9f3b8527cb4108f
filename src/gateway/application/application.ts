/** The application's own server, on an address that only the gateway is told. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { showAddress, type UpstreamAddress } from '../options/upstream-address.ts';
import { type PrivatePlace, tellCommand } from './server-words.ts';
import { WatchedChild } from './watched-child.ts';

/** The longest path of a socket that every system takes. */
const MOST_PATH = 100;
/** How long it may take to end once it is told to, until it is killed. */
const END_MS = 10_000;
const POLL_MS = 50;

/** A running application. */
export class Application {
  readonly address: UpstreamAddress;
  readonly child: WatchedChild;
  readonly #folder: string;

  private constructor(address: UpstreamAddress, child: WatchedChild, folder: string) {
    this.address = address;
    this.child = child;
    this.#folder = folder;
  }

  /**
   * Starts a command line with an address of its own.
   *
   * @throws WrongCommand where it cannot be told its address
   * @throws NoSuchProgram
   */
  static async start(command: readonly string[]): Promise<Application> {
    const folder = privateFolder();
    try {
      const place: PrivatePlace = { path: join(folder, 'app.sock'), port: await freePort() };
      const { words, isOnSocket } = tellCommand(command, place);
      const address = isOnSocket ? { path: place.path } : { host: '127.0.0.1', port: place.port };
      const child = await WatchedChild.start(words, environment(address), { folder });
      return new Application(address, child, folder);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Waits until it takes connections: true. False where it ended, was not there in time, or nobody waits any more. */
  async listening(ms: number, signal: AbortSignal): Promise<boolean> {
    const end = performance.now() + ms;
    while (performance.now() < end && !signal.aborted && this.child.isRunning) {
      if (await takesConnections(this.address)) return this.child.isRunning;
      await sleep(POLL_MS);
    }
    return false;
  }

  /** Ends it and whatever it has started. */
  async end(): Promise<void> {
    await this.child.end(END_MS);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What it gets of our environment: everything but what is the gateway's own, and its address. */
function environment(address: UpstreamAddress): NodeJS.ProcessEnv {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('BULWARK_')),
  );
  const own = { ...env, BULWARK_UPSTREAM: showAddress(address) };
  if ('port' in address) return { ...own, HOST: address.host, PORT: String(address.port) };
  // gunicorn and uvicorn believe whoever reaches this socket what it says of the client, and that is the gateway alone.
  return { FORWARDED_ALLOW_IPS: '*', ...own };
}

function privateFolder(): string {
  const fits = `${tmpdir()}/bulwark-XXXXXX/app.sock`.length <= MOST_PATH;
  return mkdtempSync(join(fits ? tmpdir() : '/tmp', 'bulwark-'));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function takesConnections(address: UpstreamAddress): Promise<boolean> {
  const socket = connect(address);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
