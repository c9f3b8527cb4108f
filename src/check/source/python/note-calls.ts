/** What a file's calls hand to functions of the tree, and what its functions answer. */
import { calledFunction, givenTo, keyOf } from './called-function.ts';
import type { FlowBook, Origin } from './flow-book.ts';
import { LEADING, originsOf } from './origins.ts';
import type { PythonFile } from './python-file.ts';

/** Notes it. */
export function noteCalls(file: PythonFile, book: FlowBook, isReached: boolean): void {
  for (const { call, scope } of file.allCalls()) {
    const given = call.args.flatMap(({ value }) => originsOf(value, scope, file));
    if (given.length === 0) continue;
    // A parameter brings something only where somebody hands it in.
    const isGiven = isReached || given.some(({ kind }) => kind !== 'parameter');
    const target = calledFunction(call, scope, file, isGiven);
    if (target === undefined) continue;
    const where = file.source.where(call.at);
    for (const [place, origins] of givenTo(target, call, (value) => originsOf(value, scope, file)).entries())
      if (origins.length > 0) book.give(target.key, place, origins, where);
  }
  for (const scope of file.scopes) {
    if (scope.kind !== 'function' || scope.returns.length === 0) continue;
    const of = (how?: typeof LEADING): readonly Origin[] => {
      const [only, ...more] = scope.returns.map((one) => originsOf(one, scope, file, how));
      return more.length === 0 ? (only ?? []) : [only ?? [], ...more].flat().slice(0, 16);
    };
    const [whole, leading] = [of(), of(LEADING)];
    const isSame = whole.length === leading.length && whole.every((one, at) => one === leading[at]);
    book.answer(keyOf(scope, file), { whole, leading: isSame ? whole : leading });
  }
}
