/** Every stack, in the order of the report. */
import { expressPeers, expressLean } from './express-peers.ts';
import { expressBare, expressBulwark } from './express.ts';
import { fastifyPeers, fastifyLean } from './fastify-peers.ts';
import { fastifyBare, fastifyBulwark } from './fastify.ts';
import { honoPeers } from './hono-peers.ts';
import { honoBare, honoBulwark } from './hono.ts';
import { queuedLogIns, unqueuedLogIns } from './log-ins.ts';
import { nodeBare, nodeBulwark } from './node-http.ts';
import type { Stack } from './stack.ts';

/** The stacks. */
export const STACKS: readonly Stack[] = [
  nodeBare,
  nodeBulwark,
  expressBare,
  expressPeers,
  expressLean,
  expressBulwark,
  fastifyBare,
  fastifyPeers,
  fastifyLean,
  fastifyBulwark,
  honoBare,
  honoPeers,
  honoBulwark,
];

/** Compared with each other, and with nothing else. */
export const LOG_IN_STACKS: readonly Stack[] = [queuedLogIns, unqueuedLogIns];

/** @throws Error where there is none of this name */
export function stackNamed(name: string): Stack {
  const stack = [...STACKS, ...LOG_IN_STACKS].find((one) => one.name === name);
  if (stack === undefined) throw new Error(`there is no stack ${name}`);
  return stack;
}

/** A Redis database for each stack, so that none finds the counters of another. */
export function databaseUrl(serverUrl: string, stack: Stack): string {
  return `${serverUrl}/${STACKS.indexOf(stack)}`;
}
