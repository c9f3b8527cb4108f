/**
 * Clients of Redis as they are handed in, and one way to speak through each. Drivers are structural types: what fits is
 * taken, and Bulwark depends on none.
 */
import { BulwarkError } from '../../core/errors.ts';

type Listener = (...values: unknown[]) => void;

/** What is used of a client of `redis` (5, 6). */
export interface NodeRedisClient {
  readonly isReady: boolean;
  sendCommand(args: readonly string[]): Promise<unknown>;
  duplicate(overrides?: object): NodeRedisConnection;
  on(event: string, listener: Listener): unknown;
}

/** A connection of our own, made from a {@link NodeRedisClient}. */
export interface NodeRedisConnection {
  readonly isReady: boolean;
  sendCommand(args: readonly string[]): Promise<unknown>;
  connect(): Promise<unknown>;
  destroy(): void;
  on(event: string, listener: Listener): unknown;
}

/** What is used of a cluster of `redis` (5, 6). */
export interface NodeRedisCluster {
  readonly isOpen: boolean;
  readonly masters: readonly unknown[];
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean | undefined,
    args: string[],
  ): Promise<unknown>;
  nodeClient(node: never): unknown;
  on(event: string, listener: Listener): unknown;
}

/** What is used of a client of `ioredis` (5, 6). */
export interface IoredisClient {
  readonly status: string;
  readonly isCluster?: boolean;
  call(command: string, ...args: string[]): Promise<unknown>;
  duplicate(overrides?: object): IoredisConnection;
  on(event: string, listener: Listener): unknown;
}

/** A connection of our own, made from an {@link IoredisClient}. */
export interface IoredisConnection {
  readonly status: string;
  call(command: string, ...args: string[]): Promise<unknown>;
  connect(): Promise<unknown>;
  disconnect(): void;
  on(event: string, listener: Listener): unknown;
}

/** What is used of a cluster of `ioredis` (5, 6). */
export interface IoredisCluster {
  readonly status: string;
  readonly isCluster: boolean;
  call(command: string, ...args: string[]): Promise<unknown>;
  nodes(role: 'master'): readonly IoredisNode[];
  on(event: string, listener: Listener): unknown;
}

interface IoredisNode {
  call(command: string, ...args: string[]): Promise<unknown>;
}

/** Any client that {@link connectionOf} takes. */
export type RedisClient = NodeRedisClient | NodeRedisCluster | IoredisClient | IoredisCluster;

/** One way to speak to Redis, whoever made the client. */
export interface Connection {
  /** Whether keys are spread over several servers. */
  readonly cluster: boolean;
  /** Whether a command would be sent now. Clients that reconnect queue commands, and send them when nobody waits any more. */
  isReady(): boolean;
  /** Sends a command to the server that has the key. */
  send(key: string, args: readonly string[]): Promise<unknown>;
  /** Sends a command to every primary. */
  sendToAll(args: readonly string[]): Promise<readonly unknown[]>;
  /** Resolves when a server answers. */
  ping(): Promise<unknown>;
  /** Calls the listener where the driver tells of a lost connection. */
  onLost(listener: (error: unknown) => void): void;
}

/**
 * Finds out which driver a client is of.
 *
 * @throws BulwarkError ERR_BULWARK_INVALID_OPTION where it is none that is known
 */
export function connectionOf(client: RedisClient): Connection {
  if (isIoredis(client)) {
    return isIoredisCluster(client) ? ioredisCluster(client) : ioredis(client);
  }
  if (isNodeRedisCluster(client)) return nodeRedisCluster(client);
  if (isNodeRedis(client)) return nodeRedis(client);
  throw new BulwarkError(
    'ERR_BULWARK_INVALID_OPTION',
    'this is no client of redis or ioredis: write redis(createClient({ url })) or redis(new Redis(url))',
  );
}

/** Whether a client is one of ioredis, for a single server or a cluster. */
export function isIoredis(client: RedisClient): client is IoredisClient | IoredisCluster {
  return hasMethod(client, 'call') && 'status' in client;
}

/** Whether a client of ioredis is a cluster. */
export function isIoredisCluster(client: IoredisClient | IoredisCluster): client is IoredisCluster {
  return client.isCluster === true;
}

function isNodeRedisCluster(client: RedisClient): client is NodeRedisCluster {
  return 'masters' in client && hasMethod(client, 'nodeClient');
}

function isNodeRedis(client: RedisClient): client is NodeRedisClient {
  return hasMethod(client, 'sendCommand') && 'isReady' in client;
}

function nodeRedis(client: NodeRedisClient): Connection {
  return {
    cluster: false,
    isReady: () => client.isReady,
    send: (_key, args) => client.sendCommand(args),
    sendToAll: async (args) => [await client.sendCommand(args)],
    ping: () => client.sendCommand(['PING']),
    // Without a listener an 'error' of the client would end the process.
    onLost: (listener) => void client.on('error', listener),
  };
}

function nodeRedisCluster(client: NodeRedisCluster): Connection {
  const sendTo = async (node: unknown, args: readonly string[]): Promise<unknown> => {
    const one = (await client.nodeClient(node as never)) as NodeRedisClient;
    return one.sendCommand(args);
  };
  return {
    cluster: true,
    isReady: () => client.isOpen,
    send: (key, args) => alone(client.sendCommand(key, false, [...args])),
    sendToAll: (args) => Promise.all(client.masters.map((node) => sendTo(node, args))),
    // One that is gone does not make the others useless.
    ping: () => Promise.any(client.masters.map((node) => sendTo(node, ['PING']))),
    onLost: (listener) => void client.on('error', listener),
  };
}

function ioredis(client: IoredisClient): Connection {
  return {
    cluster: false,
    isReady: () => client.status === 'ready',
    send: (_key, [command = '', ...args]) => client.call(command, ...args),
    sendToAll: async ([command = '', ...args]) => [await client.call(command, ...args)],
    ping: () => client.call('PING'),
    onLost: (listener) => {
      client.on('error', listener);
      client.on('close', () => listener(new Error('closed')));
    },
  };
}

function ioredisCluster(client: IoredisCluster): Connection {
  return {
    cluster: true,
    isReady: () => client.status === 'ready',
    send: (_key, [command = '', ...args]) => alone(client.call(command, ...args)),
    sendToAll: ([command = '', ...args]) =>
      Promise.all(client.nodes('master').map((node) => node.call(command, ...args))),
    ping: () => Promise.any(client.nodes('master').map((node) => node.call('PING'))),
    onLost: (listener) => void client.on('error', listener),
  };
}

/** One server of a cluster that is gone is no outage of the others: what was asked of it fails, and only that. */
async function alone(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (!isOutage(error) || codeOf(error) === 'CLUSTERDOWN') throw error;
    throw new BulwarkError('ERR_BULWARK_STORE_DOWN', 'A server of the redis store is not reachable.', {
      cause: error,
    });
  }
}

/** Errors by which a server says that it cannot serve just now, as opposed to what was asked being wrong. */
const NOT_NOW: ReadonlySet<string> = new Set([
  'BUSY',
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'NOREPLICAS',
  'READONLY',
  'TRYAGAIN',
]);

/** Whether an error says that Redis is not there, whatever was asked. */
export function isOutage(error: unknown): boolean {
  const code = codeOf(error);
  return code === undefined || NOT_NOW.has(code);
}

/** Whether Redis does not know a script yet, or has forgotten it with a restart. */
export function isUnknownScript(error: unknown): boolean {
  return codeOf(error) === 'NOSCRIPT';
}

/** The word that an error of the server begins with (RESP, "simple errors"); errors of a connection have none. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return /^[A-Z]{2,}(?= )/.exec(error.message)?.[0];
}

function hasMethod(client: object, name: string): boolean {
  return name in client && typeof (client as Record<string, unknown>)[name] === 'function';
}
