import { setTimeout as sleep } from 'node:timers/promises';
import { anything, call, fields, made } from '../../core/call.ts';
import { BulwarkError } from '../../core/errors.ts';
import { randomId } from '../../core/random.ts';
import { Breaker } from '../breaker.ts';
import { checked } from '../checked.ts';
import type { State } from '../ports/state.ts';
import { RedisCounters } from './counters.ts';
import {
  type Connection,
  connectionOf,
  type IoredisClient,
  isIoredis,
  isOutage,
  type NodeRedisClient,
  type RedisClient,
  wordOf,
} from './driver.ts';
import { within } from '../within.ts';
import { NearCache } from './near-cache.ts';
import { RedisLine } from './redis-line.ts';
import { RedisReports } from './reports.ts';
import { RedisSessions } from './sessions.ts';
import { Invalidation } from './invalidation.ts';
import { IoredisInvalidation, NodeRedisInvalidation } from './invalidation-drivers.ts';

export type {
  IoredisClient,
  IoredisCluster,
  NodeRedisClient,
  NodeRedisCluster,
  RedisClient,
} from './driver.ts';

/** How Bulwark uses a Redis. */
export interface RedisOptions {
  /** What every key begins with. Default `bulwark:`. Applications that share a Redis need one each. */
  readonly prefix?: string;
  /**
   * Sessions that each process keeps in memory, until Redis says that they changed. Default 10,000; 0 for none. A
   * cluster has none: each look-up asks.
   */
  readonly nearSessions?: number;
  /** Milliseconds that a command may take before whoever waits for it is told that the store is down. Default 75. */
  readonly deadlineMs?: number;
}

const NEAR_SESSIONS = 10_000;
/** How long a start waits for Redis, in milliseconds. */
const CONNECT_MS = 5000;
const CONNECT_STEP_MS = 20;
/** How long the key of a process that ended is there, in milliseconds. */
const BEAT_LIFE_MS = '10000';
const LEAST = { deadlineMs: 10, nearSessions: 0 } as const;
const PREFIX = /^[\w:.-]{1,64}$/;

const checkRedis = call("await redis(client, { prefix: 'files:' })", {
  client: made('a client of redis or ioredis', {}),
  // Their values are read below.
  options: fields<RedisOptions>({ prefix: anything, nearSessions: anything, deadlineMs: anything }),
});

/**
 * State in Redis 6.2 or later, or Valkey: sessions and counters, seen by every process of the network.
 *
 * @param client - a client of `redis` or `ioredis`, for one server or a cluster. It stays the application's:
 * `close()` ends only the connections that were opened here, which tell of changes.
 * @throws BulwarkError ERR_BULWARK_STORE_DOWN where Redis does not answer within five seconds, or will not have the
 * connection that tells of changes: what it said is in the message
 * @throws BulwarkError ERR_BULWARK_INVALID_OPTION where the client is of no known driver or puts a prefix of its own
 * before keys, or the prefix has other characters than a name has
 */
export async function redis(client: RedisClient, options: RedisOptions = {}): Promise<State> {
  checkRedis(client, options);
  const { prefix = 'bulwark:', nearSessions = NEAR_SESSIONS, deadlineMs } = options;
  refuseKeyPrefix(client);
  if (!PREFIX.test(prefix)) {
    throw new BulwarkError(
      'ERR_BULWARK_INVALID_OPTION',
      "prefix: it must be letters, digits and : . _ - (braces would put every key on one server of a cluster): prefix: 'files:'",
    );
  }
  for (const [name, value] of Object.entries({ deadlineMs, nearSessions })) {
    if (value === undefined || (Number.isInteger(value) && value >= LEAST[name as keyof typeof LEAST]))
      continue;
    throw new BulwarkError(
      'ERR_BULWARK_INVALID_OPTION',
      `${name}: it must be a whole number of at least ${LEAST[name as keyof typeof LEAST]}: redis(client, { deadlineMs: 75, nearSessions: 10_000 })`,
    );
  }
  const connection = connectionOf(client);
  const line = new Breaker({
    store: 'redis',
    probe: () => commands.probe(),
    isOutage,
    lateIsGone: !connection.cluster,
    ...(deadlineMs !== undefined && { deadlineMs }),
  });
  const commands = new RedisLine(connection, line, prefix);
  const near = new NearCache(nearSessions);
  const invalidation =
    connection.cluster || nearSessions === 0 ? undefined : invalidationOf(client, near, commands, prefix);
  const forget = connection.onLost((error) => {
    if (!connection.cluster && !connection.isReady()) line.lost(error);
  });
  const close = (): void => {
    forget();
    invalidation?.close();
    line.close();
  };
  try {
    await connected(connection);
    await line.run(() => commands.probe());
    await within(CONNECT_MS, warnOfEviction(connection), silent);
    if (invalidation !== undefined) await startInvalidation(invalidation);
  } catch (error) {
    close();
    throw error;
  }
  return checked({
    reach: 'network',
    sessions: new RedisSessions(commands, near),
    counters: new RedisCounters(commands),
    reports: new RedisReports(commands),
    onHealth: (listener) => line.onHealth(listener),
    close,
  });
}

/** Begins to hear of changes. A driver that is refused tries again without end and without a word to whoever waits. */
async function startInvalidation(invalidation: Invalidation): Promise<void> {
  try {
    await within(CONNECT_MS, invalidation.start(), () => notToldOf(invalidation.met));
  } catch (error) {
    throw error instanceof BulwarkError ? error : notToldOf(invalidation.met ?? error);
  }
}

function silent(): BulwarkError {
  const said = `A server of Redis did not answer within ${CONNECT_MS / 1000} s: is each of the cluster there?`;
  return new BulwarkError('ERR_BULWARK_STORE_DOWN', said);
}

function notToldOf(met: unknown): BulwarkError {
  return new BulwarkError(
    'ERR_BULWARK_STORE_DOWN',
    `Redis does not tell of changes (${met === undefined ? 'no answer' : wordOf(met)}): let its user run CLIENT and CLIENT TRACKING, ` +
      'and let each process have three connections (maxclients); or keep no sessions near: redis(client, { nearSessions: 0 })',
    met === undefined ? undefined : { cause: met },
  );
}

/** Waits for a client that is still connecting, as one of ioredis does from the moment it is made. */
async function connected(connection: Connection): Promise<void> {
  for (let waited = 0; !connection.isReady(); waited += CONNECT_STEP_MS) {
    if (waited >= CONNECT_MS) {
      throw new BulwarkError(
        'ERR_BULWARK_STORE_DOWN',
        `The client of Redis did not connect within ${CONNECT_MS / 1000} s: is its address right, and, with the package redis, client.connect() awaited?`,
      );
    }
    await sleep(CONNECT_STEP_MS);
  }
}

function invalidationOf(
  client: RedisClient,
  near: NearCache,
  commands: RedisLine,
  prefix: string,
): Invalidation {
  const source = isIoredis(client)
    ? new IoredisInvalidation(client as IoredisClient)
    : new NodeRedisInvalidation(client as NodeRedisClient);
  const keys = { sessions: `${prefix}s:{`, beat: commands.key('b', randomId(16)) };
  return new Invalidation(source, near, keys, () => commands.send('SET', keys.beat, '1', 'PX', BEAT_LIFE_MS));
}

// ioredis puts it before the keys it finds in a command, and not before those that the server tells of or that are
// scanned for: the near cache would never hear of a change.
function refuseKeyPrefix(client: RedisClient): void {
  const { options } = client as { options?: { keyPrefix?: unknown } };
  if (!isIoredis(client) || options?.keyPrefix === undefined || options.keyPrefix === '') return;
  throw new BulwarkError(
    'ERR_BULWARK_INVALID_OPTION',
    "the client has a keyPrefix: leave it out, and write redis(client, { prefix: 'files:' })",
  );
}

/** A Redis that makes room when it is full signs people out at random, and forgets who guessed how often. */
async function warnOfEviction(connection: Connection): Promise<void> {
  const servers = await connection.servers();
  const replies = await Promise.all(servers.map((send) => send(['INFO', 'memory']))).catch(() => []);
  const evicting = replies.some((reply) => {
    const policy = /^maxmemory_policy:(\S+)/m.exec(String(reply))?.[1];
    return policy !== undefined && policy !== 'noeviction' && !/^maxmemory:0\r?$/m.test(String(reply));
  });
  if (!evicting) return;
  process.emitWarning(
    'Redis evicts keys when it is full, and with them sessions and counts of sign-ins: set maxmemory-policy noeviction',
    { code: 'ERR_BULWARK_STORE_EVICTS' },
  );
}
