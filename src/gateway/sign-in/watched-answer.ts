/** Answers on their way to a client, of which the beginning is looked at: held back where what is seen decides, or in passing. */
import type { Socket } from 'node:net';
import type { AnswerHead } from '../upstream/answer-head.ts';
import type { RequestSink } from '../upstream/connection.ts';
import type { UpstreamFault } from '../upstream/fault.ts';
import type { UpstreamCall } from '../upstream/pool.ts';

/** Where an answer goes on to, and how its upstream is held up. */
export interface Onward extends RequestSink {
  readonly call: UpstreamCall | undefined;
}

/** Looks at an answer before any of it goes on. Never rejects. */
export interface AnswerJudge {
  /** Whether its body is looked at too. */
  readsBody(head: AnswerHead): boolean;
  judge(head: AnswerHead, body: readonly Buffer[]): Promise<void>;
}

const MOST_HELD = 65_536;

/** Holds an answer back until its head, and its body as far as 64 KB, are judged. */
export class HeldAnswer implements RequestSink {
  readonly #next: Onward;
  readonly #judge: AnswerJudge;
  /** What came so far. Undefined: it was judged, and everything goes on as it comes. */
  #held: (() => void)[] | undefined = [];
  #pieces: Buffer[] = [];
  #bytes = 0;
  #head: AnswerHead | undefined;
  #isJudged = false;

  constructor(next: Onward, judge: AnswerJudge) {
    this.#next = next;
    this.#judge = judge;
  }

  information(head: AnswerHead): void {
    this.#next.information(head);
  }

  head(head: AnswerHead): void {
    this.#head = head;
    this.#pass(() => this.#next.head(head));
    if (head.framing.kind === 'none' || !this.#judge.readsBody(head)) this.#begin();
  }

  data(bytes: Buffer, isLast: boolean): void {
    if (this.#held === undefined) {
      this.#next.data(bytes, isLast);
      return;
    }
    this.#held.push(() => this.#next.data(bytes, isLast));
    this.#pieces.push(bytes);
    this.#bytes += bytes.byteLength;
    if (this.#bytes >= MOST_HELD) this.#begin();
  }

  trailers(rawTrailers: readonly string[]): void {
    this.#pass(() => this.#next.trailers(rawTrailers));
  }

  end(isReusable: boolean): void {
    this.#pass(() => this.#next.end(isReusable));
    this.#begin();
  }

  upgraded(head: AnswerHead, rest: Buffer, socket: Socket): void {
    this.#next.upgraded(head, rest, socket);
  }

  /** What was cut is judged by what came of it. Where nothing came, there is nothing to judge. */
  failed(fault: UpstreamFault): void {
    this.#pass(() => this.#next.failed(fault));
    if (this.#head === undefined) this.#release();
    else this.#begin();
  }

  #pass(run: () => void): void {
    if (this.#held === undefined) run();
    else this.#held.push(run);
  }

  #begin(): void {
    if (this.#isJudged || this.#head === undefined) return;
    this.#isJudged = true;
    this.#next.call?.pause();
    void this.#judge.judge(this.#head, this.#pieces).finally(() => this.#release());
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#pieces = [];
    // Before the rest: what it goes on to may hold it up again.
    this.#next.call?.resume();
    for (const run of held) run();
  }
}

/** Lets an answer by, and keeps its body as far as 256 KB for somebody who wants to see it whole. */
export class SeenAnswer implements RequestSink {
  readonly #next: RequestSink;
  readonly #wants: (head: AnswerHead) => boolean;
  readonly #see: (head: AnswerHead, body: readonly Buffer[]) => void;
  #head: AnswerHead | undefined;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(
    next: RequestSink,
    wants: (head: AnswerHead) => boolean,
    see: (head: AnswerHead, body: readonly Buffer[]) => void,
  ) {
    this.#next = next;
    this.#wants = wants;
    this.#see = see;
  }

  information(head: AnswerHead): void {
    this.#next.information(head);
  }

  head(head: AnswerHead): void {
    if (this.#wants(head)) this.#head = head;
    this.#next.head(head);
  }

  data(bytes: Buffer, isLast: boolean): void {
    if (this.#head !== undefined) {
      this.#pieces.push(bytes);
      this.#bytes += bytes.byteLength;
      if (this.#bytes > MOST_SEEN) this.#forget();
    }
    this.#next.data(bytes, isLast);
  }

  trailers(rawTrailers: readonly string[]): void {
    this.#next.trailers(rawTrailers);
  }

  end(isReusable: boolean): void {
    this.#next.end(isReusable);
    if (this.#head !== undefined) this.#see(this.#head, this.#pieces);
    this.#forget();
  }

  upgraded(head: AnswerHead, rest: Buffer, socket: Socket): void {
    this.#next.upgraded(head, rest, socket);
  }

  failed(fault: UpstreamFault): void {
    this.#forget();
    this.#next.failed(fault);
  }

  #forget(): void {
    this.#head = undefined;
    this.#pieces = [];
  }
}

const MOST_SEEN = 262_144;
