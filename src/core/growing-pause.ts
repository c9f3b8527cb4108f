/** Pauses between wrong guesses: a person who mistypes feels none, a program that guesses comes to a few a day. */

const FIRST_MS = 1000;
const LONGEST_MS = 15 * 60_000;

/**
 * Milliseconds from one guess to the next: none at first, then doubled each time.
 *
 * @param wrong - how many were wrong
 * @param free - so many cost no pause: people mistype, and try their other passwords
 */
export function growingPause(wrong: number, free: number): number {
  return wrong < free ? 0 : Math.min(FIRST_MS * 2 ** (wrong - free), LONGEST_MS);
}
