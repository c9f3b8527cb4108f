/** What hears an answer on its way and passes it on: for those who look at some of it. */
import type { Socket } from 'node:net';
import type { AnswerHead } from './upstream/answer-head.ts';
import type { RequestSink } from './upstream/connection.ts';
import type { UpstreamFault } from './upstream/fault.ts';

/** Passes everything on as it comes. */
export class PassingSink implements RequestSink {
  readonly next: RequestSink;

  constructor(next: RequestSink) {
    this.next = next;
  }

  information(head: AnswerHead): void {
    this.next.information(head);
  }

  head(head: AnswerHead): void {
    this.next.head(head);
  }

  data(bytes: Buffer, isLast: boolean): void {
    this.next.data(bytes, isLast);
  }

  trailers(rawTrailers: readonly string[]): void {
    this.next.trailers(rawTrailers);
  }

  end(reusable: boolean): void {
    this.next.end(reusable);
  }

  upgraded(head: AnswerHead, rest: Buffer, socket: Socket): void {
    this.next.upgraded(head, rest, socket);
  }

  failed(fault: UpstreamFault): void {
    this.next.failed(fault);
  }
}
