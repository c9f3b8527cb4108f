/**
 * The heads beside that of an answer: interim answers ahead of it (1xx), and trailers behind its body. The same guards
 * look at both, in the same modes: a cookie in one would otherwise leave as the application wrote it.
 */
import { ServerResponse } from 'node:http';
import type { HeadPart, HeaderValue, OutgoingHead } from '../core/head.ts';
import { type HeaderKey, headerKey, HeaderLine } from '../core/header-line.ts';
import { attachedView, View } from '../layer/view.ts';

type Pair = readonly [name: string, value: unknown];
type Fields = Readonly<Record<string, unknown>> | readonly unknown[];

interface SideHeads {
  writeEarlyHints: (this: SideHeads, hints: Readonly<Record<string, unknown>>, callback?: unknown) => void;
  /** Newer Node.js has it, and writes early hints by it. */
  writeInformation?: (
    this: SideHeads,
    status: number,
    headers?: Fields | null,
    callback?: unknown,
  ) => unknown;
  addTrailers: (this: SideHeads, trailers: Fields) => void;
}

/** Node's own. */
const nodes = ServerResponse.prototype as unknown as SideHeads;

/** Puts all of them under the layer. The functions are shared by all responses. */
export function sealSideHeads(response: ServerResponse): void {
  const side = response as unknown as SideHeads;
  side.writeEarlyHints = sealedEarlyHints;
  if (nodes.writeInformation !== undefined) side.writeInformation = sealedInformation;
  side.addTrailers = sealedTrailers;
}

type Sealed = ServerResponse & SideHeads;

function sealedEarlyHints(
  this: SideHeads,
  hints: Readonly<Record<string, unknown>>,
  callback?: unknown,
): void {
  const response = this as Sealed;
  // It would stand in the middle of the answer.
  if (response.headersSent) {
    if (typeof callback === 'function') process.nextTick(callback);
    return;
  }
  const kept = Object.fromEntries(looked(response, 'hints', 103, Object.entries(hints)));
  const sealed = this.writeInformation;
  if (nodes.writeInformation !== undefined) this.writeInformation = nodes.writeInformation;
  try {
    nodes.writeEarlyHints.call(this, kept, callback);
  } finally {
    if (sealed !== undefined) this.writeInformation = sealed;
  }
}

function sealedInformation(
  this: SideHeads,
  status: number,
  headers?: Fields | null,
  callback?: unknown,
): unknown {
  const kept = headers && looked(this as Sealed, 'hints', status, pairsOf(headers));
  return nodes.writeInformation?.call(this, status, kept, callback);
}

function sealedTrailers(this: SideHeads, trailers: Fields): void {
  const response = this as Sealed;
  nodes.addTrailers.call(this, looked(response, 'trailers', response.statusCode, pairsOf(trailers)));
}

/** What the guards leave of it. */
function looked(
  { req }: ServerResponse,
  part: HeadPart,
  status: number,
  pairs: readonly Pair[],
): readonly Pair[] {
  const view = attachedView(req);
  if (view === undefined) return pairs;
  const head = new SideHead(part, status, pairs);
  View.layerOf(view).dressSide(View.exchangeOf(view), head);
  // Not every Node.js of this line looks at what it writes ahead of a head, line ends included.
  if (part === 'hints') for (const [name, value] of head.pairs) HeaderLine.of(name, String(value));
  return head.pairs;
}

function pairsOf(fields: Fields): readonly Pair[] {
  if (!Array.isArray(fields)) return Object.entries(fields);
  const list = fields as readonly unknown[];
  if (list.length === 0 || Array.isArray(list[0])) return list as readonly Pair[];
  return list.flatMap((name, at) => (at % 2 === 0 ? [[String(name), list[at + 1]] as const] : []));
}

/** Guards take from it and change what is there. What they would add belongs into the head of the answer. */
class SideHead implements OutgoingHead {
  readonly part: HeadPart;
  readonly statusCode: number;
  pairs: readonly Pair[];

  constructor(part: HeadPart, status: number, pairs: readonly Pair[]) {
    this.part = part;
    this.statusCode = status;
    this.pairs = pairs;
  }

  getHeader(key: HeaderKey): HeaderValue | undefined {
    const values = this.pairs.filter(([name]) => headerKey(name) === key).flatMap(([, value]) => value);
    return values.length > 1 ? values.map(String) : (values[0] as HeaderValue | undefined);
  }

  setHeader(name: string, value: HeaderValue): void {
    const key = headerKey(name);
    const at = this.pairs.findIndex(([one]) => headerKey(one) === key);
    if (at === -1) return;
    const others = this.pairs.filter(([one], index) => index === at || headerKey(one) !== key);
    this.pairs = others.map((pair) => (headerKey(pair[0]) === key ? [pair[0], value] : pair));
  }

  removeHeader(key: HeaderKey): void {
    this.pairs = this.pairs.filter(([name]) => headerKey(name) !== key);
  }

  addLine(): void {
    // Not here.
  }

  removeAll(names: ReadonlySet<HeaderKey>): void {
    this.pairs = this.pairs.filter(([name]) => !names.has(headerKey(name)));
  }

  names(): readonly HeaderKey[] {
    return [...new Set(this.pairs.map(([name]) => headerKey(name)))];
  }
}
