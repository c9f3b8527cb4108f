/** Scripts on Redis, each within the deadline of the line. */
import type { Lifeline } from '../lifeline.ts';
import { BulwarkError } from '../../core/errors.ts';
import { type Connection, isUnknownScript } from './driver.ts';
import type { Script } from './scripts.ts';

/** Runs scripts and commands, and names keys. */
export class RedisLine {
  readonly #connection: Connection;
  readonly #line: Lifeline;
  readonly #prefix: string;

  constructor(connection: Connection, line: Lifeline, prefix: string) {
    this.#connection = connection;
    this.#line = line;
    this.#prefix = prefix;
  }

  /**
   * A key. What stands in braces decides the server of a cluster: keys of one id are on one.
   *
   * @param kind - `s` session, `t` its tokens, `a` account, `c` counter
   */
  key(kind: 's' | 't' | 'a' | 'c', id: string): string {
    return `${this.#prefix}${kind}:{${id}}`;
  }

  /** Runs a script. Redis is sent its text only where it does not know it yet. */
  run(
    script: Script,
    keys: readonly [string, ...string[]],
    ...values: readonly (string | number)[]
  ): Promise<unknown> {
    const [first] = keys;
    const rest = [String(keys.length), ...keys, ...values.map(String)];
    return this.#line.run(() => {
      // A driver that reconnects would keep this for later, when whoever asked is long gone.
      if (!this.#connection.isReady()) throw notConnected();
      return this.#connection.send(first, ['EVALSHA', script.sha1, ...rest]).catch((error: unknown) => {
        if (!isUnknownScript(error)) throw error;
        return this.#connection.send(first, ['EVAL', script.source, ...rest]);
      });
    });
  }

  /** Runs a command on one key. */
  send(name: string, key: string, ...values: readonly string[]): Promise<unknown> {
    return this.#line.run(() => {
      if (!this.#connection.isReady()) throw notConnected();
      return this.#connection.send(key, [name, key, ...values]);
    });
  }

  /** Counts the keys of a kind, on every primary. Reads them all: for tests and metrics, not for requests. */
  async count(kind: 's' | 'c'): Promise<number> {
    // Braces and brackets would be read as patterns.
    const pattern = `${this.#prefix}${kind}:*`.replaceAll(/[[\]\\?]/g, '\\$&');
    const replies = await this.#connection.sendToAll(['EVAL', COUNT, '0', pattern]);
    return replies.reduce<number>((sum, reply) => sum + Number(reply), 0);
  }
}

const COUNT = `
local cursor, count = '0', 0
repeat
  local page = redis.call('SCAN', cursor, 'MATCH', ARGV[1], 'COUNT', 1000)
  cursor, count = page[1], count + #page[2]
until cursor == '0'
return count`;

function notConnected(): Error {
  return new NotConnected('the client is not connected');
}

class NotConnected extends Error {
  override readonly name = 'NotConnected';
}

/** A reply that no script of ours gives. */
export function strangeReply(): BulwarkError {
  return new BulwarkError('ERR_BULWARK_STORE', 'The redis store answered with something it must not.');
}
