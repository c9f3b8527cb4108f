/** What a developer sees of an error that everyone else is told nothing of. */
import { types } from 'node:util';
import { maskSecrets } from '../audit/redact.ts';
import type { Exchange } from '../core/exchange.ts';
import { isLoopbackName } from '../core/origin.ts';
import type { ShownError } from '../controls/errors/render.ts';

const MOST_TEXT = 4000;
/** Somebody between us and the browser, such as a tunnel that shows this machine to the world. */
const SIGNS_OF_A_PROXY = [
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'forwarded',
  'via',
] as const;

/** Whether the client is on this very machine: by its connection, the host it names, and the lines of proxies. */
export function isAskedHere({ request }: Exchange): boolean {
  const { headers, peer } = request;
  if (!/^(?:::ffff:)?127\.|^::1$/.test(peer)) return false;
  for (const name of SIGNS_OF_A_PROXY) if (headers[name] !== undefined) return false;
  const { host } = headers;
  return typeof host === 'string' && isLoopbackName(host.replace(/:\d+$/, '').toLowerCase());
}

/** Name, message and stack of what was thrown, without the secrets that can be told by their shape. */
export function shownError(thrown: unknown): ShownError {
  try {
    if (!types.isNativeError(thrown)) return { name: 'thrown', message: masked(thrown), stack: '' };
    const frames = thrown.stack?.search(/^ {4}at /m) ?? -1;
    const stack = frames === -1 ? '' : masked(thrown.stack?.slice(frames));
    return { name: masked(thrown.name), message: masked(thrown.message), stack };
  } catch {
    return { name: 'Error', message: 'it cannot be read', stack: '' };
  }
}

function masked(value: unknown): string {
  return maskSecrets(String(value).slice(0, MOST_TEXT));
}
