/** Scripts on Redis, each within the deadline of the line. */
import type { Breaker } from '../breaker.ts';
import { BulwarkError, StoreDownError } from '../../core/errors.ts';
import { randomId } from '../../core/random.ts';
import { type Connection, isFull, isUnknownScript } from './driver.ts';
import { type Script, TAKE } from './scripts.ts';

/** Sessions, their tokens, ids that were replaced, accounts, counters, groups of reports, and the beat of {@link Invalidation}. */
export type KeyKind = 's' | 't' | 'r' | 'a' | 'c' | 'd' | 'b';

/** Runs scripts and commands, and names keys. */
export class RedisLine {
  readonly #connection: Connection;
  readonly #line: Breaker;
  readonly #prefix: string;

  constructor(connection: Connection, line: Breaker, prefix: string) {
    this.#connection = connection;
    this.#line = line;
    this.#prefix = prefix;
  }

  /**
   * A key. What stands in braces decides the server of a cluster: keys of one id are on one.
   *
   * @param kind - `s` session, `t` its tokens, `r` that its id was replaced, `a` account, `c` counter, `d` reports
   */
  key(kind: KeyKind, id: string): string {
    // Empty braces decide nothing, and what is asked of two servers at once is refused. No id of ours is so.
    const inside = id === '' || id.startsWith('}') ? `!${id}` : id;
    return `${this.#prefix}${kind}:{${inside}}`;
  }

  /** Runs a script. Redis is sent its text only where it does not know it yet. */
  run(
    script: Script,
    keys: readonly [string, ...string[]],
    ...values: readonly (string | number)[]
  ): Promise<unknown> {
    const [first] = keys;
    const rest = [String(keys.length), ...keys, ...values.map(String)];
    return this.#ask(() =>
      this.#connection.send(first, ['EVALSHA', script.sha1, ...rest]).catch((error: unknown) => {
        if (!isUnknownScript(error)) throw error;
        return this.#connection.send(first, ['EVAL', script.source, ...rest]);
      }),
    );
  }

  /** Runs a command on one key. */
  send(name: string, key: string, ...values: readonly string[]): Promise<unknown> {
    return this.#ask(() => this.#connection.send(key, [name, key, ...values]));
  }

  /** Asks for what every request asks for, a write among it. Rejects where Redis does not do it, or strangely. */
  async probe(): Promise<void> {
    if (!this.#connection.isReady()) throw new NotConnected();
    const now = Date.now();
    const { source } = TAKE;
    const keys = ['1', this.key('b', `probe/${randomId(8)}`)];
    const reply = await this.#connection.send(keys[1] ?? '', [
      'EVAL',
      source,
      ...keys,
      `${now}`,
      '1000',
      '1000',
    ]);
    if (reply !== '0') throw strangeReply();
  }

  /** Counts the keys of a kind, on every primary. Looks at all keys there are: for tests, not for requests. */
  async count(kind: KeyKind): Promise<number> {
    let count = 0;
    for (const send of await this.#connection.servers()) {
      for (let cursor = ''; cursor !== '0';) {
        const pattern = `${this.#prefix}${kind}:{*`;
        const page = await send(['SCAN', cursor === '' ? '0' : cursor, 'MATCH', pattern, 'COUNT', '1000']);
        const [next, keys] = page as [unknown, readonly unknown[]];
        cursor = String(next);
        count += keys.length;
      }
    }
    return count;
  }

  #ask(command: () => Promise<unknown>): Promise<unknown> {
    return this.#line.run(async () => {
      // A driver that reconnects would keep this for later, when whoever asked is long gone.
      if (!this.#connection.isReady()) throw new NotConnected();
      try {
        return await command();
      } catch (error) {
        // It goes on reading: those who ask for no more are served.
        if (isFull(error)) throw new StoreDownError('The redis store is full.', false, { cause: error });
        throw error;
      }
    });
  }
}

class NotConnected extends Error {
  override readonly name = 'NotConnected';
}

/** A reply that no script of ours gives. */
export function strangeReply(): BulwarkError {
  return new BulwarkError('ERR_BULWARK_STORE', 'The redis store answered with something it must not.');
}
