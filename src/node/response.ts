/** The response of Node.js, sealed: the layer sees every head before it leaves, whatever writes it. */
import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { THROWN } from '../controls/access/permissions.ts';
import { OWN_ANSWER } from '../controls/errors/errors.ts';
import { type Exchange, noteUnknownWho } from '../core/exchange.ts';
import { BulwarkError } from '../core/errors.ts';
import type { ResponseHead } from '../core/head.ts';
import { INTERNAL_ERROR, type Refusal } from '../core/verdict.ts';
import type { Layer } from '../layer/layer.ts';
import { noteChanges } from './changed-request.ts';
import { deafen } from './deaf-response.ts';
import { isLeak, leaveUnfinished } from './late-read.ts';
import { closeAfterAnswer, lingeringClose } from './linger.ts';
import { headOf, type NodeHead } from './outgoing-head.ts';
import { handedHeadOf, relayedHeadOf } from './relayed-head.ts';
import { markReplaced, refuseWrite } from './replaced-writer.ts';
import { sealSideHeads } from './side-heads.ts';
import { NODE_EVENTS } from './node.events.ts';

/** What a response remembers of its exchange. */
interface Seal {
  readonly layer: Layer;
  readonly exchange: Exchange;
  readonly writeHead: WriteHead;
  readonly write: Write;
  readonly end: End;
  /** Whether the answer may leave: the guards have looked at it, or it is Bulwark's own. */
  judged: boolean;
  /** Whether the head is as the guards want it. */
  dressed: boolean;
  /** Whether the caching headers were written in time: no look at the session came after the head. */
  readByHead: boolean;
  /** Whether caches could keep an answer meant for one person: then it is left unfinished. */
  leaks: boolean;
  /** Set once Bulwark's own answer is out: what the handler writes from then on goes nowhere. */
  replaced: boolean;
  /** In development, where no error was seen: the application's own error text, which the client is not shown. */
  untold: string | undefined;
}

// Node's overloads, as the one shape each that they come to.
type WriteHead = (
  this: ServerResponse,
  status: number,
  reason?: unknown,
  headers?: unknown,
) => ServerResponse;
type Write = (this: ServerResponse, chunk: unknown, encoding?: unknown, callback?: unknown) => boolean;
type End = (this: ServerResponse, chunk?: unknown, encoding?: unknown, callback?: unknown) => ServerResponse;
type HeadHeaders = OutgoingHttpHeaders | readonly OutgoingHttpHeader[];

const SEAL = Symbol('bulwark.seal');

interface SealedResponse extends ServerResponse {
  [SEAL]: Seal;
}

/** The methods that are put over Node's own. */
interface Writers {
  writeHead: WriteHead;
  write: Write;
  end: End;
}

/**
 * Puts a response under the layer. The functions below are shared by all responses: nothing is made per request but
 * one record.
 */
export function sealResponse(response: ServerResponse, layer: Layer, exchange: Exchange): void {
  const writers = response as unknown as Writers;
  const { writeHead, write, end } = writers;
  (response as SealedResponse)[SEAL] = {
    layer,
    exchange,
    writeHead,
    write,
    end,
    judged: false,
    dressed: false,
    readByHead: true,
    leaks: false,
    replaced: false,
    untold: undefined,
  };
  writers.writeHead = sealedWriteHead as WriteHead;
  writers.write = sealedWrite as Write;
  writers.end = sealedEnd as End;
  sealSideHeads(response);
  response.on('error', noteError);
}

/**
 * Writes the head of an answer that is there as a whole, as a relay has it: judged and dressed as any other, and not set line by
 * line first. False: it was replaced, and what was to follow goes nowhere.
 *
 * @param lines - names and values in turn
 */
export function relayHead(
  response: ServerResponse,
  status: number,
  reason: string,
  lines: readonly string[],
): boolean {
  const sealed = response as SealedResponse;
  const seal = sealed[SEAL];
  const head = seal.judged ? undefined : relayedHeadOf(response, seal.writeHead, status, lines);
  if (head === undefined || response.writeHead !== (sealedWriteHead as unknown)) {
    response.writeHead(status, reason, lines as string[]);
    return !seal.replaced;
  }
  response.statusMessage = reason;
  if (!mayLeave(sealed, head)) return false;
  writeDressed(sealed, head);
  return true;
}

/** Whether a response is under the layer. */
export function isSealed(response: ServerResponse): boolean {
  return SEAL in response;
}

/** Answers with a refusal. Returns false where the head had left already and nothing more can be said. */
export function refuse(response: ServerResponse, refusal: Refusal): boolean {
  const sealed = response as SealedResponse;
  const seal = sealed[SEAL];
  if (response.headersSent || seal.replaced) return false;
  const answer = seal.layer.answer(seal.exchange, refusal);
  // What the application said about its answer goes with it: its cookies and its Location too.
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.statusCode = answer.status;
  response.statusMessage = '';
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  if (answer.close || hasUnreadBytes(response.req, seal.exchange)) closeAfterAnswer(response);
  // Past whatever wrapped the response since: a compressor would announce an encoding that this body does not have.
  (response as unknown as Writers).writeHead = sealedWriteHead as WriteHead;
  seal.judged = true;
  seal.end.call(response, answer.body, 'utf8');
  seal.replaced = true;
  seal.exchange.callOff(
    refusal.type === 'session-over' ? 'ERR_BULWARK_SESSION_OVER' : 'ERR_BULWARK_ANSWER_REPLACED',
  );
  response.destroy = destroyReplaced;
  return true;
}

/** As {@link refuse}, for an application that still writes its own answer: nothing of that goes out any more. */
export function refuseAtWork(response: ServerResponse, refusal: Refusal): boolean {
  const refused = refuse(response, refusal);
  if (refused) {
    deafen(response);
    markReplaced(response);
  }
  return refused;
}

/** A failing framework destroys its own answer, which is gone already: the layer's still has to reach the client. */
function destroyReplaced(this: ServerResponse): ServerResponse {
  if (this.socket !== null) lingeringClose(this.socket);
  return this;
}

/**
 * Ends a response whose handler failed: with what the guards say to a 500 (a session that ended meanwhile is a 401),
 * or by cutting it where part of it is out already. Returns the answer's status, or undefined where it was cut.
 *
 * @param refused - whether the error is a refusal of ours that the handler let pass
 */
export function failHandler(response: ServerResponse, error: unknown, refused: boolean): number | undefined {
  const seal = (response as SealedResponse)[SEAL];
  // A refusal that the handler caught is not the reason why it failed now.
  if (!refused) seal.exchange.set(THROWN, undefined);
  // Whatever of ours it asked: come back later, not "something went wrong".
  noteUnknownWho(seal.exchange, error);
  seal.exchange.failure ??= error;
  if (!response.headersSent && !seal.replaced) {
    response.statusCode = 500;
    // Ours, and told in the log by its error: nothing of the application has to be replaced.
    seal.exchange.set(OWN_ANSWER, true);
    seal.judged = true;
    const refusal = seal.layer.judge(seal.exchange, response) ?? INTERNAL_ERROR;
    refuseAtWork(response, refusal);
    return refusal.status;
  }
  cutAnswer(response);
  return undefined;
}

/** Cuts an answer that cannot be finished: what looks whole must be whole. */
export function cutAnswer(response: ServerResponse): void {
  if (!response.writableEnded) response.destroy();
}

function sealedWriteHead(
  this: SealedResponse,
  status: number,
  reason?: string | HeadHeaders | null,
  headers?: HeadHeaders | null,
): ServerResponse {
  const seal = this[SEAL];
  if (seal.replaced) return this;
  if (seal.dressed || this.headersSent) return seal.writeHead.call(this, status, reason, headers);
  this.statusCode = status;
  if (typeof reason === 'string') this.statusMessage = reason;
  const handed = headers ?? (typeof reason === 'object' ? reason : undefined);
  const whole = seal.judged ? undefined : handedHeadOf(this, seal.writeHead, status, handed);
  if (whole === undefined) putHeaders(this, handed);
  if (mayLeave(this, whole)) writeDressed(this, whole ?? headOf(this, seal.writeHead));
  return this;
}

function writeDressed(response: SealedResponse, head: NodeHead): void {
  const seal = response[SEAL];
  seal.dressed = true;
  seal.layer.dress(seal.exchange, head);
  head.attach();
  seal.readByHead = seal.exchange.sessionRead;
  const { lines } = head;
  try {
    if (lines === undefined) seal.writeHead.call(response, head.statusCode);
    else seal.writeHead.call(response, head.statusCode, lines);
  } catch (error) {
    // A status or reason that Node does not write: what the framework answers instead is judged and dressed anew.
    head.detach();
    seal.judged = false;
    seal.dressed = false;
    throw error;
  }
}

function sealedWrite(this: SealedResponse, chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
  if (!mayLeave(this)) {
    keepUntold(this[SEAL], chunk);
    return refuseWrite(this, typeof encoding === 'function' ? encoding : callback);
  }
  noteLateRead(this);
  return this[SEAL].write.call(this, chunk, encoding, callback);
}

function sealedEnd(
  this: SealedResponse,
  chunk?: unknown,
  encoding?: unknown,
  callback?: unknown,
): ServerResponse {
  if (mayLeave(this)) {
    const seal = this[SEAL];
    noteLateRead(this);
    if (!seal.leaks) return seal.end.call(this, chunk, encoding, callback);
    const told = [chunk, encoding, callback].find((one) => typeof one === 'function');
    if (told !== undefined) this.once('close', told as () => void);
    leaveUnfinished(this, () => hasBytes(chunk) && seal.write.call(this, chunk, encoding));
    return this;
  }
  keepUntold(this[SEAL], chunk);
  tellUntold(this[SEAL]);
  swallow(this, typeof chunk === 'function' ? chunk : encoding, callback);
  return this;
}

/**
 * Has the guards look at the answer, once, before any of it leaves. False: it was replaced, and the handler's bytes go
 * nowhere. The head is dressed later, in writeHead: until then other middleware may still add a cookie.
 */
function mayLeave(response: SealedResponse, head: ResponseHead = response): boolean {
  const seal = response[SEAL];
  if (seal.replaced) return false;
  if (seal.judged || response.headersSent || isGone(response.req)) return true;
  seal.judged = true;
  const { method, url } = response.req;
  if (method !== seal.exchange.request.method || url !== seal.exchange.target)
    noteChanges(seal.layer, seal.exchange, response.req);
  const refusal = seal.layer.judge(seal.exchange, head);
  if (refusal === undefined) return true;
  const { failure } = seal.exchange;
  const isText = head.getHeader('content-encoding') === undefined;
  if (refusal.type === 'internal-error' && failure === undefined && isText && isDevelopment(seal))
    seal.untold = '';
  return !refuseAtWork(response, refusal);
}

/** Whether the client went away in the middle of its body: no answer would be read, and it is no crash. */
function isGone(request: IncomingMessage): boolean {
  return request.readableAborted && request.socket.destroyed;
}

/** Looks at a session that was read since the head left, once. */
function noteLateRead(response: SealedResponse): void {
  const seal = response[SEAL];
  if (seal.readByHead || !seal.exchange.sessionRead) return;
  seal.readByHead = true;
  seal.leaks = isLeak(response, seal.layer, seal.exchange);
}

function hasBytes(chunk: unknown): boolean {
  return chunk !== undefined && chunk !== null && typeof chunk !== 'function';
}

function isDevelopment({ layer }: Seal): boolean {
  return layer.policy.environment === 'development';
}

const MOST_UNTOLD = 2000;

function keepUntold(seal: Seal, chunk: unknown): void {
  if (seal.untold === undefined || seal.untold.length >= MOST_UNTOLD) return;
  const text = typeof chunk === 'string' ? chunk : chunk instanceof Uint8Array ? Buffer.from(chunk) : '';
  seal.untold = (seal.untold + text.toString()).slice(0, MOST_UNTOLD);
}

/** An error handler of the application's own that answers and logs nothing leaves its developer without a word. */
function tellUntold(seal: Seal): void {
  const { untold } = seal;
  if (untold === undefined) return;
  seal.untold = undefined;
  if (untold !== '')
    seal.layer.audit.write(NODE_EVENTS.errorUnseen, { reason: REPLACED, answer: untold }, seal.exchange);
}

const REPLACED = 'what the application answered, in development only, since the layer saw no error';

// A handler that writes on after its end: without a listener Node ends the process for it, and every visit with it.
function noteError(this: SealedResponse, error: Error): void {
  // What the writer is told is told to this listener too.
  if (error instanceof BulwarkError && error.code === 'ERR_BULWARK_ANSWER_REPLACED') return;
  const { layer, exchange } = this[SEAL];
  layer.audit.write(NODE_EVENTS.handlerFailed, { error }, exchange);
}

// The handler may wait for its callback: it is told, but its bytes are gone.
function swallow(response: ServerResponse, encoding: unknown, callback: unknown): void {
  const told = typeof encoding === 'function' ? encoding : callback;
  if (typeof told === 'function') {
    if (response.writableFinished) process.nextTick(told);
    else response.once('finish', told as () => void);
  }
}

/**
 * Headers handed to writeHead, as setHeader would have them, so that guards see all of them. In the shapes that Node.js
 * takes: an object, names and values in turn, or pairs; and a value may be a list in each of them.
 */
function putHeaders(response: ServerResponse, headers: HeadHeaders | null | undefined): void {
  if (headers === undefined || headers === null) return;
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers as OutgoingHttpHeaders)) {
      if (value !== undefined) response.setHeader(name, value);
    }
    return;
  }
  const list = headers as readonly unknown[];
  const pairs = Array.isArray(list[0]) ? (list as readonly HeaderPair[]) : pairsOf(list);
  for (const [name] of pairs) response.removeHeader(name);
  for (const [name, value] of pairs) {
    // A copy: Node.js keeps the list, and adds to it what is appended later.
    response.appendHeader(name, Array.isArray(value) ? [...(value as readonly string[])] : value);
  }
}

type HeaderPair = readonly [name: string, value: string | readonly string[]];

/** @throws TypeError ERR_INVALID_ARG_VALUE where the last name has no value, as Node.js has it */
function pairsOf(list: readonly unknown[]): readonly HeaderPair[] {
  if (list.length % 2 !== 0)
    throw Object.assign(new TypeError('writeHead was given a name without a value'), {
      code: 'ERR_INVALID_ARG_VALUE',
    });
  const pairs: HeaderPair[] = [];
  for (let index = 0; index < list.length; index += 2)
    pairs.push([list[index] as string, list[index + 1] as string]);
  return pairs;
}

/** More of a body than is worth reading only to throw it away. */
const UNREAD_BYTES = 64 * 1024;

function hasUnreadBytes({ complete }: IncomingMessage, { request, body }: Exchange): boolean {
  // What follows a refused upgrade is not HTTP.
  if (request.headers['upgrade'] !== undefined) return true;
  if (complete) return false;
  const { present, length } = body.declared;
  return present && (length === undefined || length > UNREAD_BYTES);
}
