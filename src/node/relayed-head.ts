/**
 * The head of an answer that is there as a whole, as a relay has it and Fastify and Hono hand it to `writeHead`, while the guards
 * dress it. Its lines stand behind the status line as in
 * outgoing-head.ts, beside what the guards add: to set each by `setHeader` first, or to have `writeHead` look for those by which
 * it frames a message in each of them, costs more than all that the guards do. Node.js is given those lines alone.
 */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { HeaderValue } from '../core/head.ts';
import {
  assertLine,
  assertName,
  type HeaderBlock,
  type HeaderKey,
  headerKey,
  HeaderLine,
} from '../core/header-line.ts';
import { KeyedLines } from '../core/keyed-lines.ts';
import { AddedLines } from './added-lines.ts';
import { FRAMING, type NodeHead, putText, takesLines, takeTextBack } from './outgoing-head.ts';

/**
 * Undefined where the response has headers by now, or somebody watches how they are set: they are set then.
 *
 * @throws RangeError where a line cannot stand in a head
 */
export function relayedHeadOf(
  response: ServerResponse,
  writeHead: unknown,
  status: number,
  lines: readonly string[],
): RelayedHead | undefined {
  if (!takesLines(response, writeHead) || response.getHeaderNames().length > 0) return undefined;
  return new RelayedHead(response, status, lines);
}

/**
 * The same of an object of texts, each name once. Undefined where it is of another shape, and where Node.js is to refuse it in its
 * own words.
 */
export function handedHeadOf(
  response: ServerResponse,
  writeHead: unknown,
  status: number,
  headers: OutgoingHttpHeaders | readonly unknown[] | null | undefined,
): RelayedHead | undefined {
  if (headers === undefined || headers === null || Array.isArray(headers)) return undefined;
  const head = relayedHeadOf(response, writeHead, status, []);
  try {
    return head?.takes(headers as OutgoingHttpHeaders) === true ? head : undefined;
  } catch {
    return undefined;
  }
}

/** Each is compared with those before it. */
const MOST_HANDED = 32;

const HEAD = Symbol('bulwark.relayed');

interface Relayed extends Pick<ServerResponse, 'getHeader' | 'hasHeader' | 'getHeaderNames' | 'getHeaders'> {
  [HEAD]?: RelayedHead;
}

/** Names and values in turn, and what the guards do to them. */
export class RelayedHead implements NodeHead {
  readonly part = 'answer';
  statusCode: number;
  readonly #response: ServerResponse;
  readonly #own = new KeyedLines();
  readonly #added = new AddedLines();
  /** Whether one of them was set, by whatever name: lines of ours that are only added are never taken away. */
  #isSet = false;

  constructor(response: ServerResponse, status: number, lines: readonly string[]) {
    this.#response = response;
    this.statusCode = status;
    for (let at = 0; at < lines.length; at += 2) this.#push(lines[at] ?? '', lines[at + 1] ?? '');
  }

  /**
   * Adds what an object has, where it has texts alone and no name twice.
   *
   * @throws RangeError where a line cannot stand in a head
   */
  takes(headers: OutgoingHttpHeaders): boolean {
    const names = Object.keys(headers);
    if (names.length > MOST_HANDED) return false;
    for (const name of names) {
      const value = headers[name];
      if (typeof value !== 'string' && typeof value !== 'number') return false;
      const text = typeof value === 'number' ? `${value}` : value;
      // Digits are fit for any line.
      const key = typeof value === 'number' ? assertName(name) : assertLine(name, text);
      if (this.#own.has(key)) return false;
      this.#own.push(key, name, text);
    }
    return true;
  }

  /** For `writeHead`: what says how the message is framed. */
  get lines(): string[] {
    const { keys, flat } = this.#own;
    const framing: string[] = [];
    for (let at = 0; at < keys.length; at += 1)
      if (FRAMING.has(keys[at] as HeaderKey)) framing.push(flat[2 * at] ?? '', flat[2 * at + 1] ?? '');
    return framing;
  }

  getHeader(key: HeaderKey): HeaderValue | undefined {
    const { keys, flat } = this.#own;
    let found: string | string[] | undefined;
    for (let at = 0; at < keys.length; at += 1) {
      if (keys[at] !== key) continue;
      const value = flat[2 * at + 1] ?? '';
      if (found === undefined) found = value;
      else if (typeof found === 'string') found = [found, value];
      else found.push(value);
    }
    return found ?? this.#added.find(key)?.value;
  }

  setHeader(name: string, value: HeaderValue): void {
    const key = headerKey(name);
    this.removeHeader(key);
    if (typeof value === 'string' && !FRAMING.has(key)) {
      this.#added.push(HeaderLine.of(name, value));
      this.#isSet = true;
    } else if (typeof value === 'object') for (const one of value) this.#push(name, one);
    else this.#push(name, String(value));
  }

  removeHeader(key: HeaderKey): void {
    this.#own.drop(key);
    if (this.#added.find(key) !== undefined) this.#added.keep((line) => line.key !== key);
  }

  addLine(line: HeaderLine): void {
    this.#added.push(line);
  }

  addBlock(block: HeaderBlock): boolean {
    for (const key of this.#own.keys) if (block.keys.has(key)) return false;
    return this.#added.pushBlock(block);
  }

  removeAll(names: ReadonlySet<HeaderKey>): void {
    this.#own.dropAll(names);
    if (this.#isSet) this.#added.keep(({ key }) => !names.has(key));
  }

  names(): readonly HeaderKey[] {
    return [...new Set([...this.#own.keys, ...this.#added.all.map(({ key }) => key)])];
  }

  attach(): void {
    putText(this.#response, this.#added.text + this.#ownText());
    const response = this.#response as Relayed;
    response[HEAD] = this;
    response.getHeader = getHeader;
    response.hasHeader = hasHeader;
    response.getHeaderNames = getHeaderNames;
    response.getHeaders = getHeaders;
  }

  detach(): void {
    takeTextBack(this.#response);
    const response: Partial<Relayed> = this.#response;
    delete response[HEAD];
    delete response.getHeader;
    delete response.hasHeader;
    delete response.getHeaderNames;
    delete response.getHeaders;
  }

  /** Looked through here, since Node.js is not shown it: a line end in a value would start another header. */
  #push(name: string, value: string): void {
    this.#own.push(assertLine(name, value), name, value);
  }

  #ownText(): string {
    const { keys, flat } = this.#own;
    let text = '';
    for (let at = 0; at < keys.length; at += 1)
      if (!FRAMING.has(keys[at] as HeaderKey)) text += `${flat[2 * at]}: ${flat[2 * at + 1]}\r\n`;
    return text;
  }
}

// What is asked of the response once its head is out.

function getHeader(this: Relayed, name: string): number | string | string[] | undefined {
  return this[HEAD]?.getHeader(headerKey(name)) as number | string | string[] | undefined;
}

function hasHeader(this: Relayed, name: string): boolean {
  return this[HEAD]?.getHeader(headerKey(name)) !== undefined;
}

function getHeaderNames(this: Relayed): string[] {
  return [...(this[HEAD]?.names() ?? [])];
}

function getHeaders(this: Relayed): OutgoingHttpHeaders {
  return Object.fromEntries(this.getHeaderNames().map((name) => [name, this.getHeader(name)]));
}
