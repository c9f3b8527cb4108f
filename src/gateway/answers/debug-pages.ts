/** Pages for developers, which show code, settings and a console to whoever comes by: they do not leave. */
import { brotliDecompressSync, constants, gunzipSync, inflateSync } from 'node:zlib';
import { problemTypeOf } from '../../controls/errors/problem-types.ts';
import { eventOf } from '../../core/events.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Mode } from '../../core/guard.ts';
import { isPageType } from '../../core/page.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import type { Refusal } from '../../core/verdict.ts';
import { GATEWAY_EVENTS } from '../gateway.events.ts';
import { PassingSink } from '../passing-sink.ts';
import { type AnswerHead, fieldOf } from '../upstream/answer-head.ts';
import type { RequestSink } from '../upstream/connection.ts';
import type { UpstreamFault } from '../upstream/fault.ts';
import { type Debugger, debuggerOf, isDebuggerFile } from './debug-markers.ts';

/** Who gives an answer to a client, and can give another in its place. */
export interface ReplaceableSink extends RequestSink {
  readonly exchange: Exchange;
  /** Answers in the place of what came, none of which has left yet. */
  replace(refusal: Refusal): void;
  /** Tells the log what would have been answered in its place. */
  observe(guard: string, refusal: Refusal): void;
}

/** As much of an error as is looked at before any of it leaves. */
const MOST_HELD = 16_384;
const MOST_INFLATED = 262_144;

/** Holds back the head of what may be such a page until enough of its body is there. */
export class DebugPageSink extends PassingSink {
  readonly #mode: Mode;
  readonly #relay: ReplaceableSink;
  /** What waits: a head, and as much of its body as came. */
  #held: { readonly head: AnswerHead; readonly pieces: Buffer[]; bytes: number } | undefined;
  #isReplaced = false;

  /** @param next - who hears what is none; it passes it on to `relay` */
  constructor(mode: Mode, next: RequestSink, relay: ReplaceableSink) {
    super(next);
    this.#mode = mode;
    this.#relay = relay;
  }

  override head(head: AnswerHead): void {
    const { query } = this.#relay.exchange;
    if (mayBeOne(head)) this.#held = { head, pieces: [], bytes: 0 };
    else if (
      !isDebuggerFile(query, () => fieldOf(head, 'content-disposition')) ||
      !this.#tell(head, 'Werkzeug')
    )
      super.head(head);
  }

  override data(bytes: Buffer, isLast: boolean): void {
    const held = this.#held;
    if (held === undefined) {
      if (!this.#isReplaced) super.data(bytes, isLast);
      return;
    }
    held.pieces.push(bytes);
    held.bytes += bytes.length;
    // A page that is none of an error may come slowly: its first piece has the title.
    if (isLast || held.head.status < 400 || held.bytes >= MOST_HELD) this.#decide(isLast);
  }

  override trailers(rawTrailers: readonly string[]): void {
    this.#decide(false);
    if (!this.#isReplaced) super.trailers(rawTrailers);
  }

  override end(reusable: boolean): void {
    this.#decide(false);
    if (!this.#isReplaced) super.end(reusable);
  }

  override failed(fault: UpstreamFault): void {
    this.#decide(false);
    if (!this.#isReplaced) super.failed(fault);
  }

  #decide(isLast: boolean): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    const { head, pieces } = held;
    const [first] = pieces;
    const body = first !== undefined && pieces.length === 1 ? first : Buffer.concat(pieces);
    const found = debuggerOf(head.status, textOf(body, fieldOf(head, 'content-encoding')));
    if (found !== undefined && this.#tell(head, found)) return;
    super.head(head);
    if (body.length > 0) super.data(body, isLast);
  }

  /** Whether the answer is replaced. */
  #tell({ status }: AnswerHead, framework: Debugger): boolean {
    const refusal = refusalOf(status, framework);
    if (this.#mode === 'observe') {
      this.#relay.observe('debug-pages', refusal);
      return false;
    }
    this.#isReplaced = true;
    this.#relay.replace(refusal);
    return true;
  }
}

function refusalOf(answered: number, framework: Debugger): Refusal {
  const reason = 'the application runs with debugging on: its pages show code, settings and a console';
  const type = answered < 400 ? PROBLEMS.notFound : problemTypeOf(answered);
  return {
    ...type,
    status: answered < 400 ? type.status : answered,
    detail:
      answered >= 500 ? 'The error was on our side and has been recorded.' : 'There is nothing to see here.',
    event: eventOf(GATEWAY_EVENTS.debugPage, { reason, framework, answered }),
  };
}

/** Errors in HTML, or in the plain text that programs get; and any page, since a console is no error. */
function mayBeOne(head: AnswerHead): boolean {
  if (head.framing.kind === 'none') return false;
  const type = fieldOf(head, 'content-type') ?? '';
  return isPageType(type) || (head.status >= 400 && type.startsWith('text/plain'));
}

/** What bytes say, as far as they go: a body that is coded may be cut where it stands. */
function textOf(bytes: Buffer, coding: string | undefined): string {
  try {
    return inflated(bytes, coding?.trim().toLowerCase()).toString('latin1');
  } catch {
    // Of another coding, or larger than any of these pages: it is none.
    return '';
  }
}

function inflated(bytes: Buffer, coding: string | undefined): Buffer {
  const bound = { maxOutputLength: MOST_INFLATED };
  const cut = { ...bound, finishFlush: constants.Z_SYNC_FLUSH };
  if (coding === 'gzip') return gunzipSync(bytes, cut);
  if (coding === 'deflate') return inflateSync(bytes, cut);
  if (coding === 'br')
    return brotliDecompressSync(bytes, { ...bound, finishFlush: constants.BROTLI_OPERATION_FLUSH });
  return bytes;
}
