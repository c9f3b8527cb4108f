/** Longer than any name there is. The work grows with the length, and a name may be what a stranger sent. */
const LONGEST = 100;

/** The known name closest to a misspelt one, if any is close enough to be meant. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST) return undefined;
  // A third of the letters may be wrong, and always one: `sesion` finds `session`, `xyz` finds nothing.
  const tolerated = Math.max(1, Math.floor(name.length / 3));
  let best: string | undefined;
  let bestDistance = tolerated + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, substitutions and swaps of neighbours between two words (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const steps = [
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        swapped ? (beforePrevious[column - 2] ?? 0) + 1 : Infinity,
      ];
      current.push(Math.min(...steps));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
