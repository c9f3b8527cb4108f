/** What a file's calls hand to functions of the tree, and what its functions answer. */
import { calledFunction, givenTo, keyOf } from './called-function.ts';
import type { FlowBook } from './flow-book.ts';
import { originsOf } from './origins.ts';
import type { PythonFile } from './python-file.ts';

/** Notes it. */
export function noteCalls(file: PythonFile, book: FlowBook): void {
  for (const { call, scope } of file.allCalls()) {
    const target = calledFunction(call, scope, file);
    if (target === undefined) continue;
    for (const [place, origins] of givenTo(target, call, (value) => originsOf(value, scope, file))) {
      if (origins.length > 0) book.give(target.key, place, origins, file.source.where(call.at));
    }
  }
  for (const scope of file.scopes) {
    if (scope.kind !== 'function' || scope.returns.length === 0) continue;
    const origins = scope.returns.flatMap((one) => originsOf(one, scope, file));
    book.answer(keyOf(scope, file), origins.slice(0, 16));
  }
}
