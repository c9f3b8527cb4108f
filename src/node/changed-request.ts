/** Middleware behind the layer that makes another request of one whose rules were asked: of another method, or path. */
import type { IncomingMessage } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { ErrorCode } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import { pathEvidence } from '../controls/firewall/refusals.ts';
import { readPath } from '../controls/firewall/url-path.ts';
import type { Layer } from '../layer/layer.ts';
import { NODE_EVENTS } from './node.events.ts';

const told = new WeakMap<Layer, Set<ErrorCode>>();

/** Mounts cut their path off `url`: Express keeps it in `baseUrl`, connect and its kin keep the whole in `originalUrl`. */
interface Mounted extends IncomingMessage {
  readonly baseUrl?: string;
  readonly originalUrl?: string;
}

/**
 * Writes an event where middleware has changed the method or path of a request to one with rules of its own, which were
 * never asked.
 * `DELETE /admin/**` is passed by a POST, `/admin/**` by a path that a middleware shortens to it. Each is an event; the
 * warning comes once.
 */
export function noteChanges(layer: Layer, exchange: Exchange, request: Mounted): void {
  const { method = '', url = '', baseUrl = '' } = request;
  if (url !== exchange.target && !isMount(exchange.target, request))
    notePath(layer, exchange, method, baseUrl + url);
  else if (method !== exchange.request.method) {
    const { path, rawPath, pathHasOneReading } = exchange;
    if (!hasOtherRules(layer, exchange, method, pathHasOneReading ? rawPath : path)) return;
    const name = method.slice(0, 16);
    const message = `the application made ${name} of a ${exchange.request.method}, and the rules of ${name} were not asked: leave the middleware out, or write those rules without a method`;
    tell(layer, exchange, 'ERR_BULWARK_METHOD_CHANGED', message);
  }
}

/** Tells of a target that a request has come to have, where that one has rules of its own. */
export function notePath(layer: Layer, exchange: Exchange, method: string, target: string): void {
  const path = withoutQuery(target);
  if (!hasOtherRules(layer, exchange, method, path)) return;
  const message = `the application made ${pathEvidence(path)} of the path of a request, and the rules of that one were not asked: write them for the path that browsers ask for`;
  tell(layer, exchange, 'ERR_BULWARK_PATH_CHANGED', message);
}

/** Whether a mount has cut its own path off the target, and nobody has changed the rest. It leaves a slash at least. */
function isMount(target: string, { baseUrl: base, originalUrl, url = '' }: Mounted): boolean {
  if (base === undefined) return originalUrl === target && target.endsWith(url);
  if (base === '' || !target.startsWith(base)) return false;
  const rest = target.slice(base.length);
  return url === rest || (url.length === rest.length + 1 && url.startsWith('/') && url.endsWith(rest));
}

function hasOtherRules(layer: Layer, { rules }: Exchange, method: string, raw: string): boolean {
  const path = readPath(raw);
  if (typeof path !== 'string') return true;
  return !isDeepStrictEqual(layer.policy.routes.find(method, path, raw), rules);
}

function tell(layer: Layer, exchange: Exchange, code: ErrorCode, message: string): void {
  layer.audit.writeGated(NODE_EVENTS.weakened, { code, message }, exchange);
  const codes = told.get(layer) ?? new Set();
  told.set(layer, codes);
  if (codes.has(code)) return;
  codes.add(code);
  process.emitWarning(message, { code });
}

function withoutQuery(target: string): string {
  const mark = target.indexOf('?');
  return mark === -1 ? target : target.slice(0, mark);
}
