/** What is remembered of one value never hides another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlowBook, type Origin } from './flow-book.ts';

const FUNCTIONS = 4;
const WHERE = { file: 'a.py', line: 1, column: 1 };

/** The same numbers each time. */
function drawer(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(state / 65_536) % below;
  };
}

/** Functions that hand on to each other what they are given, and answer it, in rings too; a few values come from outside. */
function noted(seed: number): { readonly book: FlowBook; readonly cut: Set<string> } {
  const draw = drawer(seed);
  const cut = new Set<string>();
  const book = new FlowBook((path) => cut.add(path));
  const parameter = (): Origin => ({ kind: 'parameter', of: `a.py:${draw(FUNCTIONS)}`, place: draw(2) });
  const origin = (depth = 0): Origin => {
    const kind = draw(10);
    if (kind === 0) return { kind: 'input', where: WHERE, what: 'request.args' };
    if (kind < 6 && depth < 2) {
      const given = draw(2) === 0 ? [[origin(depth + 1)]] : [[], [origin(depth + 1)]];
      return { kind: 'result', of: `a.py:${draw(FUNCTIONS)}`, where: WHERE, given };
    }
    return parameter();
  };
  for (let give = 4 + draw(10); give > 0; give -= 1)
    book.give(`a.py:${draw(FUNCTIONS)}`, draw(2), [origin()], WHERE);
  for (let answer = 2 + draw(FUNCTIONS); answer > 0; answer -= 1)
    book.answer(`a.py:${draw(FUNCTIONS)}`, [origin(), parameter()]);
  return { book, cut };
}

test('each place is reached in one run with all others as it is by itself, in rings of functions too', () => {
  const places = Array.from({ length: FUNCTIONS * 2 }, (_, at) => ({ of: `a.py:${at >> 1}`, place: at & 1 }));
  let reached = 0;
  for (let seed = 1; seed <= 600; seed += 1) {
    const together = noted(seed);
    const all = new Set<number>();
    for (const [at, one] of places.entries())
      together.book.watch({ origins: [{ kind: 'parameter', ...one }], onReached: () => all.add(at) });
    together.book.settle();
    for (const [at, one] of places.entries()) {
      const alone = noted(seed);
      let isReached = false;
      alone.book.watch({ origins: [{ kind: 'parameter', ...one }], onReached: () => (isReached = true) });
      alone.book.settle();
      assert.equal(all.has(at), isReached, `seed ${seed}, place ${at}`);
      assert.equal(together.cut.size + alone.cut.size, 0);
    }
    reached += all.size;
  }
  assert.ok(reached > 200 && reached < 600 * places.length - 200, `${reached}`);
});

test('a value that is handed on by many functions in many ways is followed once', () => {
  const cut: string[] = [];
  const book = new FlowBook((path) => cut.push(path));
  // Two calls in each of twenty functions: a million ways, and none from outside.
  for (let at = 0; at < 20; at += 1)
    for (const place of [0, 1])
      for (const from of [0, 1])
        book.give(`a.py:${at}`, place, [{ kind: 'parameter', of: `a.py:${at + 1}`, place: from }], WHERE);
  book.watch({ origins: [{ kind: 'parameter', of: 'a.py:0', place: 0 }], onReached: () => assert.fail() });
  assert.deepEqual(book.unread(), []);
  book.settle();
  assert.deepEqual(cut, []);
});
