/** Several upstreams that run the same application: each request goes to the one with the least to do. */
import type { Socket } from 'node:net';
import type { UpstreamAddress } from '../options/upstream-address.ts';
import type { AnswerHead } from './answer-head.ts';
import type { RequestSink, UpstreamRequest } from './connection.ts';
import type { UpstreamFault } from './fault.ts';
import { Member, type MemberOptions, type MemberState } from './member.ts';
import type { UpstreamCall } from './pool.ts';

/** Sends requests to whichever upstream is there. */
export class UpstreamGroup {
  readonly #members: readonly Member[];
  /** Where the search begins: of several that have nothing to do, each in turn. */
  #turn = 0;

  constructor(addresses: readonly UpstreamAddress[], options: MemberOptions) {
    this.#members = addresses.map((address) => new Member(address, options));
  }

  /** Whether a request may ask for its connection to be kept: of one that does not keep it, it is closed here. */
  get keeps(): boolean {
    return this.#members.some(({ pool }) => pool.keeps);
  }

  /** Whether any of them is there. */
  get isUp(): boolean {
    return this.#members.some((member) => member.isUp);
  }

  get states(): readonly MemberState[] {
    return this.#members.map((member) => member.state);
  }

  /** Sends a request. The sink hears of its answer, or of its failure, and never within this call. */
  send(request: UpstreamRequest, sink: RequestSink): UpstreamCall {
    const member = this.#choose(undefined);
    // Where a body is a stream that is being sent, nobody can send it once more.
    const isRepeatable = request.body === undefined || Buffer.isBuffer(request.body);
    if (this.#members.length === 1 || !isRepeatable) return member.pool.send(request, sink);
    const call = new GroupCall(sink, () => this.#choose(member).pool.send(request, call));
    call.begin(member.pool.send(request, call));
    return call;
  }

  /** Ends what is unused, and what is used as soon as its answer is whole. */
  close(): void {
    for (const member of this.#members) member.close();
  }

  /**
   * The one with the fewest requests under way, of those that are there; where none is, of all: it may be back, and a visitor
   * is told the same either way.
   */
  #choose(but: Member | undefined): Member {
    const [first] = this.#members;
    if (first !== undefined && this.#members.length === 1) return first;
    const there = this.#members.filter((member) => member.isUp && member !== but);
    const candidates = there.length > 0 ? there : this.#members;
    this.#turn = (this.#turn + 1) % candidates.length;
    let best: Member | undefined;
    for (let step = 0; step < candidates.length; step += 1) {
      const member = candidates[(this.#turn + step) % candidates.length];
      if (member !== undefined && (best === undefined || member.pool.load < best.pool.load)) best = member;
    }
    if (best === undefined) throw new Error('a group has one upstream at least');
    return best;
  }
}

/** A request that goes to another upstream where the first one takes no connection: nothing of it was sent. */
class GroupCall implements UpstreamCall, RequestSink {
  readonly #sink: RequestSink;
  readonly #sendElsewhere: () => UpstreamCall;
  #call: UpstreamCall | undefined;
  #isSecond = false;
  #isPaused = false;

  constructor(sink: RequestSink, sendElsewhere: () => UpstreamCall) {
    this.#sink = sink;
    this.#sendElsewhere = sendElsewhere;
  }

  begin(call: UpstreamCall): void {
    this.#call = call;
    if (this.#isPaused) call.pause();
  }

  pause(): void {
    this.#isPaused = true;
    this.#call?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#call?.resume();
  }

  abort(): void {
    this.#call?.abort();
  }

  information(head: AnswerHead): void {
    this.#sink.information(head);
  }

  head(head: AnswerHead): void {
    this.#sink.head(head);
  }

  data(bytes: Buffer, isLast: boolean): void {
    this.#sink.data(bytes, isLast);
  }

  trailers(rawTrailers: readonly string[]): void {
    this.#sink.trailers(rawTrailers);
  }

  upgraded(head: AnswerHead, rest: Buffer, socket: Socket): void {
    this.#sink.upgraded(head, rest, socket);
  }

  end(reusable: boolean): void {
    this.#sink.end(reusable);
  }

  failed(fault: UpstreamFault): void {
    if (fault.kind !== 'connect' || this.#isSecond) {
      this.#sink.failed(fault);
      return;
    }
    this.#isSecond = true;
    this.begin(this.#sendElsewhere());
  }
}
