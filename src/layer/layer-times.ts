/** How long the layer takes, of a few requests: a clock that is read twice for each would be a cost of its own. */
import type { MaybePromise } from '../core/maybe-promise.ts';
import { type MetricFamily, TimeCounter } from '../core/metrics.ts';

/** One in so many, on average. Which ones is chance, so that no rhythm of requests is always or never seen. */
const ONE_IN = 16;
/** Seconds. The layer takes tens of microseconds; a store across a network, or a body that is read, milliseconds. */
const BOUNDS = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1,
];

/** Measures the layer. */
export class LayerTimes {
  readonly #request = new TimeCounter(BOUNDS);
  readonly #answer = new TimeCounter(BOUNDS);
  #left = 1;

  /** When it begins, or 0 where this one is not measured. */
  begin(): number {
    this.#left -= 1;
    if (this.#left > 0) return 0;
    this.#left = 1 + Math.floor(Math.random() * (2 * ONE_IN - 1));
    return performance.now();
  }

  /** Measures until a verdict is there. */
  decided(began: number, verdict: MaybePromise<unknown>): void {
    const note = (): void => this.#request.count(performance.now() - began);
    if (verdict instanceof Promise) verdict.then(note, note);
    else note();
  }

  /** Measures a head that was dressed. */
  dressed(began: number): void {
    this.#answer.count(performance.now() - began);
  }

  get family(): MetricFamily {
    return {
      name: 'bulwark_layer_seconds',
      type: 'histogram',
      help: `What the layer adds to a request and to the head of its answer, measured for one in ${ONE_IN}.`,
      bounds: BOUNDS,
      samples: [
        [{ phase: 'request' }, this.#request.figures],
        [{ phase: 'answer' }, this.#answer.figures],
      ],
    };
  }
}
