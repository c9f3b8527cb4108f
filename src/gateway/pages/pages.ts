/** The pages of an application that knows nothing of a content security policy: what they run is noted as they go by. */
import { isPageType } from '../../core/page.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import { PassingSink } from '../passing-sink.ts';
import { type AnswerHead, fieldOf } from '../upstream/answer-head.ts';
import type { RequestSink } from '../upstream/connection.ts';
import { type HtmlTokens, loadHtmlTokens } from './html-tokens.ts';
import { charsetOf, type PageCode, PageReader } from './page-code.ts';
import { pagesGuard } from './pages-guard.ts';
import { isReflected, sightOf } from './sighting.ts';
import { SeenCodes, type Sent, type Sighting } from './seen-code.ts';
import { SentReader } from './sent-code.ts';

/** What pages are looked at by. */
export interface PagesParts {
  /** The database; undefined where nothing is learned. */
  readonly seen: string | undefined;
  /** What is told where nothing can be learned, once. */
  readonly onFault: (error: unknown) => void;
}

const KEEP_EVERY_MS = 1_000;
/** Sights that wait to be kept. */
const MOST_WAITING = 500;
/** Pages a second that are read: a few milliseconds each, for what another page of the same kind shows as well. */
const MOST_PER_SECOND = 20;

/** Looks at pages, and at what visitors send, while a policy is tried out. */
export class Pages {
  readonly guard: Guard;
  readonly #onFault: (error: unknown) => void;
  #seen: SeenCodes | undefined;
  #tokens: HtmlTokens | undefined;
  #sightings: Sighting[] = [];
  #sent: Sent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #second = 0;
  #readThisSecond = 0;
  #isClosed = false;

  constructor({ seen, onFault }: PagesParts) {
    this.#onFault = onFault;
    this.guard = pagesGuard(seen !== undefined);
    if (seen !== undefined) void this.#begin(seen);
  }

  /** The body of a request, which is looked at as it is taken. */
  body(exchange: Exchange): AsyncIterable<Uint8Array> {
    const body = exchange.body.take();
    return this.#tokens === undefined ? body : this.#lookAt(exchange, body, this.#tokens);
  }

  /** Looks at the head of a request that has no body. */
  noteHead(exchange: Exchange): void {
    if (this.#tokens === undefined) return;
    const reader = new SentReader(this.#tokens);
    pushHead(reader, exchange);
    void this.#noteSent(exchange, reader);
  }

  /** Reads an answer as it goes by, where it is a page. */
  watch(exchange: Exchange, sink: RequestSink): RequestSink {
    return this.#tokens === undefined ? sink : new WatchedAnswer(sink, exchange, this);
  }

  /** A reader for a page, where one is to be read now. */
  readerFor(exchange: Exchange, head: AnswerHead): PageReader | undefined {
    const type = fieldOf(head, 'content-type');
    if (this.#tokens === undefined || head.status >= 500 || type === undefined || !isPageType(type))
      return undefined;
    const coding = fieldOf(head, 'content-encoding');
    if ((coding !== undefined && coding !== 'identity') || !this.#mayRead(exchange.now)) return undefined;
    try {
      return new PageReader(this.#tokens, (code) => this.#noteCode(exchange, code), charsetOf(type));
    } catch {
      // A charset that nobody has: a browser reads that page in another.
      return undefined;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#keep();
    this.#seen?.close();
    this.#stop();
  }

  async #begin(file: string): Promise<void> {
    try {
      const tokens = await loadHtmlTokens();
      if (this.#isClosed) return;
      this.#seen = new SeenCodes(file);
      this.#tokens = tokens;
    } catch (error) {
      this.#stop();
      this.#onFault(error);
    }
  }

  async *#lookAt(
    exchange: Exchange,
    body: AsyncIterable<Uint8Array>,
    tokens: HtmlTokens,
  ): AsyncGenerator<Uint8Array> {
    const reader = new SentReader(tokens);
    pushHead(reader, exchange);
    for await (const piece of body) {
      reader.push(piece);
      yield piece;
    }
    await this.#noteSent(exchange, reader);
  }

  async #noteSent({ now }: Exchange, reader: SentReader): Promise<void> {
    for (const opening of await reader.openings()) {
      if (this.#sent.length >= MOST_WAITING) return;
      this.#sent.push({ opening, at: now });
      this.#keepSoon();
    }
  }

  #noteCode(exchange: Exchange, code: PageCode): void {
    const sight = sightOf(exchange, code);
    if (sight === undefined || this.#sightings.length >= MOST_WAITING) return;
    this.#sightings.push({
      ...sight,
      client: exchange.client.key,
      path: exchange.path.slice(0, 120),
      isReflected: isReflected(exchange, code.text),
      at: exchange.now,
    });
    this.#keepSoon();
  }

  #mayRead(now: number): boolean {
    const second = Math.floor(now / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#readThisSecond = 0;
    }
    this.#readThisSecond += 1;
    return this.#readThisSecond <= MOST_PER_SECOND;
  }

  #keepSoon(): void {
    this.#timer ??= setTimeout(() => this.#keep(), KEEP_EVERY_MS).unref();
  }

  #keep(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const sightings = this.#sightings.splice(0);
    const sent = this.#sent.splice(0);
    if (sightings.length + sent.length === 0) return;
    try {
      this.#seen?.keep(sightings, sent);
    } catch (error) {
      this.#stop();
      this.#onFault(error);
    }
  }

  #stop(): void {
    this.#tokens = undefined;
    this.#seen = undefined;
  }
}

/** Hands a page to its reader, and goes on at once: whatever becomes of that, the visitor has the page. */
class WatchedAnswer extends PassingSink {
  readonly #exchange: Exchange;
  readonly #pages: Pages;
  #reader: PageReader | undefined;

  constructor(next: RequestSink, exchange: Exchange, pages: Pages) {
    super(next);
    this.#exchange = exchange;
    this.#pages = pages;
  }

  override head(head: AnswerHead): void {
    this.#reader = this.#pages.readerFor(this.#exchange, head);
    super.head(head);
  }

  override data(bytes: Buffer, isLast: boolean): void {
    super.data(bytes, isLast);
    this.#reader?.push(bytes);
  }

  override end(reusable: boolean): void {
    super.end(reusable);
    void this.#reader?.end();
  }
}

function pushHead(reader: SentReader, { request, target }: Exchange): void {
  reader.push(Buffer.from(target, 'latin1'));
  for (let at = 1; at < request.rawHeaders.length; at += 2)
    reader.push(Buffer.from(`\n${request.rawHeaders[at]}`, 'latin1'));
}
