/** What a stack is: one application on one framework, bare or secured in one way. */
import type { Limit } from './application.ts';

/**
 * Where sessions and counters live. `redis, far`: of Bulwark only, without the sessions that it keeps near, so that each
 * look-up asks Redis, as the first one of a session does.
 */
export type StoreName = 'memory' | 'redis' | 'redis, far';

/** What a stack is told when it starts. */
export interface StackOptions {
  readonly limit: Limit;
  readonly store: StoreName;
  /** Undefined: in memory. */
  readonly redisUrl: string | undefined;
}

/** A stack that listens on 127.0.0.1. */
export interface RunningStack {
  readonly port: number;
  /** Closes the server, every connection, and the clients of its stores. */
  close(): Promise<void>;
}

/**
 * An application on a framework: without any security; with what people put together (`peers`); the same made as cheap
 * as it gets by someone who measures (`lean`); or under Bulwark.
 */
export interface Stack {
  /** Such as `express-peers`. */
  readonly name: string;
  readonly framework: 'node:http' | 'Express' | 'Fastify' | 'Hono';
  readonly kind: 'bare' | 'peers' | 'lean' | 'bulwark';
  /** What it is made of, for the reader. */
  readonly parts: string;
  readonly stores: readonly StoreName[];
  start(options: StackOptions): Promise<RunningStack>;
}
