import type { ServerResponse } from 'node:http';

/**
 * Has what an application says of an answer that is out go nowhere. Node.js would throw at each header, often in the very
 * handler that deals with the error before it, and would write what comes before an answer (1xx) behind it.
 */
export function deafen(response: ServerResponse): void {
  Object.assign(response, DEAF);
}

function returnThis(this: ServerResponse): ServerResponse {
  return this;
}

function ignore(...args: unknown[]): void {
  const told = args.at(-1);
  if (typeof told === 'function') process.nextTick(told);
}

const DEAF = {
  setHeader: returnThis,
  setHeaders: returnThis,
  appendHeader: returnThis,
  removeHeader: ignore,
  flushHeaders: ignore,
  addTrailers: ignore,
  writeContinue: ignore,
  writeProcessing: ignore,
  writeEarlyHints: ignore,
} as const;
