/** Sends figures to a collector, once in a while. Whoever does not take them is told of once, and costs no request. */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { post, receiverUrl } from '../../audit/shipping/http-post.ts';
import type { Audit } from '../../core/events.ts';
import type { MetricSource } from '../../core/metrics.ts';
import { randomId } from '../../core/random.ts';
import { METRICS_EVENTS } from './metrics.events.ts';
import type { MetricsSettings } from './metrics.options.ts';
import { type MetricResource, toOtlpMetrics } from './otlp-metrics.ts';

/** Whose figures they are. */
export interface PushedFigures {
  readonly service: string;
  readonly families: MetricSource;
  readonly tell: Audit;
}

/** Sends until it is closed. */
export interface MetricPush {
  /** Sends once more, so that what was counted last is known. */
  close(): Promise<void>;
}

const LONGEST_CLOSE_MS = 3000;

/** Undefined where the policy names no receiver. */
export function pushMetrics(settings: MetricsSettings, figures: PushedFigures): MetricPush | undefined {
  return settings.otlp === undefined ? undefined : new OtlpPush(settings.otlp, settings, figures);
}

class OtlpPush implements MetricPush {
  readonly #to: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #figures: PushedFigures;
  readonly #resource: MetricResource;
  readonly #timer: NodeJS.Timeout;
  readonly #end = new AbortController();
  #sending: Promise<void> | undefined;
  #goneSince: number | undefined;

  constructor(otlp: string, { headers, every }: MetricsSettings, figures: PushedFigures) {
    this.#to = receiverUrl(otlp, '/v1/metrics');
    this.#headers = { 'content-type': 'application/json', ...headers };
    this.#figures = figures;
    const instance = `${hostname()}-${process.pid}-${randomId(6)}`;
    this.#resource = { service: figures.service, instance, startedAt: Date.now() };
    this.#timer = setInterval(() => void this.#begin(), every).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    // What is on its way when this is called counts too: a receiver that hangs holds up no end.
    await Promise.race([this.#sendLast(), sleep(LONGEST_CLOSE_MS, undefined, { ref: false })]);
    this.#end.abort();
  }

  async #sendLast(): Promise<void> {
    await this.#sending;
    if (!this.#end.signal.aborted) await this.#begin();
  }

  /** One at a time: a receiver that hangs must not be sent more and more. */
  #begin(): Promise<void> {
    this.#sending ??= this.#send().finally(() => (this.#sending = undefined));
    return this.#sending;
  }

  async #send(): Promise<void> {
    try {
      const body = toOtlpMetrics(this.#figures.families(), this.#resource, Date.now());
      await post(this.#to, this.#headers, JSON.stringify(body), this.#end.signal);
      this.#taken();
    } catch (error) {
      this.#failed(error);
    }
  }

  #taken(): void {
    if (this.#goneSince === undefined) return;
    this.#figures.tell(METRICS_EVENTS.back, { goneMs: Math.round(performance.now() - this.#goneSince) });
    this.#goneSince = undefined;
  }

  #failed(error: unknown): void {
    if (this.#goneSince !== undefined || this.#end.signal.aborted) return;
    this.#goneSince = performance.now();
    this.#figures.tell(METRICS_EVENTS.gone, { error: whatFailed(error) });
  }
}

/** Without what a receiver said: that may hold anything. */
function whatFailed(error: unknown): string {
  const { cause, message, name } = error as Error;
  const code = (cause as { code?: unknown } | undefined)?.code;
  if (typeof code === 'string') return code;
  return /^HTTP \d{3}$/.test(message) ? message : name;
}
