/** A response head that stands in no framework's object: of answers written by hand, and of hosts without a network. */
import { type HeaderKey, headerKey, type HeaderLine } from './header-line.ts';
import type { HeadPart, HeaderValue, OutgoingHead } from './head.ts';

/** Names and values in the order in which they came, each name in the case it was set in. */
export class ListedHead implements OutgoingHead {
  readonly part: HeadPart;
  readonly statusCode: number;
  readonly #lines = new Map<HeaderKey, readonly [name: string, value: HeaderValue]>();

  constructor(
    statusCode: number,
    headers: Iterable<readonly [name: string, value: HeaderValue]> = [],
    part: HeadPart = 'answer',
  ) {
    this.part = part;
    this.statusCode = statusCode;
    for (const [name, value] of headers) this.setHeader(name, value);
  }

  /** One pair for each line that goes out. */
  get lines(): readonly (readonly [name: string, value: string])[] {
    return [...this.#lines.values()].flatMap(([name, value]) =>
      (typeof value === 'object' ? value : [value]).map((one) => [name, String(one)] as const),
    );
  }

  /** What was set under a name, in any case; undefined where nothing was. */
  getHeader(key: string): HeaderValue | undefined {
    return this.#lines.get(headerKey(key))?.[1];
  }

  /** Sets a header, in the place of an earlier one of its name. */
  setHeader(name: string, value: HeaderValue): void {
    this.#lines.set(headerKey(name), [name, value]);
  }

  /** Takes a header away, with all of its lines. */
  removeHeader(key: string): void {
    this.#lines.delete(headerKey(key));
  }

  /** Sets a header to one line that is checked already. */
  addLine({ name, value }: HeaderLine): void {
    this.setHeader(name, value);
  }

  /** Takes away what is there of these names. */
  removeAll(names: ReadonlySet<HeaderKey>): void {
    for (const name of this.#lines.keys()) if (names.has(name)) this.#lines.delete(name);
  }

  /** The names that are there, in lower case. */
  names(): readonly HeaderKey[] {
    return [...this.#lines.keys()];
  }
}
