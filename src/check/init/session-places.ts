/** Where express-session stays: each place that is understood all the same, with its line, for whoever moves them by hand. */
import { inOrder } from '../fix/edit.ts';
import type { Moved } from './moved.ts';
import { placeOf } from './wiring.ts';

/** More than these nobody copies from a terminal. */
const MOST = 20;

/** Says them behind what was left already. */
export function sayPlaces(moved: Moved): void {
  let left = MOST;
  const said = new Set<string>();
  for (const [module, edits] of moved.wouldBe) {
    for (const { from, to, text } of inOrder(edits)) {
      const line = /(?:await )?bulwark\.of\([^\n]*/.exec(text)?.[0];
      const key = `${placeOf(module, { from, to })} ${line}`;
      if (line === undefined || said.has(key)) continue;
      said.add(key);
      if (left === 0) return;
      left -= 1;
      moved.leave(module, { from, to }, line.endsWith(', ') ? `${line}value);` : line);
    }
  }
}
