/**
 * What goes out beside the head of an answer: early hints before it, trailers behind its body. No guard looks at either, so
 * that a cookie in one would leave as the application wrote it.
 */
import { ServerResponse } from 'node:http';
import { attachedView, View } from '../layer/view.ts';
import { COOKIES_EVENTS } from '../controls/cookies/cookies.events.ts';

type EarlyHints = (
  this: ServerResponse,
  hints: Readonly<Record<string, unknown>>,
  callback?: unknown,
) => void;
type Trailers = Readonly<Record<string, unknown>> | readonly (readonly [name: string, value: unknown])[];
type AddTrailers = (this: ServerResponse, trailers: Trailers) => void;

interface SideHeads {
  writeEarlyHints: EarlyHints;
  addTrailers: AddTrailers;
}

/** Node's own. */
const nodes = ServerResponse.prototype as unknown as SideHeads;

/** Puts both under the layer. The functions are shared by all responses. */
export function sealSideHeads(response: ServerResponse): void {
  const side = response as unknown as SideHeads;
  side.writeEarlyHints = sealedEarlyHints;
  side.addTrailers = sealedAddTrailers;
}

/**
 * Browsers read `Link` and nothing else of a 103 (RFC 8297), and Node.js writes whatever else it is given unchecked, line
 * ends too. Once the head is out, one would stand in the middle of the answer.
 */
function sealedEarlyHints(
  this: ServerResponse,
  hints: Readonly<Record<string, unknown>>,
  callback?: unknown,
): void {
  if (!isEnforced(this)) return nodes.writeEarlyHints.call(this, hints, callback);
  if (Object.keys(hints).some(isCookie)) tellDropped(this, 'in early hints');
  if (!this.headersSent) return nodes.writeEarlyHints.call(this, { link: hints['link'] }, callback);
  if (typeof callback === 'function') process.nextTick(callback);
}

function sealedAddTrailers(this: ServerResponse, trailers: Trailers): void {
  if (!isEnforced(this)) return nodes.addTrailers.call(this, trailers);
  const all = Array.isArray(trailers) ? (trailers as [string, unknown][]) : Object.entries(trailers);
  const kept = all.filter(([name]) => !isCookie(name));
  if (kept.length < all.length) tellDropped(this, 'in trailers');
  nodes.addTrailers.call(this, kept);
}

function isCookie(name: unknown): boolean {
  return typeof name === 'string' && /^set-cookie2?$/i.test(name);
}

function isEnforced({ req }: ServerResponse): boolean {
  const view = attachedView(req);
  return view === undefined || View.layerOf(view).policy.cookies.mode === 'enforce';
}

function tellDropped({ req }: ServerResponse, dropped: string): void {
  const view = attachedView(req);
  if (view === undefined) return;
  const details = { guard: 'cookies', reason: 'a Set-Cookie line was dropped', dropped };
  View.layerOf(view).audit.writeGated(COOKIES_EVENTS.dropped, details, View.exchangeOf(view));
}
