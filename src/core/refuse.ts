import type { Refusal } from './verdict.ts';

/** Takes the refusals of what a handler calls. The view of a request is one. */
export interface Refusable {
  /**
   * Logs a refusal and counts it for a guard. For rooms, not for handlers.
   *
   * @param ends - whether an error follows that ends the handler: a 500 that comes of it leaves as this refusal
   */
  refuse(guard: string, refusal: Refusal, ends: boolean): void;
}
