/**
 * The head of a response of Node.js while the guards dress it: what they add goes out as prebuilt text.
 *
 * A page has a dozen headers of the layer's. By `setHeader` they cost 2.6 us, as lines 0.1 us: Node checks every byte of
 * each name and value, folds the name and makes an entry, and `writeHead` takes all of it apart and together again. Yet
 * nearly all of it is the same in every answer. Each head of Node.js goes through one method, `_storeHeader`, which is
 * given the status line and puts the headers behind it. So the layer's lines are put behind the status line, and Node
 * does the rest as ever, with the application's headers alone.
 *
 * The method is not documented. Whether it works in this way is tried with the first answer; where it does not, where
 * middleware has put methods of its own over Node's, and with `BULWARK_PLAIN=1` (core/shortcuts.ts), the guards set headers
 * by `setHeader`, to the same effect.
 */
import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { HeaderValue, OutgoingHead } from '../core/head.ts';
import { type HeaderBlock, type HeaderKey, headerKey, HeaderLine } from '../core/header-line.ts';
import { TAKES_SHORTCUTS } from '../core/shortcuts.ts';
import { AddedLines } from './added-lines.ts';

/** A head that is being dressed. */
export interface NodeHead extends OutgoingHead {
  /** What `writeHead` is to be given, names and values in turn; undefined where the response has it by `setHeader`. */
  readonly lines?: string[];
  /** Hands what was added over to Node.js, which writes the head next. */
  attach(): void;
  /** Takes it back, where Node.js refused to write the head: the next one is dressed anew. */
  detach(): void;
}

/** The head of a response, as the guards dress it. `writeHead` is what is going to write it. */
export function headOf(response: ServerResponse, writeHead: unknown): NodeHead {
  return takesLines(response, writeHead)
    ? new SplicedHead(response as unknown as Splicing)
    : new PlainHead(response);
}

/** Whether lines can be put behind the status line of a response that `writeHead` is going to write. */
export function takesLines(response: ServerResponse, writeHead: unknown): boolean {
  splices ??= TAKES_SHORTCUTS && triesOut();
  return splices && isNodesOwn(response as unknown as Splicing, writeHead);
}

/** Has lines stand behind the status line of a response, once its head is written. Node.js does not know of them. */
export function putText(response: ServerResponse, text: string): void {
  const splicing = response as unknown as Splicing;
  splicing[TEXT] = text;
  splicing._storeHeader = storeWithText;
}

/** Takes them back. */
export function takeTextBack(response: ServerResponse): void {
  const splicing: Partial<Splicing> = response;
  delete splicing[TEXT];
  delete splicing._storeHeader;
}

/** The methods of a response that are looked at here, put over and taken away again. */
interface Methods {
  _storeHeader: (this: Splicing, firstLine: string, headers: unknown) => void;
  setHeader: (this: Splicing, name: string, value: HeaderValue) => unknown;
  getHeader: (this: Splicing, name: string) => HeaderValue | undefined;
  hasHeader: (this: Splicing, name: string) => boolean;
  getHeaders: (this: Splicing) => OutgoingHttpHeaders;
  getHeaderNames: (this: Splicing) => string[];
  getRawHeaderNames: (this: Splicing) => string[];
}

const LINES = Symbol('bulwark.lines');
const TEXT = Symbol('bulwark.text');

/** A response with lines that Node.js does not know of: middleware that asks it for headers has to be told of them. */
interface Splicing extends Omit<ServerResponse, keyof Methods>, Methods {
  [LINES]?: AddedLines;
  [TEXT]?: string | undefined;
}

const prototype = ServerResponse.prototype as unknown as Methods & { readonly writeHead: unknown };
/** Node's own, as they were at start-up. */
const nodes = {
  writeHead: prototype.writeHead,
  storeHeader: prototype._storeHeader as Methods['_storeHeader'] | undefined,
  setHeader: prototype.setHeader,
  getHeader: prototype.getHeader,
  hasHeader: prototype.hasHeader,
  getHeaders: prototype.getHeaders,
  getHeaderNames: prototype.getHeaderNames,
  getRawHeaderNames: prototype.getRawHeaderNames,
};

/** Middleware that watches or changes headers by methods of its own is to see all of them. */
function isNodesOwn(response: Splicing, writeHead: unknown): boolean {
  return (
    writeHead === nodes.writeHead &&
    response._storeHeader === nodes.storeHeader &&
    response.setHeader === nodes.setHeader &&
    response.getHeader === nodes.getHeader &&
    response.getHeaders === nodes.getHeaders
  );
}

/** Headers by which Node.js decides how a message is framed: those it has to see. */
export const FRAMING: ReadonlySet<HeaderKey> = new Set<HeaderKey>([
  'connection',
  'content-length',
  'date',
  'expect',
  'keep-alive',
  'trailer',
  'transfer-encoding',
]);

class SplicedHead implements NodeHead {
  readonly part = 'answer';
  readonly #response: Splicing;
  /** The names that the application has set, lower case: a handful, so that most questions end here. */
  #own: readonly string[];
  readonly #added = new AddedLines();
  /** Whether one of them was set, by whatever name: lines of ours that are only added are never taken away. */
  #isSet = false;
  /** What Node.js said last: it folds the name for each question, and several guards in turn ask for the type. */
  #asked: { readonly key: HeaderKey; readonly value: HeaderValue | undefined } | undefined;

  constructor(response: Splicing) {
    this.#response = response;
    this.#own = response.getHeaderNames();
  }

  get statusCode(): number {
    return this.#response.statusCode;
  }

  set statusCode(status: number) {
    this.#response.statusCode = status;
  }

  getHeader(key: HeaderKey): HeaderValue | undefined {
    if (!this.#isOwn(key)) return this.#added.find(key)?.value;
    if (this.#asked?.key !== key) this.#asked = { key, value: this.#response.getHeader(key) };
    return this.#asked.value;
  }

  setHeader(name: string, value: HeaderValue): void {
    const line = typeof value === 'string' ? HeaderLine.of(name, value) : undefined;
    const key = line?.key ?? headerKey(name);
    if (this.#isAdded(key)) this.#giveUp();
    if (line !== undefined && !this.#isOwn(key) && !FRAMING.has(key)) {
      this.#added.push(line);
      this.#isSet = true;
      return;
    }
    this.#response.setHeader(name, value);
    this.#lookAgain();
  }

  removeHeader(key: HeaderKey): void {
    if (this.#isAdded(key)) this.#giveUp();
    if (!this.#isOwn(key)) return;
    this.#response.removeHeader(key);
    this.#own = this.#own.filter((name) => name !== key);
    this.#asked = undefined;
  }

  addLine(line: HeaderLine): void {
    this.#added.push(line);
  }

  addBlock(block: HeaderBlock): boolean {
    const own = this.#own;
    for (let index = 0; index < own.length; index += 1)
      if (block.keys.has(own[index] as HeaderKey)) return false;
    return this.#added.pushBlock(block);
  }

  removeAll(names: ReadonlySet<HeaderKey>): void {
    if (this.#isSet && this.#added.all.some(({ key }) => names.has(key))) this.#giveUp();
    const own = this.#own;
    for (let index = 0; index < own.length; index += 1) {
      const key = own[index] as HeaderKey;
      if (names.has(key)) this.removeHeader(key);
    }
  }

  names(): readonly HeaderKey[] {
    return [...this.#own, ...this.#added.all.map(({ key }) => key)] as HeaderKey[];
  }

  attach(): void {
    const { text } = this.#added;
    if (text === '') return;
    const response = this.#response;
    response[LINES] = this.#added;
    putText(response as unknown as ServerResponse, text);
    response.getHeader = getHeader;
    response.hasHeader = hasHeader;
    response.getHeaders = getHeaders;
    response.getHeaderNames = getHeaderNames;
    response.getRawHeaderNames = getRawHeaderNames;
  }

  detach(): void {
    const response: Partial<Splicing> = this.#response;
    takeTextBack(this.#response as unknown as ServerResponse);
    delete response[LINES];
    delete response.getHeader;
    delete response.hasHeader;
    delete response.getHeaders;
    delete response.getHeaderNames;
    delete response.getRawHeaderNames;
  }

  #isOwn(key: string): boolean {
    const own = this.#own;
    for (let index = 0; index < own.length; index += 1) if (own[index] === key) return true;
    return false;
  }

  #isAdded(key: string): boolean {
    return this.#added.find(key) !== undefined;
  }

  /** Sets what was added so far by Node's own method: one of these lines is about to change. */
  #giveUp(): void {
    for (const { name, value } of this.#added.all) this.#response.setHeader(name, value);
    this.#added.keep(() => false);
    this.#lookAgain();
  }

  #lookAgain(): void {
    this.#own = this.#response.getHeaderNames();
    this.#asked = undefined;
  }
}

/** A head by the documented methods alone. */
class PlainHead implements NodeHead {
  readonly part = 'answer';
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get statusCode(): number {
    return this.#response.statusCode;
  }

  set statusCode(status: number) {
    this.#response.statusCode = status;
  }

  getHeader(key: HeaderKey): HeaderValue | undefined {
    return this.#response.getHeader(key);
  }

  setHeader(name: string, value: HeaderValue): void {
    this.#response.setHeader(name, value);
  }

  removeHeader(key: HeaderKey): void {
    this.#response.removeHeader(key);
  }

  addLine({ name, value }: HeaderLine): void {
    this.#response.setHeader(name, value);
  }

  removeAll(names: ReadonlySet<HeaderKey>): void {
    for (const key of this.#response.getHeaderNames())
      if (names.has(key as HeaderKey)) this.removeHeader(key as HeaderKey);
  }

  names(): readonly HeaderKey[] {
    return this.#response.getHeaderNames() as HeaderKey[];
  }

  attach(): void {
    // All of it is there.
  }

  detach(): void {
    // What is there is raised again, to the same values.
  }
}

function storeWithText(this: Splicing, firstLine: string, headers: unknown): void {
  nodes.storeHeader?.call(this, firstLine + (this[TEXT] ?? ''), headers);
}

function getHeader(this: Splicing, name: string): HeaderValue | undefined {
  return nodes.getHeader.call(this, name) ?? this[LINES]?.find(headerKey(name))?.value;
}

function hasHeader(this: Splicing, name: string): boolean {
  return nodes.hasHeader.call(this, name) || this[LINES]?.find(headerKey(name)) !== undefined;
}

function getHeaders(this: Splicing): OutgoingHttpHeaders {
  const headers = nodes.getHeaders.call(this);
  for (const { key, value } of this[LINES]?.all ?? []) headers[key] = value;
  return headers;
}

function getHeaderNames(this: Splicing): string[] {
  return [...nodes.getHeaderNames.call(this), ...(this[LINES]?.all ?? []).map(({ key }) => key)];
}

function getRawHeaderNames(this: Splicing): string[] {
  return [...nodes.getRawHeaderNames.call(this), ...(this[LINES]?.all ?? []).map(({ name }) => name)];
}

/** Whether heads go through `_storeHeader` in this Node.js, and keep what stands behind their status line. */
let splices: boolean | undefined;

function triesOut(): boolean {
  if (typeof nodes.storeHeader !== 'function') return false;
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  response.setHeader('X-Own', 'a');
  const head = new SplicedHead(response as unknown as Splicing);
  head.addLine(HeaderLine.of('X-Added', 'b'));
  head.addLine(HeaderLine.of('X-More', 'c'));
  head.attach();
  response.writeHead(200);
  const { _header: written } = response as { _header?: unknown };
  return (
    typeof written === 'string' &&
    /^HTTP\/1\.1 200 OK\r\nX-Added: b\r\nX-More: c\r\nX-Own: a\r\n[^]*\r\n\r\n$/.test(written)
  );
}
