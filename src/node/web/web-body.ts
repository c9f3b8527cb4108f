/** The body of a `Request`, as guards are given it, and the request that the handler gets when they are done. */
import { type Body, type DeclaredBody, declaredBody, type PieceJudge } from '../../core/body.ts';
import { BulwarkError } from '../../core/errors.ts';
import type { Exchange, Lifeline, RequestFacts } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import type { Refusal, Verdict } from '../../core/verdict.ts';
import { bodyLimitOf, bodyTooLarge } from '../../controls/firewall/body.ts';
import type { Layer } from '../../layer/layer.ts';
import { LAYER_FIRST, tooLarge } from '../request-body.ts';

interface Judge {
  readonly guard: Pick<Guard, 'name' | 'mode'>;
  readonly look: PieceJudge;
  done: boolean;
}

type Reader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;

/** One is made for each exchange. Nothing is read before somebody asks for it. */
export class WebBody implements Body, Lifeline {
  readonly #request: Request;
  readonly #layer: Layer;
  readonly #facts: RequestFacts;
  #declared: DeclaredBody | undefined;
  #exchange: Exchange | undefined;
  #reader: Reader | undefined;
  /** What was read ahead, and whether that is all. */
  readonly #ahead: Uint8Array<ArrayBuffer>[] = [];
  #isWhole = false;
  #bytes = 0;
  #taken = false;
  readonly #judges: Judge[] = [];
  #refused: Refusal | undefined;
  #unfollow: (() => void) | undefined;
  #isOver = false;

  constructor(request: Request, layer: Layer, facts: RequestFacts) {
    this.#request = request;
    this.#layer = layer;
    this.#facts = facts;
  }

  get declared(): DeclaredBody {
    return (this.#declared ??= declaredBody(this.#facts.headers));
  }

  get begun(): boolean {
    return !this.#taken && this.declared.present && this.#request.bodyUsed && this.#reader === undefined;
  }

  /** What stopped the body on its way, where something did: answered in place of whatever the handler made of it. */
  get refused(): Refusal | undefined {
    return this.#refused;
  }

  /** Whether the answer is out, as far as that was watched. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether a signal was asked for, which ends with the answer. */
  get followed(): boolean {
    return this.#unfollow !== undefined;
  }

  /** The exchange that this is the body of. */
  belongsTo(exchange: Exchange): void {
    this.#exchange = exchange;
  }

  async peek(limit: number): Promise<Buffer | undefined> {
    const { present, length = 0 } = this.declared;
    if (this.#taken) throw new BulwarkError('ERR_BULWARK_BODY_TAKEN', TAKEN);
    if (!present) return Buffer.alloc(0);
    if (this.begun) throw new BulwarkError('ERR_BULWARK_BODY_READ', LAYER_FIRST);
    if (length > limit) return undefined;
    while (!this.#isWhole && this.#bytes <= limit) {
      try {
        const piece = await this.#readPiece();
        if (piece !== undefined) this.#ahead.push(piece);
      } catch {
        // Its client went away: there is nobody who could be told.
        return undefined;
      }
    }
    return this.#bytes > limit ? undefined : Buffer.concat(this.#ahead);
  }

  judge(guard: Pick<Guard, 'name' | 'mode'>, look: PieceJudge): Verdict {
    if (this.#taken) throw new BulwarkError('ERR_BULWARK_BODY_TAKEN', TAKEN);
    for (const piece of this.#ahead) {
      const verdict = look(piece);
      if (verdict !== undefined) return verdict;
    }
    if (this.#isWhole || !this.declared.present) return look(null);
    this.#judges.push({ guard, look, done: false });
    return undefined;
  }

  take(): AsyncIterable<Uint8Array> {
    if (this.#taken) throw new BulwarkError('ERR_BULWARK_BODY_TAKEN', TAKEN);
    if (this.begun) throw new BulwarkError('ERR_BULWARK_BODY_READ', LAYER_FIRST);
    this.#taken = true;
    return this.#pieces();
  }

  /**
   * The request for the handler: the very one that came, where nobody has read of it, looks at it or has to count it; otherwise
   * one like it, with what was read put back. A length that is declared is counted too: whoever made the request may have written
   * one that its body does not have.
   */
  handed(): Request {
    const { method, headers, signal, url } = this.#request;
    if (this.#taken) return new Request(url, { method, headers: withoutBody(headers), signal });
    const counts = this.#request.body !== null && this.#limit() !== undefined;
    if (this.#reader === undefined && this.#judges.length === 0 && !counts) return this.#request;
    const init: RequestInit & { duplex: 'half' } = {
      method,
      headers,
      signal,
      body: this.#stream(),
      duplex: 'half',
    };
    return new Request(url, init);
  }

  watch(exchange: Exchange): void {
    // Nobody would ever stop it.
    if (this.#isOver) return;
    const { signal } = this.#request;
    if (signal.aborted) {
      exchange.callOff('ERR_BULWARK_CLIENT_GONE');
      return;
    }
    // Once the head has left nobody signs in any more: a visitor has no session that could be ended.
    const mayEnd = !exchange.headSent || exchange.session !== undefined;
    if (mayEnd) this.#unfollow = this.#layer.sessions.follow(exchange);
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** The answer is out: nobody is told any more. */
  over(): void {
    this.#isOver = true;
    this.#unfollow?.();
    this.#request.signal.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => {
    this.#unfollow?.();
    this.#exchange?.callOff('ERR_BULWARK_CLIENT_GONE');
  };

  /** Bytes that may come; undefined where nobody counts them. None where the guards were told that there are none. */
  #limit(): number | undefined {
    const { body } = this.#layer.policy;
    if (body.mode === 'off' || this.#exchange === undefined) return undefined;
    return this.declared.present ? bodyLimitOf(this.#exchange, body) : 0;
  }

  async #readPiece(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.#reader ??= this.#request.body?.getReader();
    const next = await this.#reader?.read();
    if (next === undefined || next.done) {
      this.#isWhole = true;
      return undefined;
    }
    this.#bytes += next.value.byteLength;
    return next.value;
  }

  async *#pieces(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const ahead = this.#ahead.splice(0);
    for (const piece of ahead) yield piece;
    while (!this.#isWhole) {
      const piece = await this.#next();
      if (piece === undefined) return;
      yield piece;
    }
  }

  /** The next piece once it is counted and looked at. */
  async #next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const piece = await this.#readPiece();
    const limit = this.#limit();
    if (piece !== undefined && limit !== undefined && this.#bytes > limit) {
      const refusal = bodyTooLarge(limit);
      if (this.#stops({ name: 'body', mode: this.#layer.policy.body.mode }, refusal)) throw tooLarge(limit);
    }
    for (const judge of this.#judges) {
      const refusal = judge.done ? undefined : judge.look(piece ?? null);
      if (refusal === undefined) continue;
      judge.done = true;
      if (this.#stops(judge.guard, refusal))
        throw new BulwarkError(
          'ERR_BULWARK_BODY_REFUSED',
          `the guard ${judge.guard.name} refused the request body`,
        );
    }
    return piece;
  }

  #stops({ name, mode }: Pick<Guard, 'name' | 'mode'>, refusal: Refusal): boolean {
    const observed = mode === 'observe';
    if (this.#exchange !== undefined) this.#layer.report(this.#exchange, name, refusal, observed);
    if (observed) return false;
    this.#refused ??= refusal;
    void this.#reader?.cancel().catch(() => undefined);
    return true;
  }

  #stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const pieces = this.#pieces();
    return new ReadableStream(
      {
        async pull(controller) {
          const { done, value } = await pieces.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        },
        cancel: async (reason) => {
          await this.#reader?.cancel(reason);
        },
      },
      // Nothing is read before the handler asks: who does not want a body pays for none.
      { highWaterMark: 0 },
    );
  }
}

const TAKEN =
  'the body of this request was taken already: have one guard take it, after what peeks, and put what it made of it into a slot';

const OF_A_BODY = [
  'content-length',
  'transfer-encoding',
  'content-type',
  'content-encoding',
  'expect',
  'trailer',
];

function withoutBody(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of OF_A_BODY) kept.delete(name);
  return kept;
}
