/** Middleware behind the layer that changes the method of a request, after the rules of the first one were asked. */
import { isDeepStrictEqual } from 'node:util';
import type { Exchange } from '../core/exchange.ts';
import type { Layer } from '../layer/layer.ts';

const told = new WeakSet<Layer>();

/**
 * Tells of a request whose method is another one by now, where that one has rules of its own: nobody asked them, and
 * `DELETE /admin/**` is passed by a POST. Each is an event; the warning comes once.
 */
export function noteMethod(layer: Layer, exchange: Exchange, method: string | undefined): void {
  const { request, rules, path, rawPath, pathHasOneReading } = exchange;
  if (method === undefined || method === request.method) return;
  const others = layer.policy.routes.find(method, path, pathHasOneReading ? rawPath : path);
  if (isDeepStrictEqual(others, rules)) return;
  const code = 'ERR_BULWARK_METHOD_CHANGED';
  const message = `the application made ${method.slice(0, 16)} of a ${request.method}, and the rules of ${method.slice(0, 16)} were not asked: leave the middleware out, or write those rules without a method`;
  layer.audit.writeGated('sys_misconfigured', { code, message }, exchange);
  if (told.has(layer)) return;
  told.add(layer);
  process.emitWarning(message, { code });
}
