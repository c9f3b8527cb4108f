/** Real Redis servers for tests. */
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { endProgram, freePort, startProgram } from './processes.ts';
import { until } from './until.ts';

/** A Redis of a test's own. It keeps what it is told over a restart (append-only file). */
export class RedisServer {
  readonly port: number;
  readonly #folder: string;
  readonly #options: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(port: number, folder: string, options: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#options = options;
  }

  /** Starts a server on a free port. `options` are those of its command line. */
  static async start(...options: string[]): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'bulwark-redis-'));
    const server = new RedisServer(await freePort(), folder, options);
    await server.again();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it again on the same port and with the same data. Resolves when it answers. */
  async again(): Promise<void> {
    const where = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder];
    // Written before it is acknowledged, which outlives a kill; by the second, on a busy disk, it may be two later.
    const kept = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'no'];
    const how = [...kept, '--loglevel', 'warning', '--logfile', 'redis.log'];
    this.#child = await startProgram('redis-server', [...where, ...how, ...this.#options], 'redis-server');
    try {
      await until('Redis answers', () => this.ask(['PING']));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Kills it: no word to its clients, no last write. */
  async kill(): Promise<void> {
    if (this.#child !== undefined) await endProgram(this.#child, 'SIGKILL');
  }

  /** Stops or continues its process: its connections stay open, and nobody answers. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  /** Sends one command over a connection of its own. */
  async ask(command: readonly string[]): Promise<unknown> {
    const client = createClient({ url: this.url, socket: { reconnectStrategy: false } });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await client.sendCommand(command);
    } finally {
      client.destroy();
    }
  }

  /** Ends it, and forgets its data. */
  async stop(): Promise<void> {
    this.#child?.kill('SIGCONT');
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A server of a cluster: its bus has a port of its own too, where Redis would take one among those of connections. */
interface ClusterServer {
  readonly server: RedisServer;
  readonly busPort: number;
}

/** A cluster of three primaries without replicas. */
export class RedisCluster {
  readonly servers: readonly RedisServer[];

  private constructor(servers: readonly RedisServer[]) {
    this.servers = servers;
  }

  /** Starts it, and resolves when every server says that it is whole. */
  static async start(...more: string[]): Promise<RedisCluster> {
    const options = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', ...more];
    const started = await Promise.all([0, 1, 2].map(() => startClusterServer(options)));
    const servers = started.map(({ server }) => server);
    const meeting = ['127.0.0.1', String(started[0]?.server.port), String(started[0]?.busPort)];
    const shares = ['0 5461', '5462 10922', '10923 16383'];
    for (const [index, server] of servers.entries()) {
      await server.ask(['CLUSTER', 'ADDSLOTSRANGE', ...(shares[index] ?? '').split(' ')]);
      await server.ask(['CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1)]);
      await server.ask(['CLUSTER', 'MEET', ...meeting]);
    }
    for (const server of servers) {
      await until('the cluster is whole', async () => {
        const info = String(await server.ask(['CLUSTER', 'INFO']));
        return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3');
      });
    }
    return new RedisCluster(servers);
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
  }
}

async function startClusterServer(options: readonly string[]): Promise<ClusterServer> {
  const busPort = await freePort();
  return { server: await RedisServer.start('--cluster-port', String(busPort), ...options), busPort };
}
