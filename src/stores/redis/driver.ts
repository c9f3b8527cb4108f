/**
 * Clients of Redis as they are handed in, and one way to speak through each. Drivers are structural types: what fits is
 * taken, and Bulwark depends on none.
 */
import { BulwarkError, errorName, StoreDownError } from '../../core/errors.ts';

/** What hears of an event of a client. */
type Listener = (...values: unknown[]) => void;

/** What is used of a client of `redis` (5, 6). */
export interface NodeRedisClient {
  readonly isReady: boolean;
  sendCommand(args: readonly string[]): Promise<unknown>;
  duplicate(overrides?: object): NodeRedisConnection;
  on(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
}

/** What is used of a connection of our own, made from a {@link NodeRedisClient}. */
export interface NodeRedisConnection {
  readonly isReady: boolean;
  /** Whether it is there, or being connected again and again. */
  readonly isOpen: boolean;
  sendCommand(args: readonly string[]): Promise<unknown>;
  connect(): Promise<unknown>;
  destroy(): void;
  on(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
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
  off(event: string, listener: Listener): unknown;
}

/** What is used of a client of `ioredis` (5, 6). */
export interface IoredisClient {
  readonly status: string;
  readonly isCluster?: boolean;
  call(command: string, ...args: string[]): Promise<unknown>;
  duplicate(overrides?: object): IoredisConnection;
  on(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
}

/** What is used of a connection of our own, made from an {@link IoredisClient}. */
export interface IoredisConnection {
  readonly status: string;
  call(command: string, ...args: string[]): Promise<unknown>;
  connect(): Promise<unknown>;
  disconnect(): void;
  on(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
}

/** What is used of a cluster of `ioredis` (5, 6). */
export interface IoredisCluster {
  readonly status: string;
  readonly isCluster: boolean;
  call(command: string, ...args: string[]): Promise<unknown>;
  nodes(role: 'master'): readonly IoredisNode[];
  on(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
}

/** What is used of one server of an {@link IoredisCluster}. */
interface IoredisNode {
  call(command: string, ...args: string[]): Promise<unknown>;
}

/** Any client that {@link connectionOf} takes. */
export type RedisClient = NodeRedisClient | NodeRedisCluster | IoredisClient | IoredisCluster;

/** Sends one command. */
export type Send = (args: readonly string[]) => Promise<unknown>;

/** One way to speak to Redis, whoever made the client. */
export interface Connection {
  /** Whether keys are spread over several servers. */
  readonly cluster: boolean;
  /** Whether a command would be sent now. Clients that reconnect queue commands, and send them when nobody waits any more. */
  isReady(): boolean;
  /** Sends a command to the server that has the key. */
  send(key: string, args: readonly string[]): Promise<unknown>;
  /** How to send a command to each primary. */
  servers(): Promise<readonly Send[]>;
  /** Calls the listener where the driver tells of a lost connection. Returns what ends that. */
  onLost(listener: (error: unknown) => void): () => void;
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
    servers: () => Promise.resolve([(args) => client.sendCommand(args)]),
    // Without a listener an 'error' of the client would end the process.
    onLost: (listener) => listen(client, ['error'], listener),
  };
}

function nodeRedisCluster(client: NodeRedisCluster): Connection {
  return {
    cluster: true,
    isReady: () => client.isOpen,
    send: (key, args) => alone(client.sendCommand(key, false, [...args])),
    servers: () =>
      Promise.all(
        client.masters.map(async (node): Promise<Send> => {
          const one = (await client.nodeClient(node as never)) as NodeRedisClient;
          return (args) => one.sendCommand(args);
        }),
      ),
    onLost: (listener) => listen(client, ['error'], listener),
  };
}

function ioredis(client: IoredisClient): Connection {
  const send: Send = ([command = '', ...args]) => client.call(command, ...args);
  return {
    cluster: false,
    isReady: () => client.status === 'ready',
    send: (_key, args) => send(args),
    servers: () => Promise.resolve([send]),
    onLost: (listener) => listen(client, ['error', 'close'], listener),
  };
}

// Names of commands in upper case: in lower case ioredis would send those that read to a replica, where `scaleReads` says so.
function ioredisCluster(client: IoredisCluster): Connection {
  const sendBy =
    (node: IoredisNode): Send =>
    ([command = '', ...args]) =>
      node.call(command, ...args);
  const send = sendBy(client);
  return {
    cluster: true,
    isReady: () => client.status === 'ready',
    send: (_key, args) => alone(send(args)),
    servers: () => Promise.resolve(client.nodes('master').map(sendBy)),
    onLost: (listener) => listen(client, ['error'], listener),
  };
}

/** What has listeners: every driver's client. */
interface Emitter {
  on(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
}

const listenedTo = new WeakSet<Emitter>();

function listen(client: Emitter, events: readonly string[], listener: (error: unknown) => void): () => void {
  // Stays when the rest goes: an 'error' that nobody listens for ends the process, in the middle of its shutdown too.
  if (!listenedTo.has(client)) client.on('error', nothing);
  listenedTo.add(client);
  for (const event of events) client.on(event, listener);
  return () => {
    for (const event of events) client.off(event, listener);
  };
}

/** One server of a cluster that is gone is no outage of the others: what was asked of it fails, and only that. */
async function alone(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (!isOutage(error)) throw error;
    throw new StoreDownError('A server of the redis store is not reachable.', false, { cause: error });
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

/** What an error is, in a word that is no secret: a driver's message may hold an address, or what was sent. */
export function wordOf(error: unknown): string {
  const word = codeOf(error);
  if (word === 'ERR' && /max number of clients/i.test((error as Error).message)) return 'full: maxclients';
  const { code } = error as { code?: unknown };
  return word ?? (typeof code === 'string' && /^[A-Z_]{2,40}$/.test(code) ? code : errorName(error));
}

/** Whether Redis does not know a script yet, or has forgotten it with a restart. */
export function isUnknownScript(error: unknown): boolean {
  return codeOf(error) === 'NOSCRIPT';
}

/** Whether Redis is full: it reads, and refuses what would take memory. */
export function isFull(error: unknown): boolean {
  return codeOf(error) === 'OOM';
}

/**
 * The word that an error of the server begins with (RESP, "simple errors"); errors of a connection have none. Before
 * Redis 7 an error inside a script stands behind one of the script, with a hyphen.
 */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const word = /^[A-Z]{2,}(?= )/.exec(error.message)?.[0];
  return word === 'ERR' ? (/ -([A-Z]{3,}) /.exec(error.message)?.[1] ?? word) : word;
}

function hasMethod(client: object, name: string): boolean {
  return name in client && typeof (client as Record<string, unknown>)[name] === 'function';
}

function nothing(): void {
  // Whoever must know of it listens as well.
}
