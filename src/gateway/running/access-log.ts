/** A line of JSON for each answer: who asked for what, and what they got. */
import type { AuditSettings } from '../../audit/audit.options.ts';
import { Redactor } from '../../audit/redact.ts';
import { safeJson } from '../../audit/safe-json.ts';
import { principalOf } from '../../core/exchange.ts';
import { attachedView, View } from '../../layer/view.ts';
import type { SeenAnswer } from './answers.ts';

/** The part of a stream that lines are written to. */
export interface LogStream {
  readonly writableLength: number;
  write(text: string): boolean;
}

const FLUSH_MS = 200;
const FLUSH_BYTES = 65_536;
const MOST_WAITING_BYTES = 4 * 1_048_576;

/** Writes lines in batches, and leaves them out where their reader stalls: no answer waits for its line. */
export class AccessLog {
  readonly #stream: LogStream;
  readonly #service: string;
  readonly #redactor: Redactor;
  readonly #timer: NodeJS.Timeout;
  #lines = '';
  #left = 0;

  constructor(stream: LogStream, { service, redact }: Pick<AuditSettings, 'service' | 'redact'>) {
    this.#stream = stream;
    this.#service = service;
    this.#redactor = new Redactor(redact);
    this.#timer = setInterval(() => this.flush(), FLUSH_MS).unref();
  }

  write({ request, status, milliseconds, bytes }: SeenAnswer): void {
    if (this.#lines.length + this.#stream.writableLength > MOST_WAITING_BYTES) {
      this.#left += 1;
      return;
    }
    const view = attachedView(request);
    const exchange = view === undefined ? undefined : View.exchangeOf(view);
    const line = {
      time: new Date().toISOString(),
      log: 'access',
      service: this.#service,
      requestId: exchange?.id,
      client: exchange?.client.address ?? request.socket.remoteAddress,
      account: exchange === undefined ? undefined : principalOf(exchange)?.account,
      method: request.method,
      path: shownPath(request.url ?? ''),
      status,
      bytes,
      ms: Math.round(milliseconds),
      agent: request.headers['user-agent'],
      ...(this.#left > 0 && { heldBack: this.#left }),
    };
    this.#left = 0;
    this.#lines += `${safeJson(line, this.#redactor)}\n`;
    if (this.#lines.length > FLUSH_BYTES) this.flush();
  }

  flush(): void {
    if (this.#lines === '') return;
    this.#stream.write(this.#lines);
    this.#lines = '';
  }

  close(): void {
    clearInterval(this.#timer);
    this.flush();
  }
}

/** Without its query, which is where tokens lie. */
function shownPath(target: string): string {
  const query = target.search(/[?#]/);
  return query === -1 ? target : target.slice(0, query);
}
