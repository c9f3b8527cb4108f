/** How the functions of a file are known in the book: each text and each list once, however many calls name them. */
import { ownCopy } from '../own-copy.ts';
import type { Scope } from './ast.ts';
import type { Origin } from './flow-book.ts';

interface Known {
  readonly key: string;
  readonly parameters: (readonly Origin[])[];
}

/** Those of one file. */
export class FunctionKeys {
  readonly #path: string;
  readonly #known = new Map<Scope, Known>();

  constructor(path: string) {
    this.#path = path;
  }

  keyOf(scope: Scope): string {
    return this.#of(scope).key;
  }

  /** What a parameter brings. */
  parameter(scope: Scope, place: number): readonly Origin[] {
    const { key, parameters } = this.#of(scope);
    return (parameters[place] ??= [{ kind: 'parameter', of: key, place }]);
  }

  #of(scope: Scope): Known {
    let known = this.#known.get(scope);
    if (known === undefined)
      this.#known.set(scope, (known = { key: ownCopy(`${this.#path}:${scope.at}`), parameters: [] }));
    return known;
  }
}
