/** A head as a guard in `observe` is given it: the guard can read it, and each change is noted instead of made. */
import type { HeadPart, HeaderValue, OutgoingHead } from '../core/head.ts';
import { type HeaderKey, headerKey, type HeaderLine } from '../core/header-line.ts';

/** What a guard would do to a header: set one that is not there, change one that is, take one away or lines of it. */
export type ChangeKind = 'set' | 'change' | 'remove';

/** What a guard would do, as the log says it: never what a header says. */
export type Change = `${ChangeKind} ${string}`;

/** The head of an answer under a guard that only observes. */
export class ObservedHead implements OutgoingHead {
  readonly #head: OutgoingHead;
  readonly changes: Change[] = [];

  constructor(head: OutgoingHead) {
    this.#head = head;
  }

  get part(): HeadPart {
    return this.#head.part;
  }

  get statusCode(): number {
    return this.#head.statusCode;
  }

  getHeader(key: HeaderKey): HeaderValue | undefined {
    return this.#head.getHeader(key);
  }

  setHeader(name: string, value: HeaderValue): void {
    const key = headerKey(name);
    const before = linesOf(this.#head.getHeader(key));
    const after = linesOf(value);
    if (before.length === 0) this.#note('set', key);
    else if (after.length < before.length) this.#note('remove', key);
    else if (after.some((line, index) => line !== before[index])) this.#note('change', key);
  }

  removeHeader(key: HeaderKey): void {
    if (this.#head.getHeader(key) !== undefined) this.#note('remove', key);
  }

  addLine({ key }: HeaderLine): void {
    this.#note('set', key);
  }

  removeAll(names: ReadonlySet<HeaderKey>): void {
    for (const name of this.#head.names()) if (names.has(name)) this.#note('remove', name);
  }

  names(): readonly HeaderKey[] {
    return this.#head.names();
  }

  #note(kind: ChangeKind, key: HeaderKey): void {
    this.changes.push(`${kind} ${key}`);
  }
}

function linesOf(value: HeaderValue | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'object' ? value : [String(value)];
}
