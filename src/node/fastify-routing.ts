/** What Fastify routes by beside the target that was judged: empty segments taken for parameters, and rewritten targets. */
import { agreeOnClient } from './agreed-client.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { Refusal } from '../core/verdict.ts';
import { notePath } from './changed-request.ts';
import { refuse } from './response.ts';
import { attachedView, View } from '../layer/view.ts';
import { eventOf } from '../core/events.ts';
import { PROBLEMS } from '../core/problem-types.ts';
import { NODE_EVENTS } from './node.events.ts';

const NOT_FOUND: Refusal = {
  ...PROBLEMS.notFound,
  detail: 'There is nothing at this address. It may have moved, or the link may have a mistake in it.',
  event: eventOf(NODE_EVENTS.otherRules, {
    reason: 'the router read an empty segment as a parameter, and that route has rules of its own',
  }),
};

/**
 * Answers 404 to a request that the router has led to a route by an empty parameter, where that route has rules which were
 * not asked. False: the rules are the same, and nothing has happened to it.
 */
export function refuseOtherRules(request: IncomingMessage, response: ServerResponse): boolean {
  const view = attachedView(request);
  if (view === undefined) return false;
  const exchange = View.exchangeOf(view);
  const layer = View.layerOf(view);
  const { mode } = layer.policy.access;
  if (mode === 'off') return false;
  const { path, rawPath, pathHasOneReading, rules } = exchange;
  const { method } = exchange.request;
  const others = layer.policy.routes.find(method, path, pathHasOneReading ? rawPath : path, true);
  if (isDeepStrictEqual(others, rules)) return false;
  layer.report(exchange, 'access', NOT_FOUND, mode === 'observe');
  return mode === 'enforce' && refuse(response, NOT_FOUND);
}

/** Looks at a target that `rewriteUrl` has made of another one: Fastify routes by it, and has no mounts that change it too. */
export function noteRewrite(request: IncomingMessage): void {
  const view = attachedView(request);
  if (view === undefined) return;
  const exchange = View.exchangeOf(view);
  const { url = '', method = '' } = request;
  if (url !== exchange.target) notePath(View.layerOf(view), exchange, method, url);
}

/** `/notes/` is `/notes/:id` to Fastify where it has no such route, and `/accounts//files` `/accounts/:account/files`. */
export function hasEmptyParameter(params: unknown): boolean {
  const given = params as Readonly<Record<string, unknown>> | undefined | null;
  for (const name in given) if (given[name] === '') return true;
  return false;
}

/**
 * Has the requests of one application tell who asks as the layer does: found out once for each kind of them. What all requests of
 * all applications inherit from lets nobody change that, and with `trustProxy` none does: there a kind of our own stands between.
 */
export function agreeOnce(): (request: object) => void {
  const rawOf = (one: object): object => (one as { readonly raw: object }).raw;
  const agreed = new WeakMap<object, object>();
  return (request) => {
    const kind = Object.getPrototypeOf(request) as object;
    let own = agreed.get(kind);
    if (own === undefined) {
      own = agreeOnClient(topOf(kind), rawOf) ? kind : (Object.create(kind) as object);
      if (own !== kind) agreeOnClient(own, rawOf);
      agreed.set(kind, own);
    }
    if (own !== kind) Object.setPrototypeOf(request, own);
  };
}

/** What all requests of one application inherit from, those of its plugins too, where it has such a thing. */
function topOf(kind: object): object {
  let own = kind;
  while (!Object.hasOwn(own, 'socket')) {
    const above = Object.getPrototypeOf(own) as object | null;
    if (above === null || Object.hasOwn(above, 'socket')) break;
    own = above;
  }
  return own;
}
