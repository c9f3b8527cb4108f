/** The head of a request to an upstream, as a guard in `observe` is given it: each change is noted instead of made. */
import type { ForwardHead } from '../core/forward-head.ts';
import { type HeaderKey, headerKey } from '../core/header-line.ts';
import type { Change } from './observed-head.ts';

/** Notes hold only names that the guard itself knows: a client cannot make them grow. */
export class ObservedForward implements ForwardHead {
  readonly #head: ForwardHead;
  readonly changes: Change[] = [];

  constructor(head: ForwardHead) {
    this.#head = head;
  }

  get(name: HeaderKey): string | undefined {
    return this.#head.get(name);
  }

  has(name: HeaderKey): boolean {
    return this.#head.has(name);
  }

  hasFamily(prefix: HeaderKey): boolean {
    return this.#head.hasFamily(prefix);
  }

  set(name: string, value: string): void {
    const key = headerKey(name);
    if (this.#head.get(key) === value) return;
    this.changes.push(`${this.#head.has(key) ? 'change' : 'set'} ${key}`);
  }

  remove(name: HeaderKey): void {
    if (this.#head.has(name)) this.changes.push(`remove ${name}`);
  }

  removeAll(names: ReadonlySet<HeaderKey>): void {
    for (const name of names) this.remove(name);
  }

  removeFamily(prefix: HeaderKey): void {
    if (this.#head.hasFamily(prefix)) this.changes.push(`remove ${prefix}*`);
  }
}
