/**
 * Bounds how many refusals are written a second. A flood of refused requests would otherwise be a flood of log lines:
 * a full disk, or a bill, at the price of one packet each. What happened to accounts and sessions is no refusal, and
 * is always written.
 */
export class FloodGate {
  readonly #perSecond: number;
  #second = 0;
  #written = 0;
  #held = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /**
   * Asks for one more line.
   *
   * @param now - milliseconds since 1970
   * @returns how many were held back since the last one that was let through, or undefined: hold this one back
   */
  admit(now: number): number | undefined {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#written = 0;
    }
    if (this.#written >= this.#perSecond) {
      this.#held += 1;
      return undefined;
    }
    this.#written += 1;
    const held = this.#held;
    this.#held = 0;
    return held;
  }
}
