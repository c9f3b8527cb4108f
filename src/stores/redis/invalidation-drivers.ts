/** How each driver carries what {@link Invalidation} listens to, on connections of its own beside the application's client. */
import type { InvalidationHandlers, InvalidationSource } from './invalidation.ts';
import type { IoredisClient, IoredisConnection, NodeRedisClient, NodeRedisConnection } from './driver.ts';

/** Where Redis tells a client of RESP2 what changed. */
const CHANNEL = '__redis__:invalidate';

/** Over RESP3: the connection that asks for the word is the one that gets it. */
export class NodeRedisInvalidation implements InvalidationSource {
  readonly #connection: NodeRedisConnection;

  constructor(client: NodeRedisClient) {
    this.#connection = client.duplicate({
      RESP: 3,
      emitInvalidate: true,
      clientSideCache: undefined,
      disableOfflineQueue: true,
      // Moved to another server by such a notice, a connection would be tracked no more, and nobody told.
      maintNotifications: 'disabled',
    });
  }

  async start({ onReady, onLost, onKeys }: InvalidationHandlers): Promise<void> {
    const connection = this.#connection;
    connection.on('invalidate', (key: unknown) => onKeys(key === null ? null : [textOf(key)]));
    for (const event of ['error', 'reconnecting', 'end']) connection.on(event, onLost);
    connection.on('ready', onReady);
    await connection.connect();
  }

  async track(prefixes: readonly string[]): Promise<void> {
    // The driver has asked for the keys that this connection reads, of which there are none.
    await this.#connection.sendCommand(['CLIENT', 'TRACKING', 'OFF']);
    await this.#connection.sendCommand(['CLIENT', 'TRACKING', 'ON', 'BCAST', ...prefixesOf(prefixes)]);
  }

  close(): void {
    // One that was given up before it was there is closed already, by the driver's own account, and it throws.
    if (this.#connection.isOpen) this.#connection.destroy();
  }
}

/**
 * Over RESP2: ioredis 6 drops the messages of RESP3 that this is about. One connection subscribes, and another asks that
 * the word be sent there.
 */
export class IoredisInvalidation implements InvalidationSource {
  readonly #listening: IoredisConnection;
  readonly #asking: IoredisConnection;

  constructor(client: IoredisClient) {
    const ours = { lazyConnect: true, enableOfflineQueue: false, maxRetriesPerRequest: 0 };
    this.#listening = client.duplicate({ ...ours, protocol: 2, autoResubscribe: false });
    this.#asking = client.duplicate(ours);
  }

  async start({ onReady, onLost, onKeys }: InvalidationHandlers): Promise<void> {
    const both = [this.#listening, this.#asking];
    this.#listening.on('messageBuffer', (_channel: unknown, keys: unknown) =>
      onKeys(Array.isArray(keys) ? keys.map(textOf) : null),
    );
    const whenBoth = (): void => {
      if (both.every(({ status }) => status === 'ready')) onReady();
    };
    for (const connection of both) {
      connection.on('error', onLost);
      connection.on('close', onLost);
      connection.on('ready', whenBoth);
    }
    await Promise.all(both.map((connection) => connection.connect()));
  }

  async track(prefixes: readonly string[]): Promise<void> {
    // Over whatever was set up before one of the two was lost. In lower case, by which ioredis knows subscriptions.
    await this.#listening.call('unsubscribe', CHANNEL);
    const id = String(await this.#listening.call('CLIENT', 'ID'));
    await this.#listening.call('subscribe', CHANNEL);
    await this.#asking.call('CLIENT', 'TRACKING', 'OFF');
    await this.#asking.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', ...prefixesOf(prefixes));
  }

  close(): void {
    this.#listening.disconnect();
    this.#asking.disconnect();
  }
}

/** Drivers give keys as texts or as bytes. */
function textOf(key: unknown): string {
  return Buffer.isBuffer(key) ? key.toString() : typeof key === 'string' ? key : '';
}

function prefixesOf(prefixes: readonly string[]): string[] {
  return prefixes.flatMap((prefix) => ['PREFIX', prefix]);
}
