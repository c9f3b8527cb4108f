/** A known failure as a test: it passes with the control on, and is seen to fail with the control off, every time. */
import { holds, type Sides } from '../../src/testing/holds.ts';

export type { Starts, Subject } from '../../src/testing/holds.ts';

/**
 * Registers a test of line `number` of docs/manual/past-failures.md.
 *
 * @param fact - what holds under the layer, in words
 */
export function pastFailure<S extends object>(number: number, fact: string, sides: Sides<S>): void {
  holds(`past failure ${number}: ${fact}`, sides);
}
