/** Every stack, in the order of the report. */
import { expressPeers, expressPeersLean } from './express-peers.ts';
import { expressBare, expressBulwark } from './express.ts';
import { nodeBare, nodeBulwark } from './node-http.ts';
import type { Stack } from './stack.ts';

/** The stacks. */
export const STACKS: readonly Stack[] = [
  nodeBare,
  nodeBulwark,
  expressBare,
  expressPeers,
  expressPeersLean,
  expressBulwark,
];

/** @throws Error where there is none of this name */
export function stackNamed(name: string): Stack {
  const stack = STACKS.find((one) => one.name === name);
  if (stack === undefined) throw new Error(`there is no stack ${name}`);
  return stack;
}
